package import SaltmillBytes

/// What a server says of a table. Servers leave much of it out; only name, status and key must be there.
package struct TableDescription: Equatable, Sendable {
    package struct Index: Equatable, Sendable {
        package var name: String
        package var key: KeySchema
        package var projection: Projection
        /// `ACTIVE` where the server does not say, as for local indexes.
        package var status: String
        /// Nil for local indexes and on-demand tables.
        package var throughput: Throughput?
        package var itemCount: Int?
        package var arn: String?
    }

    package var name: String
    package var status: String
    package var key: KeySchema
    package var arn: String?
    /// Differs between two tables that had the same name one after the other.
    package var id: String?
    /// Seconds since 1970-01-01.
    package var created: Double?
    package var billing: Billing
    /// As the server last counted, perhaps hours ago.
    package var itemCount: Int?
    package var sizeBytes: Int?
    package var globalIndexes: [Index]
    package var localIndexes: [Index]

    /// The table and all its global indexes can be used.
    package var isActive: Bool { status == "ACTIVE" && globalIndexes.allSatisfy { $0.status == "ACTIVE" } }

    /// Reads a `TableDescription` or `Table` member.
    /// - Throws: ``DynamoDBFailure/malformedAnswer(_:)`` when what must be there is not.
    package init(_ json: JSONValue) throws(DynamoDBFailure) {
        guard let name = json["TableName"]?.string, let status = json["TableStatus"]?.string else {
            throw .malformedAnswer("the description of a table has no name or no status")
        }
        var types: [String: ScalarType] = [:]
        for definition in json["AttributeDefinitions"]?.array ?? [] {
            guard let attribute = definition["AttributeName"]?.string else { continue }
            types[attribute] = definition["AttributeType"]?.string.flatMap(ScalarType.init)
        }
        self.name = name
        self.status = status
        key = try KeySchema(json["KeySchema"], types, of: name)
        arn = json["TableArn"]?.string
        id = json["TableId"]?.string
        created = json["CreationDateTime"]?.double
        let throughput = Throughput(json["ProvisionedThroughput"])
        // The summary is missing with tables that were never on demand; zero units are what an on-demand table is given.
        let isOnDemand = json["BillingModeSummary"]?["BillingMode"]?.string.map { $0 == "PAY_PER_REQUEST" } ?? (throughput == nil)
        billing = isOnDemand ? .onDemand : .provisioned(throughput ?? Throughput(read: 0, write: 0))
        itemCount = json["ItemCount"]?.int
        sizeBytes = json["TableSizeBytes"]?.int
        globalIndexes = try Self.indexes(json["GlobalSecondaryIndexes"], types)
        localIndexes = try Self.indexes(json["LocalSecondaryIndexes"], types)
    }

    private static func indexes(_ json: JSONValue?, _ types: [String: ScalarType]) throws(DynamoDBFailure) -> [Index] {
        var indexes: [Index] = []
        for entry in json?.array ?? [] {
            guard let name = entry["IndexName"]?.string else { throw .malformedAnswer("the description of an index has no name") }
            indexes.append(
                Index(
                    name: name, key: try KeySchema(entry["KeySchema"], types, of: name), projection: Projection(entry["Projection"]),
                    status: entry["IndexStatus"]?.string ?? "ACTIVE", throughput: Throughput(entry["ProvisionedThroughput"]),
                    itemCount: entry["ItemCount"]?.int, arn: entry["IndexArn"]?.string))
        }
        return indexes
    }
}

extension KeySchema {
    /// - Parameter name: of the table or index, for messages.
    fileprivate init(_ json: JSONValue?, _ types: [String: ScalarType], of name: String) throws(DynamoDBFailure) {
        func attribute(_ role: String) throws(DynamoDBFailure) -> KeyAttribute? {
            guard let element = json?.array?.first(where: { $0["KeyType"]?.string == role }) else { return nil }
            guard let attribute = element["AttributeName"]?.string, let type = types[attribute] else {
                throw .malformedAnswer("the description of \(name) has a key attribute without a type")
            }
            return KeyAttribute(attribute, type)
        }
        guard let hash = try attribute("HASH") else { throw .malformedAnswer("the description of \(name) has no hash key") }
        self.init(hash: hash, range: try attribute("RANGE"))
    }
}

extension Projection {
    fileprivate init(_ json: JSONValue?) {
        switch json?["ProjectionType"]?.string {
        case "KEYS_ONLY": self = .keysOnly
        case "INCLUDE": self = .include((json?["NonKeyAttributes"]?.array ?? []).compactMap(\.string))
        default: self = .all
        }
    }
}

extension Throughput {
    /// Nil for what is missing or zero, which stands for "on demand".
    fileprivate init?(_ json: JSONValue?) {
        guard let read = json?["ReadCapacityUnits"]?.int, let write = json?["WriteCapacityUnits"]?.int, read > 0 || write > 0 else {
            return nil
        }
        self.init(read: read, write: write)
    }
}
