import SaltmillBytes
import SaltmillPartitions

/// A table as the store keeps it: the CreateTable request that would make it, and what has come to it since.
struct TableRecord {
    var definition: TableDefinition
    /// The partitions of the table and of each global index; partitions that have split never merge.
    var partitions: [PartitionMap]

    init(_ table: Table) {
        definition = table.definition
        partitions = ([table.partitions.table] + table.partitions.indexes).map(\.map)
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
        definition.settings = TableSettings(record["Settings"])
        for index in definition.indexes.indices {
            definition.indexes[index].collection = UInt32(collections[index + 1])
            definition.indexes[index].history = Self.history(history[index + 1])
        }
        let more = ["Sizes", "Shares", "Peaks"].map { record[$0]?.array ?? [] }
        partitions = starts.enumerated().map { number, starts in
            let known = more.map { number < $0.count ? $0[number] : .null }
            return Self.map(starts: starts, sizes: known[0], shares: known[1], peak: known[2])
        }
        guard partitions.count == definition.globalIndexes.count + 1, partitions.allSatisfy({ $0.parts.first?.start == 0 }) else {
            throw ServiceError.internalError("A table's record in the data file has no partitions")
        }
    }

    /// Partitions by their beginnings, with what else is known of them.
    private static func map(starts: JSONValue, sizes: JSONValue, shares: JSONValue, peak: JSONValue) -> PartitionMap {
        var map = PartitionMap(starts: (starts.array ?? []).compactMap { $0.string.flatMap { UInt64($0, radix: 16) } })
        if let sizes = sizes.array, let shares = shares.array, sizes.count == map.parts.count, shares.count == map.parts.count {
            for index in map.parts.indices {
                map.parts[index].bytes = sizes[index].int ?? 0
                map.parts[index].share = shares[index].double ?? map.parts[index].share
            }
        }
        if let read = peak["Read"]?.double, let write = peak["Write"]?.double { map.peak = Units(read: read, write: write) }
        return map
    }

    private static func history(_ value: JSONValue) -> ThroughputHistory {
        let decreases = value["Decreases"]?.array?.compactMap(\.double) ?? [value["Decreased"]?.double].compactMap { $0 }
        return ThroughputHistory(increased: value["Increased"]?.double, decreases: decreases)
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
            TableDescriber.append(definition.maximum, to: &members)
        } else {
            members.append(.init("ProvisionedThroughput", TableDescriber.throughput(definition.throughput, .init(), at: 0)))
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
        TableDescriber.append(index.maximum, to: &members)
        if let throughput = index.throughput, throughput != .onDemand {
            members.append(.init("ProvisionedThroughput", TableDescriber.throughput(throughput, .init(), at: 0)))
        }
        return .object(members)
    }

    private var additions: JSONValue {
        let histories = [definition.history] + definition.indexes.map(\.history)
        return [
            "TableId": .string(definition.id),
            "Created": .number(String(definition.created)),
            "OnDemandSince": definition.onDemandSince.map { .number(String($0)) } ?? .null,
            "Settings": definition.settings.record,
            "Collections": .array(([definition.collection] + definition.indexes.map(\.collection)).map { .integer($0) }),
            "History": .array(
                histories.map { history in
                    [
                        "Increased": history.increased.map { .number(String($0)) } ?? .null,
                        "Decreases": .array(history.decreases.map { .number(String($0)) }),
                    ]
                }),
            "Partitions": .array(partitions.map { .array($0.parts.map { .string(String($0.start, radix: 16)) }) }),
            "Sizes": .array(partitions.map { .array($0.parts.map { .integer($0.bytes) }) }),
            "Shares": .array(partitions.map { .array($0.parts.map { .number(String($0.share)) }) }),
            "Peaks": .array(
                partitions.map { ["Read": .number(String($0.peak.read)), "Write": .number(String($0.peak.write))] }),
        ]
    }
}
