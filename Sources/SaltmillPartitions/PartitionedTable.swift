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

    /// Draws a charge.
    /// - Throws: the refusal.
    package mutating func admit(_ charge: Charge, at now: Int64) throws(Refusal) {
        let cause = self[charge.resource].admit(charge.units, charge.access, position: charge.position, at: now)
        if let cause { throw Refusal(charge.resource, charge.access, cause) }
    }

    /// Draws all of the charges, or, when one is refused, none of them.
    /// - Throws: the first refusal.
    package mutating func admit(_ charges: [Charge], at now: Int64) throws(Refusal) {
        for index in charges.indices {
            do {
                try admit(charges[index], at: now)
            } catch {
                for drawn in charges[..<index] {
                    self[drawn.resource].charge(-drawn.units, drawn.access, position: drawn.position, at: now)
                }
                throw error
            }
        }
    }

    /// Draws charges that cannot be refused any more, below zero if need be.
    package mutating func draw(_ charges: [Charge], at now: Int64) {
        for charge in charges { self[charge.resource].charge(charge.units, charge.access, position: charge.position, at: now) }
    }

    /// Counts bytes that came to a position, or went: partitions that hold too many split.
    package mutating func stored(_ bytes: Int, in resource: Resource, position: UInt64, at now: Int64) {
        self[resource].stored(bytes, position: position, at: now)
    }

    /// Whether a request of which only the position is known may begin: there must be some units left.
    /// - Throws: the refusal.
    package mutating func begin(_ resource: Resource, _ access: Access, position: UInt64, at now: Int64) throws(Refusal) {
        try admit(Charge(resource, access, position: position, units: .leastNonzeroMagnitude), at: now)
    }

    /// Brings splits for heat and the growth of on-demand tables up to date, which otherwise happens with the next request.
    package mutating func advance(to now: Int64) {
        table.advance(to: now)
        for index in indexes.indices { indexes[index].advance(to: now) }
    }

    /// The splits since this was last asked for.
    package mutating func takeSplits() -> [(resource: Resource, split: PartitionSplit)] {
        var splits = table.takeSplits().map { (resource: Resource.table, split: $0) }
        for index in indexes.indices { splits += indexes[index].takeSplits().map { (resource: .index(index), split: $0) } }
        return splits
    }
}
