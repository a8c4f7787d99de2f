import SaltmillBytes
import SaltmillPartitions

extension Engine {
    /// A table's name out of the name or ARN that a request gives.
    func tableName(of text: String) -> String {
        guard text.hasPrefix("arn:"), let slash = text.firstIndex(of: "/") else { return text }
        return String(text[text.index(after: slash)...])
    }

    /// The table that a request of the control plane names.
    func controlledTable(_ request: RequestBody) throws -> Table {
        var constraints = Constraints()
        guard let text = try request.string("TableName") else {
            throw ServiceError.validation("The parameter 'TableName' is required but was not present in the request")
        }
        let name = tableName(of: text)
        constraints.check(name: name, at: "tableName", minimum: 3)
        try constraints.finish()
        guard let table = tables[name] else { throw ServiceError.noTable(name) }
        logEntries.append(RequestLog.Entry(table: name))
        return table
    }

    func createTable(_ request: RequestBody) throws -> Answer {
        try request.allowOnly(TableCreation.parameters, .createTable)
        let assignment = TableCreation.Assignment(firstCollection: nextCollection, id: Self.uuid(), now: configuration.clock.epoch())
        let definition = try TableCreation.definition(request, assignment)
        guard tables[definition.name] == nil else { throw ServiceError.tableExists(definition.name) }
        let now = configuration.clock.monotonic()
        let table = Table(definition, contents: [Table.Contents](repeating: .init(), count: definition.indexes.count + 1))
        func partitions(_ throughput: Throughput, _ maximum: OnDemandMaximum) -> PartitionSet {
            var set = PartitionSet(throughput, physics: physics, at: now)
            set.setMaximum(maximum, at: now)
            return set
        }
        table.partitions = PartitionedTable(
            table: partitions(definition.throughput, definition.maximum),
            indexes: definition.globalIndexes.map { number in
                partitions(definition.indexes[number].throughput ?? definition.throughput, definition.indexes[number].maximum)
            })
        try save(table)
        tables[definition.name] = table
        nextCollection += UInt32(table.collections.count)
        return Answer(["TableDescription": describer.describe(table, status: "ACTIVE")])
    }

    /// Writes a table's definition to the store.
    func save(_ table: Table) throws { try store.setRecord(TableRecord(table).bytes, of: table.name) }

    private static func uuid() -> String {
        let digits = Array("0123456789abcdef")
        var text = ""
        for position in 0..<32 {
            if [8, 12, 16, 20].contains(position) { text.append("-") }
            switch position {
            case 12: text.append("4")
            case 16: text.append(digits[Int.random(in: 8...11)])
            default: text.append(digits[Int.random(in: 0...15)])
            }
        }
        return text
    }

    func describeTable(_ request: RequestBody) throws -> Answer {
        try request.allowOnly(["TableName"], .describeTable)
        return Answer(["Table": describer.describe(try controlledTable(request), status: "ACTIVE")])
    }

    func listTables(_ request: RequestBody) throws -> Answer {
        try request.allowOnly(["ExclusiveStartTableName", "Limit"], .listTables)
        var constraints = Constraints()
        let limit = try request.int("Limit") ?? 100
        if limit < 1 { constraints.violated("'\(limit)'", at: "limit", "have value greater than or equal to 1") }
        if limit > 100 { constraints.violated("'\(limit)'", at: "limit", "have value less than or equal to 100") }
        let start = try request.string("ExclusiveStartTableName")
        if let start { constraints.check(name: start, at: "exclusiveStartTableName", minimum: 3) }
        try constraints.finish()
        let names = tables.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let behind = names.drop { name in start.map { !$0.utf8.lexicographicallyPrecedes(name.utf8) } ?? false }
        let page = behind.prefix(limit)
        var members: [JSONValue.Member] = [.init("TableNames", .array(page.map { .string($0) }))]
        if page.count < behind.count, let last = page.last { members.append(.init("LastEvaluatedTableName", .string(last))) }
        return Answer(.object(members))
    }

    func deleteTable(_ request: RequestBody) throws -> Answer {
        try request.allowOnly(["TableName"], .deleteTable)
        let table = try controlledTable(request)
        guard !table.definition.deletionProtection else {
            throw ServiceError.validation(
                "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
        }
        try store.transaction {
            for collection in table.collections { try store.deleteAll(KeyRange(prefix: RowKey(collection: collection))) }
            try store.removeRecord(of: table.name, collections: table.collections)
        }
        tables[table.name] = nil
        return Answer(["TableDescription": describer.describe(table, status: "DELETING")])
    }
}
