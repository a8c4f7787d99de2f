/// Units that a request draws at one position of a table or of an index.
package struct Charge: Equatable, Sendable {
    package var resource: Resource
    package var access: Access
    /// Upper 64 bits of the hash of the partition key.
    package var position: UInt64
    package var units: Double

    package init(_ resource: Resource, _ access: Access, position: UInt64, units: Double) {
        self.resource = resource
        self.access = access
        self.position = position
        self.units = units
    }
}

/// A table's partitions and those of its global indexes: how the whole of them answers a read or a write.
///
/// A write is admitted only where the table's partition and those of all the indexes it touches admit it: an index that is too slow holds the
/// table's writes back (Developer Guide, "GSI throttling and back pressure").
package struct PartitionedTable: Sendable {
    package var table: PartitionSet
    package var indexes: [PartitionSet]

    package init(table: PartitionSet, indexes: [PartitionSet] = []) {
        self.table = table
        self.indexes = indexes
    }

    package subscript(resource: Resource) -> PartitionSet {
        get {
            switch resource {
            case .table: table
            case .index(let number): indexes[number]
            }
        }
        _modify {
            switch resource {
            case .table: yield &table
            case .index(let number): yield &indexes[number]
            }
        }
    }

    /// Draws all of the charges, or, when one is refused, none of them.
    /// - Throws: the first refusal.
    package mutating func admit(_ charges: some Collection<Charge>, at now: Int64) throws(Refusal) {
        for (drawn, charge) in charges.enumerated() {
            let cause = self[charge.resource].admit(charge.units, charge.access, position: charge.position, at: now)
            guard let cause else { continue }
            for previous in charges.prefix(drawn) {
                self[previous.resource].charge(-previous.units, previous.access, position: previous.position, at: now)
            }
            throw Refusal(charge.resource, charge.access, cause)
        }
    }

    /// Draws charges that cannot be refused any more, below zero if need be.
    package mutating func draw(_ charges: some Collection<Charge>, at now: Int64) {
        for charge in charges { self[charge.resource].charge(charge.units, charge.access, position: charge.position, at: now) }
    }

    /// Whether a request of which only the position is known may begin: there must be some units left.
    /// - Throws: the refusal.
    package mutating func begin(_ resource: Resource, _ access: Access, position: UInt64, at now: Int64) throws(Refusal) {
        try admit(CollectionOfOne(Charge(resource, access, position: position, units: .leastNonzeroMagnitude)), at: now)
    }
}
