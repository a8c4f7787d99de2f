import SaltmillPartitions

/// What a table is: all that a client set, and what the endpoint gave it.
struct TableDefinition: Sendable {
    var name: String
    /// Number of the table's rows in the store.
    var collection: UInt32
    /// A UUID: another table of the same name has another one.
    var id: String
    /// Epoch seconds.
    var created: Double
    /// In the order in which they were defined.
    var attributes: [KeyAttribute]
    var keys: KeySchema
    var indexes: [IndexDefinition]
    var throughput: Throughput
    var maximum = OnDemandMaximum()
    /// When the table became on-demand, in epoch seconds; nil for one that has always been provisioned.
    var onDemandSince: Double?
    var history = ThroughputHistory()
    var deletionProtection = false
    var settings = TableSettings()
    /// In the order in which they were set.
    var tags: [(key: String, value: String)] = []

    /// Positions in ``indexes`` of those with a throughput of their own, which are the global ones.
    var globalIndexes: [Int] { indexes.indices.filter { indexes[$0].isGlobal } }

    /// The key attributes that are still used, in the order in which they were defined.
    var usedAttributes: [KeyAttribute] {
        let used = keys.attributes + indexes.flatMap(\.keys.attributes)
        return attributes.filter { used.contains($0) }
    }

    var hasLocalIndexes: Bool { indexes.contains { !$0.isGlobal } }
}

/// A secondary index.
struct IndexDefinition: Sendable {
    var name: String
    /// Number of the index's entries in the store.
    var collection: UInt32
    var keys: KeySchema
    var projection: Projection
    /// Nil for a local index, which draws on the table's throughput.
    var throughput: Throughput?
    var maximum = OnDemandMaximum()
    var history = ThroughputHistory()

    var isGlobal: Bool { throughput != nil }
}

/// Which of an item's attributes an index holds, besides the keys.
enum Projection: Equatable, Sendable {
    case all
    case keysOnly
    case include([ProjectedAttribute])
}

/// A non-key attribute that an index holds.
struct ProjectedAttribute: Equatable, Sendable {
    var name: String
    /// The name as it stands in JSON, quotes excluded.
    var nameInJSON: [UInt8]

    init(_ name: String) {
        self.name = name
        nameInJSON = KeyAttribute(name, .string).nameInJSON
    }
}
