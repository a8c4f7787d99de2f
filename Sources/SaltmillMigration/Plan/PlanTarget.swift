import SaltmillBytes
package import SaltmillDynamoDB

/// The table that a plan is made for: as the endpoint describes it, or as the spec would create it.
package struct PlanTarget: Sendable {
    package enum Origin: String, Sendable {
        /// The table exists.
        case described
        /// The load will create it.
        case created
        /// Nobody can say how it is paid for; it is taken to be a new on-demand table.
        case assumed
    }

    package var origin: Origin
    package var table: TableDescription
    /// A stream reads every write.
    package var hasStream = false
    /// The attribute that items expire by, where items expire.
    package var expiry: String?
    /// What the user should know of how this was found out.
    package var note: String?

    /// The table as the spec would create it.
    package init(_ spec: MigrationSpec, note: String? = nil) throws {
        let definition = try spec.tableDefinition()
        let table =
            definition
            ?? TableDefinition(name: spec.target.table, key: spec.keySchema, indexes: spec.indexDefinitions, billing: .onDemand)
        var members = table.json.members ?? []
        members.append(.init("TableStatus", "ACTIVE"))
        self.table = try TableDescription(.object(members))
        origin = definition == nil ? .assumed : .created
        self.note = note
    }

    /// The table as the endpoint describes it; as the spec would create it where there is none, or the endpoint cannot be asked, which is then noted.
    package static func find(_ spec: MigrationSpec, client: DynamoDBClient?, deadline: Duration = .seconds(5)) async throws -> PlanTarget {
        guard let client else {
            return try PlanTarget(spec, note: "no endpoint was asked about the table; the plan is made from the spec alone")
        }
        do throws(DynamoDBFailure) {
            return try await PlanTarget(client, spec, deadline)
        } catch {
            if error.errorClass == .tableMissing { return try PlanTarget(spec) }
            return try PlanTarget(
                spec, note: "\(client.endpoint.host) could not be asked about the table (\(error)); the plan is made from the spec alone")
        }
    }

    private init(_ client: DynamoDBClient, _ spec: MigrationSpec, _ deadline: Duration) async throws(DynamoDBFailure) {
        let name: JSONValue = ["TableName": .string(spec.target.table)]
        guard let json = try await client.call(.describeTable, name, deadline: deadline)["Table"] else {
            throw .malformedAnswer("the answer to DescribeTable has no table")
        }
        origin = .described
        table = try TableDescription(json)
        hasStream = json["StreamSpecification"]?["StreamEnabled"] == .bool(true)
        // Some servers do not know expiry; a plan goes on without.
        if let expiry = try? await client.call(.describeTimeToLive, name, deadline: deadline)["TimeToLiveDescription"],
            ["ENABLED", "ENABLING"].contains(expiry["TimeToLiveStatus"]?.string)
        {
            self.expiry = expiry["AttributeName"]?.string
        }
    }

    /// Units a second that the table, or an index by number, is provisioned with; nil when it is on demand.
    func provisioned(_ resource: Int, _ spec: MigrationSpec) -> Throughput? {
        if resource == 0 {
            if case .provisioned(let throughput) = table.billing { throughput } else { nil }
        } else {
            table.globalIndexes.first { $0.name == spec.indexes[resource - 1].name }?.throughput
        }
    }
}
