import SaltmillPartitions

/// A table at run time: its definition, its partitions and how much it holds.
final class Table {
    var definition: TableDefinition
    var partitions: PartitionedTable
    /// What the table holds, then what each index holds.
    var contents: [Contents]

    /// What a table or index holds.
    struct Contents: Equatable {
        var items = 0
        var bytes = 0
    }

    init(_ definition: TableDefinition, _ partitions: PartitionedTable, contents: [Contents]) {
        self.definition = definition
        self.partitions = partitions
        self.contents = contents
    }

    var name: String { definition.name }

    /// Numbers of the table's rows and of each index's entries in the store, in the order of ``contents``.
    var collections: [UInt32] { [definition.collection] + definition.indexes.map(\.collection) }

    /// The partitions of an index of ``TableDefinition/indexes``: a local index has its table's.
    func resource(ofIndex index: Int) -> Resource {
        guard definition.indexes[index].isGlobal else { return .table }
        return .index(definition.indexes[..<index].count { $0.isGlobal })
    }

    /// The index that a global index's number means.
    func index(_ number: Int) -> IndexDefinition { definition.indexes[definition.globalIndexes[number]] }
}
