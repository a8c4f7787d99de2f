package import SaltmillBytes

/// What a table can be created anew from: everything in a DescribeTable's `Table` that says how the table is made, and nothing of what has
/// become of it.
package struct TableBlueprint: Equatable, Sendable {
    package struct Index: Equatable, Sendable {
        package var name: String
        package var key: KeySchema
        package var projection: Projection
        /// Of global indexes of provisioned tables.
        package var throughput: Throughput?
        /// Of global indexes of on-demand tables.
        package var requestLimits: RequestLimits?
    }

    /// The most that an on-demand table or index may take, in request units a second (Amazon DynamoDB API Reference, "OnDemandThroughput").
    package struct RequestLimits: Equatable, Sendable {
        package var read: Int?
        package var write: Int?
    }

    package var name: String
    package var key: KeySchema
    package var globalIndexes: [Index]
    package var localIndexes: [Index]
    package var billing: Billing
    package var requestLimits: RequestLimits?
    /// What the table's stream shows: `NEW_AND_OLD_IMAGES` or its like; nil where there is no stream.
    package var streamView: String?
    /// `STANDARD_INFREQUENT_ACCESS`; nil where the server does not say.
    package var tableClass: String?
    package var isProtectedFromDeletion: Bool
    /// The key that the table is encrypted with, where it is not the service's own.
    package var encryptionKey: String?
    /// Regions of a global table's other replicas.
    package var replicas: [String]

    /// Reads a DescribeTable's `Table`, in the shape of any server or dump.
    /// - Throws: ``DynamoDBFailure/malformedAnswer(_:)`` when it does not say how the table is made.
    package init(describing json: JSONValue) throws(DynamoDBFailure) {
        // A dump's description may lack what only tells of the table's state.
        var json = json
        if case .object(let members) = json, json["TableStatus"] == nil {
            json = .object(members + [JSONValue.Member("TableStatus", "ACTIVE")])
        }
        let table = try TableDescription(json)
        name = table.name
        key = table.key
        billing = table.billing
        let limits = Dictionary(
            (json["GlobalSecondaryIndexes"]?.array ?? []).map { ($0["IndexName"]?.string ?? "", RequestLimits($0["OnDemandThroughput"])) },
            uniquingKeysWith: { first, _ in first })
        globalIndexes = table.globalIndexes.map { index in
            Index(
                name: index.name, key: index.key, projection: index.projection, throughput: index.throughput,
                requestLimits: limits[index.name] ?? nil)
        }
        localIndexes = table.localIndexes.map { Index(name: $0.name, key: $0.key, projection: $0.projection) }
        requestLimits = RequestLimits(json["OnDemandThroughput"])
        let stream = json["StreamSpecification"]
        streamView = stream?["StreamEnabled"]?.bool == true ? stream?["StreamViewType"]?.string : nil
        tableClass = json["TableClassSummary"]?["TableClass"]?.string
        isProtectedFromDeletion = json["DeletionProtectionEnabled"]?.bool ?? false
        encryptionKey = json["SSEDescription"]?["KMSMasterKeyArn"]?.string
        replicas = (json["Replicas"]?.array ?? []).compactMap { $0["RegionName"]?.string }
    }

    /// The body of CreateTable. A stream and the protection from deletion are left for later, when the data is there.
    /// - Parameters:
    ///   - name: of the new table.
    ///   - withGlobalIndexes: false when they are to be created afterwards.
    package func creation(as name: String, tags: [Tag], withGlobalIndexes: Bool = true) -> JSONValue {
        let global = withGlobalIndexes ? globalIndexes : []
        var members: [JSONValue.Member] = [
            .init("TableName", .string(name)),
            .init("AttributeDefinitions", Self.definitions([key] + (global + localIndexes).map(\.key))),
            .init("KeySchema", key.json),
        ]
        switch billing {
        case .onDemand:
            members.append(.init("BillingMode", "PAY_PER_REQUEST"))
            if let requestLimits { members.append(.init("OnDemandThroughput", requestLimits.json)) }
        case .provisioned(let throughput):
            members.append(.init("BillingMode", "PROVISIONED"))
            members.append(.init("ProvisionedThroughput", throughput.json))
        }
        if !localIndexes.isEmpty {
            members.append(
                .init(
                    "LocalSecondaryIndexes",
                    .array(
                        localIndexes.map {
                            ["IndexName": .string($0.name), "KeySchema": $0.key.json, "Projection": $0.projection.json]
                        })))
        }
        if !global.isEmpty { members.append(.init("GlobalSecondaryIndexes", .array(global.map(definition(of:))))) }
        // The usual class goes without saying, also to servers that know of no other.
        if let tableClass, tableClass != "STANDARD" { members.append(.init("TableClass", .string(tableClass))) }
        if !tags.isEmpty { members.append(.init("Tags", tags.json)) }
        return .object(members)
    }

    /// The body of the UpdateTable that adds a global index. Its attributes are those of all keys that the table has then, when indexes are added
    /// in their order: some servers forget the types of those that are not named.
    package func addition(of index: Index, to name: String) -> JSONValue {
        let present = globalIndexes.prefix { $0.name != index.name }
        return [
            "TableName": .string(name),
            "AttributeDefinitions": Self.definitions([key] + (localIndexes + present + [index]).map(\.key)),
            "GlobalSecondaryIndexUpdates": [["Create": definition(of: index)]],
        ]
    }

    private func definition(of index: Index) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("IndexName", .string(index.name)), .init("KeySchema", index.key.json), .init("Projection", index.projection.json),
        ]
        switch billing {
        case .onDemand: if let limits = index.requestLimits { members.append(.init("OnDemandThroughput", limits.json)) }
        case .provisioned(let ofTable): members.append(.init("ProvisionedThroughput", (index.throughput ?? ofTable).json))
        }
        return .object(members)
    }

    private static func definitions(_ keys: [KeySchema]) -> JSONValue {
        var attributes: [KeyAttribute] = []
        for attribute in keys.flatMap({ [$0.hash] + ($0.range.map { [$0] } ?? []) }) where !attributes.contains(attribute) {
            attributes.append(attribute)
        }
        return .array(attributes.map { ["AttributeName": .string($0.name), "AttributeType": .string($0.type.rawValue)] })
    }
}

extension TableBlueprint.RequestLimits {
    /// Nil where nothing is limited; servers write that as -1 too.
    fileprivate init?(_ json: JSONValue?) {
        let read = json?["MaxReadRequestUnits"]?.int.flatMap { $0 > 0 ? $0 : nil }
        let write = json?["MaxWriteRequestUnits"]?.int.flatMap { $0 > 0 ? $0 : nil }
        guard read != nil || write != nil else { return nil }
        self.init(read: read, write: write)
    }

    fileprivate var json: JSONValue {
        var members: [JSONValue.Member] = []
        if let read { members.append(.init("MaxReadRequestUnits", .integer(read))) }
        if let write { members.append(.init("MaxWriteRequestUnits", .integer(write))) }
        return .object(members)
    }
}
