import SaltmillBytes
import SaltmillPartitions

/// A table as the store keeps it: the CreateTable request that would make it, and what has come to it since.
struct TableRecord {
    var definition: TableDefinition
    /// Where the partitions of the table and of each global index begin; partitions that have split never merge.
    var partitionStarts: [[UInt64]]

    init(_ table: Table) {
        definition = table.definition
        partitionStarts = ([table.partitions.table] + table.partitions.indexes).map(\.starts)
    }

    /// - Throws: ``ServiceError`` or `JSONError` for bytes that ``bytes`` did not write.
    init(parsing bytes: [UInt8]) throws {
        let request = try RequestBody(bytes)
        guard let record = try request.value("Saltmill"), let collections = record["Collections"]?.array?.compactMap(\.int),
            let collection = collections.first, let id = record["TableId"]?.string, let created = record["Created"]?.double,
            let starts = record["Partitions"]?.array, let history = record["History"]?.array
        else { throw ServiceError.internalError("A table's record in the data file cannot be read") }
        let assignment = TableCreation.Assignment(firstCollection: UInt32(collection), id: id, now: created)
        definition = try TableCreation.definition(request, assignment)
        guard collections.count == definition.indexes.count + 1, history.count == collections.count else {
            throw ServiceError.internalError("A table's record in the data file has another number of indexes than the table")
        }
        definition.onDemandSince = record["OnDemandSince"]?.double
        definition.history = Self.history(history[0])
        for index in definition.indexes.indices {
            definition.indexes[index].collection = UInt32(collections[index + 1])
            definition.indexes[index].history = Self.history(history[index + 1])
        }
        partitionStarts = starts.map { ($0.array ?? []).compactMap { $0.string.flatMap { UInt64($0, radix: 16) } } }
        guard partitionStarts.count == definition.globalIndexes.count + 1, partitionStarts.allSatisfy({ $0.first == 0 }) else {
            throw ServiceError.internalError("A table's record in the data file has no partitions")
        }
    }

    private static func history(_ value: JSONValue) -> ThroughputHistory {
        ThroughputHistory(increased: value["Increased"]?.double, decreased: value["Decreased"]?.double)
    }

    var bytes: [UInt8] {
        var members: [JSONValue.Member] = [
            .init("TableName", .string(definition.name)),
            .init("AttributeDefinitions", TableDescriber.attributes(definition.attributes)),
            .init("KeySchema", TableDescriber.keySchema(definition.keys)),
            .init("DeletionProtectionEnabled", .bool(definition.deletionProtection)),
            .init("Tags", .array(definition.tags.map { ["Key": .string($0.key), "Value": .string($0.value)] })),
        ]
        if definition.throughput == .onDemand {
            members.append(.init("BillingMode", .string(BillingMode.payPerRequest.rawValue)))
        } else {
            members.append(.init("ProvisionedThroughput", TableDescriber.throughput(definition.throughput, .init())))
        }
        for (member, isGlobal) in [("LocalSecondaryIndexes", false), ("GlobalSecondaryIndexes", true)] {
            members.append(.init(member, .array(definition.indexes.filter { $0.isGlobal == isGlobal }.map(Self.index))))
        }
        members.append(.init("Saltmill", additions))
        return JSONValue.object(members).bytes
    }

    private static func index(_ index: IndexDefinition) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("IndexName", .string(index.name)),
            .init("KeySchema", TableDescriber.keySchema(index.keys)),
            .init("Projection", TableDescriber.projection(index.projection)),
        ]
        if let throughput = index.throughput, throughput != .onDemand {
            members.append(.init("ProvisionedThroughput", TableDescriber.throughput(throughput, .init())))
        }
        return .object(members)
    }

    private var additions: JSONValue {
        let histories = [definition.history] + definition.indexes.map(\.history)
        return [
            "TableId": .string(definition.id),
            "Created": .number(String(definition.created)),
            "OnDemandSince": definition.onDemandSince.map { .number(String($0)) } ?? .null,
            "Collections": .array(([definition.collection] + definition.indexes.map(\.collection)).map { .integer($0) }),
            "History": .array(
                histories.map { history in
                    [
                        "Increased": history.increased.map { .number(String($0)) } ?? .null,
                        "Decreased": history.decreased.map { .number(String($0)) } ?? .null,
                    ]
                }),
            "Partitions": .array(partitionStarts.map { starts in .array(starts.map { .string(String($0, radix: 16)) }) }),
        ]
    }
}
