import SaltmillBytes
import SaltmillPartitions

/// A global index that an UpdateTable request creates or deletes.
enum IndexChange {
    case create(TableRequest.Index, attributes: [KeyAttribute])
    case delete(String)

    /// Nil where a request does neither.
    /// - Throws: a LimitExceededException for more than one.
    init?(_ request: RequestBody, _ constraints: inout Constraints) throws {
        let updates = try request.value("GlobalSecondaryIndexUpdates")?.expectArray() ?? []
        let changes = updates.filter { $0.member("Create") != nil || $0.member("Delete") != nil }
        guard let change = changes.first else { return nil }
        guard updates.count == 1 else {
            throw ServiceError.limitExceeded(
                "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table")
        }
        let place = "globalSecondaryIndexUpdates"
        if let create = change.member("Create") {
            let attributes = try request.value("AttributeDefinitions").map { try TableRequest.attributes($0, &constraints) } ?? []
            guard let index = try TableRequest.indexes(.array([create]), at: place, &constraints).first else { return nil }
            self = .create(index, attributes: attributes)
        } else {
            let name = try change.member("Delete")?.member("IndexName")?.expectString()
            if name == nil { constraints.violated("null", at: "\(place).1.member.delete.indexName", "not be null") }
            self = .delete(name ?? "")
        }
    }
}

extension Engine {
    /// Creates or deletes an index, its entries included; it must be called in a transaction of the store.
    /// - Parameter definition: the table's, as the rest of the request changes it.
    func apply(_ change: IndexChange, to table: Table, _ definition: inout TableDefinition) throws {
        switch change {
        case .create(let index, let attributes): try create(index, attributes, of: table, &definition)
        case .delete(let name): try delete(name, of: table, &definition)
        }
    }

    private func create(
        _ requested: TableRequest.Index, _ attributes: [KeyAttribute], of table: Table, _ definition: inout TableDefinition
    ) throws {
        guard !definition.indexes.contains(where: { $0.name == requested.name }) else {
            throw ServiceError.validation("Attempting to create an index which already exists")
        }
        guard definition.globalIndexes.count < TableCreation.maximumGlobalIndexes else {
            throw ServiceError.invalidParameter(
                "GlobalSecondaryIndex count exceeds the per-table limit of \(TableCreation.maximumGlobalIndexes)")
        }
        for attribute in attributes {
            guard let known = definition.attributes.first(where: { $0.name == attribute.name }) else {
                definition.attributes.append(attribute)
                continue
            }
            guard known == attribute else {
                throw ServiceError.invalidParameter("Cannot change the type of attribute \(attribute.name), which is part of a key")
            }
        }
        let mode: BillingMode = definition.throughput == .onDemand ? .payPerRequest : .provisioned
        if requested.maximum != OnDemandMaximum() { try TableCreation.checkMaximum(definition.throughput) }
        let throughput = try TableCreation.throughput(mode, requested.throughput, index: requested.name)
        let index = IndexDefinition(
            name: requested.name, collection: nextCollection, keys: try TableCreation.schema(requested.keys, definition.attributes),
            projection: requested.projection, throughput: throughput, maximum: requested.maximum)
        definition.indexes.append(index)
        definition.attributes = definition.usedAttributes

        let contents = try fill(index, of: table)
        nextCollection += 1
        var partitions = PartitionSet(throughput, physics: physics, at: configuration.clock.monotonic())
        partitions.setMaximum(index.maximum, at: configuration.clock.monotonic())
        table.definition.indexes.append(index)
        table.contents.append(contents)
        table.partitions.indexes.append(partitions)
    }

    /// Writes an entry for each item that has the index's keys, of their types.
    private func fill(_ index: IndexDefinition, of table: Table) throws -> Table.Contents {
        var contents = Table.Contents()
        try store.scan(KeyRange(prefix: RowKey(collection: table.definition.collection))) { key, _, json in
            storedReader.removeAll()
            var scanner = JSONScanner()
            let item = try storedReader.readMap(&scanner, json)
            let place = RowKey(bytes: key.array)
            let entry: IndexEntry?
            do {
                entry = try IndexEntry(of: item, in: storedReader.buffer, index, table.definition.keys, place: place)
            } catch is ServiceError {
                // An item that could not be written with the index there is left out of it, as the service does.
                return true
            }
            guard let entry else { return true }
            try store.put(entry.key, size: entry.size, item: entry.json.span)
            contents.count(from: nil, to: entry.size)
            return true
        }
        try store.setContents(contents, of: index.collection)
        return contents
    }

    private func delete(_ name: String, of table: Table, _ definition: inout TableDefinition) throws {
        guard let position = definition.indexes.firstIndex(where: { $0.name == name && $0.isGlobal }) else { throw ServiceError.noTable }
        let number = definition.globalIndexes.firstIndex(of: position) ?? 0
        let collection = definition.indexes[position].collection
        definition.indexes.remove(at: position)
        definition.attributes = definition.usedAttributes
        try store.deleteAll(KeyRange(prefix: RowKey(collection: collection)))
        try store.removeContents(of: [collection])
        table.definition.indexes.remove(at: position)
        table.contents.remove(at: position + 1)
        table.partitions.indexes.remove(at: number)
    }
}
