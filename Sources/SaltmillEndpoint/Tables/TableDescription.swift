import SaltmillBytes
import SaltmillPartitions

/// Tables as the answers of CreateTable, DescribeTable, UpdateTable and DeleteTable describe them.
struct TableDescriber {
    let region: String
    let clock: EndpointClock

    /// The account that everything belongs to: the one of the examples in the service's documentation.
    static let account = "123456789012"

    /// What all table names' ARNs begin with.
    var arnPrefix: String { "arn:aws:dynamodb:\(region):\(Self.account):table/" }

    func arn(_ table: String) -> String { arnPrefix + table }

    /// - Parameter index: nil for the table itself.
    func arn(_ table: String, index: String?) -> String { index.map { "\(arn(table))/index/\($0)" } ?? arn(table) }

    /// - Parameter status: `ACTIVE`, or `DELETING` for a table's last description.
    func describe(_ table: Table, status: String) -> JSONValue {
        let definition = table.definition
        let contents = table.contents[0]
        var members: [JSONValue.Member] = [
            .init("AttributeDefinitions", Self.attributes(definition.attributes)),
            .init("TableName", .string(definition.name)),
            .init("KeySchema", Self.keySchema(definition.keys)),
            .init("TableStatus", .string(status)),
            .init("CreationDateTime", Self.time(definition.created)),
            .init("ProvisionedThroughput", Self.throughput(definition.throughput, definition.history, at: clock.epoch())),
            .init("TableSizeBytes", .integer(contents.bytes)),
            .init("ItemCount", .integer(contents.items)),
            .init("TableArn", .string(arn(definition.name))),
            .init("TableId", .string(definition.id)),
        ]
        if let since = definition.onDemandSince {
            let mode = definition.throughput == .onDemand ? BillingMode.payPerRequest : .provisioned
            members.append(
                .init(
                    "BillingModeSummary",
                    ["BillingMode": .string(mode.rawValue), "LastUpdateToPayPerRequestDateTime": Self.time(since)]))
        }
        Self.append(definition.maximum, to: &members)
        for (member, isGlobal) in [("LocalSecondaryIndexes", false), ("GlobalSecondaryIndexes", true)] {
            let indexes = definition.indexes.indices.filter { definition.indexes[$0].isGlobal == isGlobal }
            guard !indexes.isEmpty else { continue }
            members.append(.init(member, .array(indexes.map { describeIndex($0, of: table, status: status) })))
        }
        members += definition.settings.describe(arn: arn(definition.name), region: region)
        members.append(.init("DeletionProtectionEnabled", .bool(definition.deletionProtection)))
        return .object(members)
    }

    private func describeIndex(_ number: Int, of table: Table, status: String) -> JSONValue {
        let index = table.definition.indexes[number]
        let contents = table.contents[number + 1]
        var members: [JSONValue.Member] = [
            .init("IndexName", .string(index.name)),
            .init("KeySchema", Self.keySchema(index.keys)),
            .init("Projection", Self.projection(index.projection)),
        ]
        if let throughput = index.throughput {
            members.append(.init("IndexStatus", .string(status)))
            members.append(.init("ProvisionedThroughput", Self.throughput(throughput, index.history, at: clock.epoch())))
            Self.append(index.maximum, to: &members)
        }
        members.append(.init("IndexSizeBytes", .integer(contents.bytes)))
        members.append(.init("ItemCount", .integer(contents.items)))
        members.append(.init("IndexArn", .string(arn(table.name, index: index.name))))
        return .object(members)
    }

    static func attributes(_ attributes: [KeyAttribute]) -> JSONValue {
        .array(attributes.map { ["AttributeName": .string($0.name), "AttributeType": .string($0.type.rawValue)] })
    }

    static func keySchema(_ keys: KeySchema) -> JSONValue {
        .array(
            zip(keys.attributes, ["HASH", "RANGE"]).map { attribute, type in
                ["AttributeName": .string(attribute.name), "KeyType": .string(type)]
            })
    }

    static func projection(_ projection: Projection) -> JSONValue {
        switch projection {
        case .all: ["ProjectionType": "ALL"]
        case .keysOnly: ["ProjectionType": "KEYS_ONLY"]
        case .include(let attributes):
            ["ProjectionType": "INCLUDE", "NonKeyAttributes": .array(attributes.map { .string($0.name) })]
        }
    }

    /// - Parameter now: epoch seconds.
    static func throughput(_ throughput: Throughput, _ history: ThroughputHistory, at now: Double) -> JSONValue {
        var units = (read: 0, write: 0)
        if case .provisioned(let read, let write) = throughput { units = (read, write) }
        var members: [JSONValue.Member] = []
        if let increased = history.increased { members.append(.init("LastIncreaseDateTime", time(increased))) }
        if let decreased = history.decreased { members.append(.init("LastDecreaseDateTime", time(decreased))) }
        members.append(.init("NumberOfDecreasesToday", .integer(history.decreasesToday(at: now))))
        members.append(.init("ReadCapacityUnits", .integer(units.read)))
        members.append(.init("WriteCapacityUnits", .integer(units.write)))
        return .object(members)
    }

    /// Appends `OnDemandThroughput` where there is a maximum.
    static func append(_ maximum: OnDemandMaximum, to members: inout [JSONValue.Member]) {
        guard maximum != OnDemandMaximum() else { return }
        members.append(
            .init(
                "OnDemandThroughput",
                ["MaxReadRequestUnits": .integer(maximum.read ?? -1), "MaxWriteRequestUnits": .integer(maximum.write ?? -1)]))
    }

    /// Epoch seconds with milliseconds.
    static func time(_ seconds: Double) -> JSONValue { .number(String((seconds * 1000).rounded() / 1000)) }
}

/// How a table is paid for.
enum BillingMode: String, CaseIterable {
    case provisioned = "PROVISIONED"
    case payPerRequest = "PAY_PER_REQUEST"
}
