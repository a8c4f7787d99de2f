import SaltmillBytes
import SaltmillPartitions

/// Turns a CreateTable request into a definition.
enum TableCreation {
    /// Most indexes of a table (Developer Guide, "Service quotas").
    static let maximumGlobalIndexes = 20
    private static let maximumLocalIndexes = 5

    static let parameters = Set<String>([
        "TableName", "AttributeDefinitions", "KeySchema", "BillingMode", "ProvisionedThroughput", "LocalSecondaryIndexes",
        "GlobalSecondaryIndexes", "OnDemandThroughput", "Tags", "DeletionProtectionEnabled",
    ]).union(TableSettings.parameters)

    /// What the endpoint adds to a definition.
    struct Assignment {
        var firstCollection: UInt32
        var id: String
        var now: Double
    }

    /// - Throws: ``ServiceError`` for a definition that makes no table.
    static func definition(_ request: RequestBody, _ assignment: Assignment) throws -> TableDefinition {
        var constraints = Constraints()
        guard let name = try request.string("TableName") else {
            throw ServiceError.validation("The parameter 'TableName' is required but was not present in the request")
        }
        constraints.check(name: name, at: "tableName", minimum: 3)
        try constraints.finish()
        let attributes = try TableRequest.attributes(request.value("AttributeDefinitions"), &constraints)
        let keys = try TableRequest.keySchema(request.value("KeySchema"), at: "keySchema", &constraints)
        let mode = constraints.check(try request.string("BillingMode"), at: "billingMode", BillingMode.self) ?? .provisioned
        let provisioned = try TableRequest.throughput(
            request.value("ProvisionedThroughput"), at: "provisionedThroughput", &constraints)
        let local = try TableRequest.indexes(request.value("LocalSecondaryIndexes"), at: "localSecondaryIndexes", &constraints)
        let global = try TableRequest.indexes(request.value("GlobalSecondaryIndexes"), at: "globalSecondaryIndexes", &constraints)
        try constraints.finish()

        let throughput = try Self.throughput(mode, provisioned)
        let maximum = try TableRequest.maximum(request.value("OnDemandThroughput")) ?? OnDemandMaximum()
        for maximum in [maximum] + global.map(\.maximum) where maximum != OnDemandMaximum() { try checkMaximum(throughput) }
        let schema = try Self.schema(keys, attributes)
        try check(attributes, used: [keys] + (local + global).map(\.keys))
        try check(local: local, global: global, schema)
        var indexes: [IndexDefinition] = []
        for index in local + global {
            let isGlobal = indexes.count >= local.count
            let collection = assignment.firstCollection + UInt32(indexes.count) + 1
            indexes.append(
                IndexDefinition(
                    name: index.name, collection: collection, keys: try Self.schema(index.keys, attributes),
                    projection: index.projection,
                    throughput: isGlobal ? try Self.throughput(mode, index.throughput, index: index.name) : nil,
                    maximum: index.maximum))
        }
        var settings = TableSettings()
        try settings.change(by: request, at: assignment.now)
        return TableDefinition(
            name: name, collection: assignment.firstCollection, id: assignment.id, created: assignment.now, attributes: attributes,
            keys: schema, indexes: indexes, throughput: throughput, maximum: maximum,
            onDemandSince: mode == .payPerRequest ? assignment.now : nil,
            deletionProtection: try request.bool("DeletionProtectionEnabled") ?? false, settings: settings,
            tags: try TableRequest.tags(request.value("Tags")))
    }

    /// A maximum is an on-demand table's.
    static func checkMaximum(_ throughput: Throughput) throws {
        guard throughput == .onDemand else {
            throw ServiceError.invalidParameter("OnDemandThroughput can only be specified when BillingMode is PAY_PER_REQUEST")
        }
    }

    /// - Parameter index: the index whose throughput it is; nil for the table.
    static func throughput(_ mode: BillingMode, _ units: Throughput?, index: String? = nil) throws -> Throughput {
        switch (mode, units, index) {
        case (.provisioned, let units?, _): return units
        case (.payPerRequest, nil, _): return .onDemand
        case (.provisioned, nil, nil):
            throw ServiceError.invalidParameter(
                "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
        case (.provisioned, nil, let index?):
            throw ServiceError.invalidParameter("ProvisionedThroughput is not specified for index: \(index)")
        case (.payPerRequest, .some, nil):
            throw ServiceError.invalidParameter(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
        case (.payPerRequest, .some, let index?):
            throw ServiceError.invalidParameter(
                "ProvisionedThroughput should not be specified for index: \(index) when BillingMode is PAY_PER_REQUEST")
        }
    }

    /// Looks a key's attributes up among the defined ones.
    static func schema(_ keys: [(name: String, type: String)], _ attributes: [KeyAttribute]) throws -> KeySchema {
        guard keys[0].type == "HASH" else {
            throw ServiceError.validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
        }
        guard keys.count < 2 || keys[1].type == "RANGE" else {
            throw ServiceError.validation("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
        }
        guard keys.count < 2 || keys[0].name != keys[1].name else {
            throw ServiceError.validation("Invalid KeySchema: Some index key attribute have no definition")
        }
        let found = keys.compactMap { key in attributes.first { $0.name == key.name } }
        guard found.count == keys.count else {
            throw ServiceError.invalidParameter(
                "Some index key attributes are not defined in AttributeDefinitions. "
                    + "Keys: [\(keys.map(\.name).joined(separator: ", "))], "
                    + "AttributeDefinitions: [\(attributes.map(\.name).joined(separator: ", "))]")
        }
        return KeySchema(hash: found[0], range: found.count > 1 ? found[1] : nil)
    }

    /// Attributes must be defined once, and all of them be part of some key.
    private static func check(_ attributes: [KeyAttribute], used: [[(name: String, type: String)]]) throws {
        guard Set(attributes.map(\.name)).count == attributes.count else {
            throw ServiceError.invalidParameter("Duplicate AttributeName in AttributeDefinitions")
        }
        var keys: [String] = []
        for key in used.joined() where !keys.contains(key.name) { keys.append(key.name) }
        guard attributes.allSatisfy({ keys.contains($0.name) }) else {
            guard used.count > 1 else {
                throw ServiceError.invalidParameter(
                    "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")
            }
            throw ServiceError.invalidParameter(
                "Some AttributeDefinitions are not used. "
                    + "AttributeDefinitions: [\(attributes.map(\.name).joined(separator: ", "))], "
                    + "keys used: [\(keys.joined(separator: ", "))]")
        }
    }

    private static func check(local: [TableRequest.Index], global: [TableRequest.Index], _ table: KeySchema) throws {
        if !local.isEmpty, table.range == nil {
            throw ServiceError.invalidParameter(
                "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex")
        }
        guard local.count <= maximumLocalIndexes else {
            throw ServiceError.invalidParameter(
                "Number of LocalSecondaryIndexes exceeds per-table limit of \(maximumLocalIndexes)")
        }
        guard global.count <= maximumGlobalIndexes else {
            throw ServiceError.invalidParameter(
                "GlobalSecondaryIndex count exceeds the per-table limit of \(maximumGlobalIndexes)")
        }
        var names = Set<String>()
        for index in local + global where !names.insert(index.name).inserted {
            throw ServiceError.invalidParameter("Duplicate index name: \(index.name)")
        }
        for index in local {
            guard index.keys[0].name == table.hash.name else {
                throw ServiceError.invalidParameter(
                    "Index KeySchema does not have the same leading hash key as table KeySchema for index: \(index.name). "
                        + "index hash key: \(index.keys[0].name), table hash key: \(table.hash.name)")
            }
            guard index.keys.count == 2 else {
                throw ServiceError.invalidParameter("Index KeySchema does not have a range key for index: \(index.name)")
            }
        }
    }
}
