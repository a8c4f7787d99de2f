import SaltmillPartitions

/// A table at run time: its definition, its partitions and how much it holds.
final class Table {
    var definition: TableDefinition
    var partitions: PartitionedTable
    /// What the table holds, then what each index holds.
    var contents: [Contents]
    /// Up to where expired items have been looked for; nil where that begins from the start.
    var expiredUpTo: RowKey?

    /// What a table or index holds.
    struct Contents: Equatable {
        var items = 0
        var bytes = 0
    }

    /// A table whose partitions are still to be made.
    init(_ definition: TableDefinition, contents: [Contents]) {
        self.definition = definition
        self.contents = contents
        partitions = PartitionedTable(table: PartitionSet(definition.throughput, at: 0))
    }

    var name: String { definition.name }

    /// Numbers of the table's rows and of each index's entries in the store, in the order of ``contents``.
    var collections: [UInt32] { [definition.collection] + definition.indexes.map(\.collection) }

    /// The partitions of an index of ``TableDefinition/indexes``: a local index has its table's.
    func resource(ofIndex index: Int) -> Resource {
        guard definition.indexes[index].isGlobal else { return .table }
        return .index(definition.indexes[..<index].count { $0.isGlobal })
    }

    /// What the partitions of a table or index hold: local indexes lie in the table's.
    func bytes(of resource: Resource) -> Int {
        var bytes = resource == .table ? contents[0].bytes : 0
        for index in definition.indexes.indices where self.resource(ofIndex: index) == resource { bytes += contents[index + 1].bytes }
        return bytes
    }

    /// The name of a global index; nil for the table itself.
    func indexName(_ resource: Resource) -> String? {
        guard case .index(let number) = resource else { return nil }
        return index(number).name
    }

    /// The index that a global index's number means.
    func index(_ number: Int) -> IndexDefinition { definition.indexes[definition.globalIndexes[number]] }

    /// Attributes that name a row: the table's keys, and those of an index.
    func keys(index: Int?) -> [KeyAttribute] {
        var keys = definition.keys.attributes
        for key in index.map({ definition.indexes[$0].keys.attributes }) ?? [] where !keys.contains(key) { keys.append(key) }
        return keys
    }

    /// The names of the attributes that an index holds, if it does not hold them all.
    func attributes(heldBy index: IndexDefinition) -> [[UInt8]] {
        var held = (definition.keys.attributes + index.keys.attributes).map { Array($0.name.utf8) }
        if case .include(let attributes) = index.projection { held += attributes.map { Array($0.name.utf8) } }
        return held
    }
}
