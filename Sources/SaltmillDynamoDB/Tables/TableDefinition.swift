package import SaltmillBytes

/// What a table is created from.
package struct TableDefinition: Hashable, Sendable {
    /// A global secondary index, created with the table.
    package struct Index: Hashable, Sendable {
        package var name: String
        package var key: KeySchema
        package var projection: Projection
        /// For provisioned tables; there each index needs its own.
        package var throughput: Throughput?

        package init(name: String, key: KeySchema, projection: Projection = .all, throughput: Throughput? = nil) {
            self.name = name
            self.key = key
            self.projection = projection
            self.throughput = throughput
        }
    }

    package var name: String
    package var key: KeySchema
    package var indexes: [Index]
    package var billing: Billing
    package var tags: [Tag]

    package init(name: String, key: KeySchema, indexes: [Index] = [], billing: Billing, tags: [Tag] = []) {
        self.name = name
        self.key = key
        self.indexes = indexes
        self.billing = billing
        self.tags = tags
    }

    /// The body of CreateTable.
    package var json: JSONValue {
        var attributes: [KeyAttribute] = []
        for attribute in ([key] + indexes.map(\.key)).flatMap({ [$0.hash] + ($0.range.map { [$0] } ?? []) })
        where !attributes.contains(attribute) {
            attributes.append(attribute)
        }
        var members: [JSONValue.Member] = [
            .init("TableName", .string(name)),
            .init(
                "AttributeDefinitions",
                .array(attributes.map { ["AttributeName": .string($0.name), "AttributeType": .string($0.type.rawValue)] })),
            .init("KeySchema", key.json),
        ]
        switch billing {
        case .onDemand: members.append(.init("BillingMode", "PAY_PER_REQUEST"))
        case .provisioned(let throughput):
            members.append(.init("BillingMode", "PROVISIONED"))
            members.append(.init("ProvisionedThroughput", throughput.json))
        }
        if !indexes.isEmpty { members.append(.init("GlobalSecondaryIndexes", .array(indexes.map(json(of:))))) }
        if !tags.isEmpty { members.append(.init("Tags", tags.json)) }
        return .object(members)
    }

    private func json(of index: Index) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("IndexName", .string(index.name)), .init("KeySchema", index.key.json), .init("Projection", index.projection.json),
        ]
        if case .provisioned(let ofTable) = billing { members.append(.init("ProvisionedThroughput", (index.throughput ?? ofTable).json)) }
        return .object(members)
    }
}

extension KeySchema {
    var json: JSONValue {
        var elements: [JSONValue] = [["AttributeName": .string(hash.name), "KeyType": "HASH"]]
        if let range { elements.append(["AttributeName": .string(range.name), "KeyType": "RANGE"]) }
        return .array(elements)
    }
}

extension Projection {
    var json: JSONValue {
        switch self {
        case .all: ["ProjectionType": "ALL"]
        case .keysOnly: ["ProjectionType": "KEYS_ONLY"]
        case .include(let names): ["ProjectionType": "INCLUDE", "NonKeyAttributes": .array(names.map { .string($0) })]
        }
    }
}

extension Throughput {
    var json: JSONValue { ["ReadCapacityUnits": .integer(read), "WriteCapacityUnits": .integer(write)] }
}

extension [Tag] {
    var json: JSONValue { .array(map { ["Key": .string($0.key), "Value": .string($0.value)] }) }
}
