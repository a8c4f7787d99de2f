import SaltmillBytes
import SaltmillEndpoint
import Testing

@Suite struct TableTests {
    private static let pk: JSONValue = [["AttributeName": "pk", "AttributeType": "S"]]
    private static let hash: JSONValue = [["AttributeName": "pk", "KeyType": "HASH"]]

    /// A CreateTable request for an on-demand table, with some members replaced; nil takes one away.
    private static func request(_ changes: (String, JSONValue?)...) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("TableName", "table"), .init("AttributeDefinitions", pk), .init("KeySchema", hash),
            .init("BillingMode", "PAY_PER_REQUEST"),
        ]
        for (name, value) in changes {
            members.removeAll { $0.name == name }
            if let value { members.append(.init(name, value)) }
        }
        return .object(members)
    }

    @Test func aNewTableIsActiveAndDescribesItself() async throws {
        let clock = ManualClock()
        try await Fixture.run {
            $0.clock = clock.clock
            $0.region = "eu-north-1"
        } _: { fixture in
            try fixture.createTable(
                "orders", "pk:S", "sk:N",
                more: [
                    "ProvisionedThroughput": Fixture.throughput(7, 3),
                    "LocalSecondaryIndexes": [Fixture.index("local", ["pk", "b"], ["ProjectionType": "KEYS_ONLY"])],
                    "GlobalSecondaryIndexes": [
                        Fixture.index("global", ["b"], ["ProjectionType": "INCLUDE", "NonKeyAttributes": ["x", "y"]], units: 2)
                    ],
                    "DeletionProtectionEnabled": true,
                ], attributes: ["b:B"])
            let table = try #require(try fixture.call("DescribeTable", ["TableName": "orders"])["Table"])
            #expect(table["TableStatus"] == "ACTIVE")
            #expect(table["TableArn"] == "arn:aws:dynamodb:eu-north-1:123456789012:table/orders")
            #expect(table["TableId"]?.string?.count == 36)
            #expect(table["CreationDateTime"]?.double == 1_450_000_000)
            #expect(table["KeySchema"] == Fixture.keySchema(["pk", "sk"]))
            #expect(table["ItemCount"] == 0 && table["TableSizeBytes"] == 0)
            #expect(table["BillingModeSummary"] == nil)
            #expect(table["DeletionProtectionEnabled"] == true)
            #expect(table["ProvisionedThroughput"]?["ReadCapacityUnits"] == 7)
            #expect(table["ProvisionedThroughput"]?["WriteCapacityUnits"] == 3)
            let local = try #require(table["LocalSecondaryIndexes"]?.array?.first)
            #expect(local["Projection"] == ["ProjectionType": "KEYS_ONLY"] && local["ProvisionedThroughput"] == nil)
            let global = try #require(table["GlobalSecondaryIndexes"]?.array?.first)
            #expect(global["IndexStatus"] == "ACTIVE" && global["ProvisionedThroughput"]?["WriteCapacityUnits"] == 2)
            #expect(global["IndexArn"] == "arn:aws:dynamodb:eu-north-1:123456789012:table/orders/index/global")
            #expect(global["Projection"]?["NonKeyAttributes"] == ["x", "y"])
            #expect(try fixture.fault("DeleteTable", ["TableName": "orders"])?.name == "ValidationException")
        }
    }

    @Test func onDemandTablesHaveNoUnitsAndSayHowTheyArePaidFor() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            let table = try fixture.call("DescribeTable", ["TableName": "table"])["Table"]
            #expect(table?["BillingModeSummary"]?["BillingMode"] == "PAY_PER_REQUEST")
            #expect(table?["ProvisionedThroughput"]?["WriteCapacityUnits"] == 0)
            let arn = try #require(table?["TableArn"])
            #expect(try fixture.call("DescribeTable", ["TableName": arn])["Table"] == table)
        }
    }

    @Test func countsFollowTheItems() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S", more: ["GlobalSecondaryIndexes": [Fixture.index("index", ["g"])]], attributes: ["g:S"])
            func counts() throws -> [JSONValue?] {
                let table = try fixture.call("DescribeTable", ["TableName": "table"])["Table"]
                let index = table?["GlobalSecondaryIndexes"]?.array?.first
                return [table?["ItemCount"], table?["TableSizeBytes"], index?["ItemCount"], index?["IndexSizeBytes"]]
            }
            try fixture.put("table", ["pk": string("a")])
            #expect(try counts() == [1, 3, 0, 0])
            try fixture.put("table", ["pk": string("a"), "g": string("xyz")])
            #expect(try counts() == [1, 7, 1, 7])
            try fixture.call("DeleteItem", ["TableName": "table", "Key": ["pk": string("a")]])
            #expect(try counts() == [0, 0, 0, 0])
        }
    }

    @Test func namesAreListedInOrderAndByPages() async throws {
        try await Fixture.run { fixture in
            for name in ["b-2", "a_1", "c.3", "b-1"] { try fixture.createTable(name, "pk:S") }
            #expect(try fixture.call("ListTables", [:]) == ["TableNames": ["a_1", "b-1", "b-2", "c.3"]])
            let page = try fixture.call("ListTables", ["Limit": 2])
            #expect(page == ["TableNames": ["a_1", "b-1"], "LastEvaluatedTableName": "b-1"])
            #expect(try fixture.call("ListTables", ["ExclusiveStartTableName": "b-1", "Limit": 2]) == ["TableNames": ["b-2", "c.3"]])
            #expect(
                try fixture.fault("ListTables", ["Limit": 0])
                    == .validation(
                        "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: "
                            + "Member must have value greater than or equal to 1"))
        }
    }

    @Test func aDeletedTableIsGoneWithItsItems() async throws {
        try await Fixture.run { fixture in
            for name in ["one", "two"] {
                try fixture.createTable(name, "pk:S")
                try fixture.put(name, ["pk": string(name)])
            }
            #expect(try fixture.call("DeleteTable", ["TableName": "one"])["TableDescription"]?["TableStatus"] == "DELETING")
            let gone = Fault(name: "ResourceNotFoundException", message: "Requested resource not found: Table: one not found")
            #expect(try fixture.fault("DescribeTable", ["TableName": "one"]) == gone)
            #expect(try fixture.fault("DeleteTable", ["TableName": "one"]) == gone)
            try fixture.createTable("one", "pk:S")
            #expect(try fixture.call("Scan", ["TableName": "one"])["Count"] == 0)
            #expect(try fixture.call("Scan", ["TableName": "two"])["Count"] == 1)
        }
    }

    @Test func aSecondTableOfOneNameIsRefused() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            #expect(
                try fixture.fault("CreateTable", Self.request())
                    == Fault(name: "ResourceInUseException", message: "Table already exists: table"))
        }
    }

    private static let invalid = "One or more parameter values were invalid: "
    private static let constraint = "failed to satisfy constraint: Member must"

    static let refusals: [(JSONValue, String)] = [
        (request(("TableName", nil)), "The parameter 'TableName' is required but was not present in the request"),
        (
            request(("TableName", "ab")),
            "1 validation error detected: Value 'ab' at 'tableName' \(constraint) have length greater than or equal to 3"
        ),
        (
            request(("TableName", "a b!")),
            "1 validation error detected: Value 'a b!' at 'tableName' \(constraint) satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
        ),
        (
            request(("KeySchema", nil)), "1 validation error detected: Value null at 'keySchema' \(constraint) not be null"
        ),
        (
            request(("KeySchema", [["AttributeName": "pk", "KeyType": "INVALID"]])),
            "1 validation error detected: Value 'INVALID' at 'keySchema.1.member.keyType' \(constraint) satisfy enum value set: [HASH, RANGE]"
        ),
        (
            request(("AttributeDefinitions", [["AttributeName": "pk", "AttributeType": "INVALID"]])),
            "1 validation error detected: Value 'INVALID' at 'attributeDefinitions.1.member.attributeType' \(constraint) "
                + "satisfy enum value set: [B, N, S]"
        ),
        (
            request(("BillingMode", "FREE"), ("KeySchema", [["AttributeName": "pk", "KeyType": "X"]])),
            "2 validation errors detected: Value 'X' at 'keySchema.1.member.keyType' \(constraint) satisfy enum value set: [HASH, RANGE]; "
                + "Value 'FREE' at 'billingMode' \(constraint) satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]"
        ),
        (
            request(("KeySchema", Fixture.keySchema(["pk", "pk"]))),
            "Invalid KeySchema: Some index key attribute have no definition"
        ),
        (
            request(("KeySchema", [["AttributeName": "pk", "KeyType": "RANGE"]])),
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"
        ),
        (
            request(("KeySchema", Fixture.keySchema(["other"]))),
            invalid + "Some index key attributes are not defined in AttributeDefinitions. Keys: [other], AttributeDefinitions: [pk]"
        ),
        (
            request(("AttributeDefinitions", .array((pk.array ?? []) + [["AttributeName": "x", "AttributeType": "S"]]))),
            invalid + "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions"
        ),
        (
            request(("BillingMode", nil)),
            invalid + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"
        ),
        (
            request(("ProvisionedThroughput", Fixture.throughput(1, 1))),
            invalid + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"
        ),
        (
            request(("BillingMode", nil), ("ProvisionedThroughput", Fixture.throughput(0, 1))),
            "1 validation error detected: Value '0' at 'provisionedThroughput.readCapacityUnits' \(constraint) "
                + "have value greater than or equal to 1"
        ),
        (
            request(("LocalSecondaryIndexes", [Fixture.index("local", ["pk", "pk"])])),
            invalid + "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex"
        ),
        (
            request(("GlobalSecondaryIndexes", [Fixture.index("same", ["pk"]), Fixture.index("same", ["pk"])])),
            invalid + "Duplicate index name: same"
        ),
        (
            request(("GlobalSecondaryIndexes", [Fixture.index("index", ["nowhere"])])),
            invalid + "Some index key attributes are not defined in AttributeDefinitions. Keys: [nowhere], AttributeDefinitions: [pk]"
        ),
        (
            request(("GlobalSecondaryIndexes", [Fixture.index("index", ["pk"], ["ProjectionType": "INCLUDE"])])),
            invalid + "ProjectionType is INCLUDE, but NonKeyAttributes is not specified"
        ),
        (
            request(("StreamSpecification", ["StreamEnabled": true])),
            invalid + "StreamViewType is required when StreamEnabled is true"
        ),
        (
            request(("ResourcePolicy", "{}")), "CreateTable: this endpoint does not support the parameter ResourcePolicy yet; leave it out"
        ),
    ]

    @Test func tablesThatCannotBeAreRefusedInTheServicesWords() async throws {
        try await Fixture.run { fixture in
            for (request, message) in Self.refusals {
                let fault = try fixture.fault("CreateTable", request)
                #expect(fault == .validation(message))
            }
            let three = Self.request(("KeySchema", .array([Self.hash, Self.hash, Self.hash].compactMap { $0.array?.first })))
            #expect(
                try fixture.fault("CreateTable", three)?.message.hasSuffix(
                    "at 'keySchema' \(Self.constraint) have length less than or equal to 2")
                    == true)
            #expect(try fixture.call("ListTables", [:]) == ["TableNames": []])
        }
    }

    @Test func throughputIsRaisedLoweredAndLeftAlone() async throws {
        let clock = ManualClock()
        try await Fixture.run {
            $0.clock = clock.clock
        } _: { fixture in
            try fixture.createTable(
                "table", "pk:S",
                more: [
                    "ProvisionedThroughput": Fixture.throughput(5, 5),
                    "GlobalSecondaryIndexes": [Fixture.index("index", ["pk"], units: 5)],
                ])
            func update(_ members: JSONValue) throws -> JSONValue? {
                try fixture.call("UpdateTable", .object([.init("TableName", "table")] + (members.members ?? [])))["TableDescription"]
            }
            clock.advance(10)
            let raised = try update(["ProvisionedThroughput": Fixture.throughput(6, 4)])
            #expect(raised?["ProvisionedThroughput"]?["LastIncreaseDateTime"]?.double == 1_450_000_010)
            #expect(raised?["ProvisionedThroughput"]?["LastDecreaseDateTime"]?.double == 1_450_000_010)
            #expect(raised?["ProvisionedThroughput"]?["WriteCapacityUnits"] == 4)
            #expect(throws: Fault.self) { try update(["ProvisionedThroughput": Fixture.throughput(6, 4)]) }
            let index = try update([
                "GlobalSecondaryIndexUpdates": [["Update": ["IndexName": "index", "ProvisionedThroughput": Fixture.throughput(9, 8)]]]
            ])
            #expect(index?["GlobalSecondaryIndexes"]?.array?.first?["ProvisionedThroughput"]?["ReadCapacityUnits"] == 9)
            #expect(throws: Fault.self) {
                try update([
                    "GlobalSecondaryIndexUpdates": [["Update": ["IndexName": "nope", "ProvisionedThroughput": Fixture.throughput(1, 1)]]]
                ])
            }
            let onDemand = try update(["BillingMode": "PAY_PER_REQUEST"])
            #expect(onDemand?["BillingModeSummary"]?["BillingMode"] == "PAY_PER_REQUEST")
            #expect(onDemand?["GlobalSecondaryIndexes"]?.array?.first?["ProvisionedThroughput"]?["ReadCapacityUnits"] == 0)
            _ = try update(["BillingMode": "PAY_PER_REQUEST"])
            #expect(throws: Fault.self) { try update(["ProvisionedThroughput": Fixture.throughput(1, 1)]) }
            #expect(throws: Fault.self) { try update(["BillingMode": "PROVISIONED"]) }
            #expect(throws: Fault.self, "its index would have no throughput") {
                try update(["BillingMode": "PROVISIONED", "ProvisionedThroughput": Fixture.throughput(1, 1)])
            }
            let back = try update([
                "BillingMode": "PROVISIONED", "ProvisionedThroughput": Fixture.throughput(2, 1),
                "GlobalSecondaryIndexUpdates": [["Update": ["IndexName": "index", "ProvisionedThroughput": Fixture.throughput(1, 3)]]],
            ])
            #expect(back?["BillingModeSummary"]?["BillingMode"] == "PROVISIONED")
            #expect(back?["ProvisionedThroughput"]?["ReadCapacityUnits"] == 2)
            #expect(back?["GlobalSecondaryIndexes"]?.array?.first?["ProvisionedThroughput"]?["WriteCapacityUnits"] == 3)
            #expect(throws: Fault.self) { try update([:]) }
        }
    }

    @Test func tagsAreSetReplacedListedAndTakenOff() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S", more: ["Tags": [["Key": "a", "Value": "1"]]])
            let arn: JSONValue = "arn:aws:dynamodb:us-east-1:123456789012:table/table"
            try fixture.call(
                "TagResource", ["ResourceArn": arn, "Tags": [["Key": "b", "Value": "x y+-=._:/"], ["Key": "a", "Value": ""]]])
            #expect(
                try fixture.call("ListTagsOfResource", ["ResourceArn": arn])
                    == ["Tags": [["Key": "a", "Value": ""], ["Key": "b", "Value": "x y+-=._:/"]]])
            try fixture.call("UntagResource", ["ResourceArn": arn, "TagKeys": ["a", "nope"]])
            #expect(try fixture.call("ListTagsOfResource", ["ResourceArn": arn])["Tags"]?.array?.count == 1)
            let foreign: JSONValue = ["ResourceArn": "arn:aws:dynamodb:us-east-1:210987654321:table/table"]
            #expect(try fixture.fault("ListTagsOfResource", foreign)?.name == "AccessDeniedException")
            let gone: JSONValue = ["ResourceArn": "arn:aws:dynamodb:us-east-1:123456789012:table/gone"]
            #expect(try fixture.fault("ListTagsOfResource", gone)?.name == "ResourceNotFoundException")
            #expect(
                try fixture.fault("TagResource", ["ResourceArn": arn, "Tags": [["Key": "", "Value": "x"]]])?.name == "ValidationException")
        }
    }

    @Test func theAccountDescribesItself() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            #expect(
                try fixture.call("DescribeTimeToLive", ["TableName": "table"])
                    == ["TimeToLiveDescription": ["TimeToLiveStatus": "DISABLED"]])
            #expect(
                try fixture.call("DescribeContinuousBackups", ["TableName": "table"])["ContinuousBackupsDescription"]?[
                    "ContinuousBackupsStatus"] == "ENABLED")
            #expect(try fixture.call("DescribeLimits", [:])["TableMaxWriteCapacityUnits"] == 40000)
            #expect(try fixture.call("DescribeEndpoints", [:])["Endpoints"]?.array?.count == 1)
            #expect(try fixture.fault("DescribeTimeToLive", ["TableName": "nope"])?.name == "ResourceNotFoundException")
        }
    }
}
