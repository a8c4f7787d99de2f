import SaltedKeys
import SaltmillBackup
import SaltmillBytes
import SaltmillDynamoDB
import Testing

/// What a table is made of again, from descriptions as servers write them.
@Suite struct RestorePlanTests {
    static func plan(
        _ table: String, settings: TablePlan.Settings = .init(), billing: BillingChoice = .asItWas, after: Bool = false,
        transform: ItemTransform = .init()
    ) throws -> TablePlan {
        let blueprint = try TableBlueprint(describing: try JSONValue(parsing: Array(table.utf8).span))
        return try TablePlan(
            blueprint, as: "copy", settings: settings, billing: billing, createsIndexesAfter: after, transform: transform)
    }

    static func creation(_ plan: TablePlan) throws -> JSONValue {
        plan.blueprint.creation(as: plan.target, tags: plan.settings.tags, withGlobalIndexes: !plan.createsIndexesAfter)
    }

    /// As the service itself describes an on-demand table with everything.
    static let service = """
        {"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"N"},
        {"AttributeName":"g","AttributeType":"B"}],"TableName":"orders","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},
        {"AttributeName":"sk","KeyType":"RANGE"}],"TableStatus":"ACTIVE","CreationDateTime":1.700000000123E9,
        "ProvisionedThroughput":{"NumberOfDecreasesToday":0,"ReadCapacityUnits":0,"WriteCapacityUnits":0},"TableSizeBytes":77,"ItemCount":3,
        "TableArn":"arn:aws:dynamodb:eu-west-1:123456789012:table/orders","TableId":"0b1c","BillingModeSummary":{"BillingMode":
        "PAY_PER_REQUEST","LastUpdateToPayPerRequestDateTime":1.7E9},"LocalSecondaryIndexes":[{"IndexName":"local","KeySchema":
        [{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"g","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"},
        "IndexSizeBytes":0,"ItemCount":0,"IndexArn":"arn:x"}],"GlobalSecondaryIndexes":[{"IndexName":"global","KeySchema":[{"AttributeName":
        "g","KeyType":"HASH"}],"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["a","b"]},"IndexStatus":"ACTIVE",
        "ProvisionedThroughput":{"NumberOfDecreasesToday":0,"ReadCapacityUnits":0,"WriteCapacityUnits":0},"IndexSizeBytes":0,"ItemCount":0,
        "IndexArn":"arn:y","OnDemandThroughput":{"MaxReadRequestUnits":-1,"MaxWriteRequestUnits":50},"WarmThroughput":{"ReadUnitsPerSecond":
        12000,"WriteUnitsPerSecond":4000,"Status":"ACTIVE"}}],"StreamSpecification":{"StreamEnabled":true,"StreamViewType":
        "NEW_AND_OLD_IMAGES"},"LatestStreamLabel":"x","TableClassSummary":{"TableClass":"STANDARD_INFREQUENT_ACCESS"},
        "DeletionProtectionEnabled":true,"OnDemandThroughput":{"MaxReadRequestUnits":100,"MaxWriteRequestUnits":-1},
        "SSEDescription":{"Status":"ENABLED","SSEType":"KMS","KMSMasterKeyArn":"arn:key"},
        "Replicas":[{"RegionName":"us-east-1","ReplicaStatus":"ACTIVE"}]}
        """

    @Test func anOnDemandTableComesBackWithEverything() throws {
        let plan = try Self.plan(Self.service)
        let wanted = """
            {"TableName":"copy","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"N"},
            {"AttributeName":"g","AttributeType":"B"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":
            "RANGE"}],"BillingMode":"PAY_PER_REQUEST","OnDemandThroughput":{"MaxReadRequestUnits":100},"LocalSecondaryIndexes":[{"IndexName":
            "local","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"g","KeyType":"RANGE"}],"Projection":
            {"ProjectionType":"KEYS_ONLY"}}],"GlobalSecondaryIndexes":[{"IndexName":"global","KeySchema":[{"AttributeName":"g","KeyType":
            "HASH"}],"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["a","b"]},"OnDemandThroughput":{"MaxWriteRequestUnits":
            50}}],"TableClass":"STANDARD_INFREQUENT_ACCESS"}
            """
        #expect(try Self.creation(plan) == JSONValue(parsing: Array(wanted.utf8).span))
        #expect(plan.blueprint.streamView == "NEW_AND_OLD_IMAGES")
        #expect(plan.blueprint.isProtectedFromDeletion)
        #expect(plan.notes.count == 2)
    }

    @Test func indexesCanBeLeftForLater() throws {
        let plan = try Self.plan(Self.service, after: true)
        let creation = try Self.creation(plan)
        #expect(creation["GlobalSecondaryIndexes"] == nil)
        // `g` is a key of the local index still.
        #expect(creation["AttributeDefinitions"]?.array?.count == 3)
        let addition = plan.blueprint.addition(of: plan.blueprint.globalIndexes[0], to: "copy")
        #expect(
            addition["AttributeDefinitions"] == [
                ["AttributeName": "pk", "AttributeType": "S"], ["AttributeName": "sk", "AttributeType": "N"],
                ["AttributeName": "g", "AttributeType": "B"],
            ])
        #expect(addition["GlobalSecondaryIndexUpdates"]?.array?.first?["Create"]?["IndexName"] == "global")
    }

    /// As moto, ministack and this program's endpoint describe a provisioned table; a dump of dynamodump has the times as text.
    static let provisioned = [
        """
        {"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},{"AttributeName":"g","AttributeType":"S"}],"ProvisionedThroughput":
        {"ReadCapacityUnits":5,"WriteCapacityUnits":7,"NumberOfDecreasesToday":0},"TableSizeBytes":0,"TableName":"t","TableStatus":"ACTIVE",
        "TableArn":"arn:aws:dynamodb:us-east-1:123456789012:table/t","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"ItemCount":0,
        "CreationDateTime":1732170000.0,"GlobalSecondaryIndexes":[{"IndexName":"g","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],
        "Projection":{"ProjectionType":"ALL"},"ProvisionedThroughput":{"ReadCapacityUnits":2,"WriteCapacityUnits":3},"IndexStatus":"ACTIVE"}],
        "LocalSecondaryIndexes":[],"DeletionProtectionEnabled":false,"TableId":"x"}
        """,
        """
        {"AttributeDefinitions":[{"AttributeName":"g","AttributeType":"S"},{"AttributeName":"id","AttributeType":"S"}],"TableName":"t",
        "KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"CreationDateTime":"2018-01-28T01:30:19.926000+00:00","ProvisionedThroughput":
        {"LastIncreaseDateTime":"1970-01-01T00:00:00+00:00","NumberOfDecreasesToday":0,"ReadCapacityUnits":5,"WriteCapacityUnits":7},
        "BillingModeSummary":{"BillingMode":"PROVISIONED"},"GlobalSecondaryIndexes":[{"IndexName":"g","KeySchema":[{"AttributeName":"g",
        "KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"},"ProvisionedThroughput":{"NumberOfDecreasesToday":0,"ReadCapacityUnits":2,
        "WriteCapacityUnits":3}}],"StreamSpecification":{"StreamEnabled":false},"TableClassSummary":{"TableClass":"STANDARD"}}
        """,
    ]

    @Test(arguments: provisioned) func aProvisionedTableComesBackAsItWas(_ table: String) throws {
        let creation = try Self.creation(try Self.plan(table))
        #expect(creation["BillingMode"] == "PROVISIONED")
        #expect(creation["ProvisionedThroughput"] == ["ReadCapacityUnits": 5, "WriteCapacityUnits": 7])
        #expect(
            creation["GlobalSecondaryIndexes"]?.array?.first?["ProvisionedThroughput"] == ["ReadCapacityUnits": 2, "WriteCapacityUnits": 3])
        for member in ["LocalSecondaryIndexes", "StreamSpecification", "TableClass", "Tags", "DeletionProtectionEnabled"] {
            #expect(creation[member] == nil, "\(member)")
        }
    }

    @Test func billingCanBeChosen() throws {
        let onDemand = try Self.creation(try Self.plan(Self.provisioned[0], billing: .onDemand))
        #expect(onDemand["BillingMode"] == "PAY_PER_REQUEST")
        #expect(onDemand["ProvisionedThroughput"] == nil)
        #expect(onDemand["GlobalSecondaryIndexes"]?.array?.first?["ProvisionedThroughput"] == nil)
        let paid = try Self.creation(try Self.plan(Self.service, billing: .provisioned(Throughput(read: 10, write: 20))))
        #expect(paid["ProvisionedThroughput"] == ["ReadCapacityUnits": 10, "WriteCapacityUnits": 20])
        #expect(paid["OnDemandThroughput"] == nil)
        #expect(
            paid["GlobalSecondaryIndexes"]?.array?.first?["ProvisionedThroughput"] == ["ReadCapacityUnits": 10, "WriteCapacityUnits": 20])
    }

    @Test func settingsFollowTheItems() throws {
        var settings = TablePlan.Settings()
        settings.tags = [Tag("team", "a b"), Tag("aws:cloudformation:stack-name", "s")]
        settings.timeToLive = "until"
        let salt = SaltDeclaration(attribute: "pk", by: ["sk"], recipe: SaltRecipe(shards: 9))
        let plan = try Self.plan(
            Self.service, settings: settings, transform: ItemTransform(renamed: [.init(from: "until", to: "expires")], salt: salt))
        #expect(plan.settings.timeToLive == "expires")
        #expect(plan.settings.tags == [Tag("team", "a b"), Tag("saltmill:salt", salt.text)])
        #expect(plan.notes.contains { $0.contains("aws:cloudformation:stack-name") })
        let dropped = try Self.plan(Self.service, settings: settings, transform: ItemTransform(dropped: ["until"]))
        #expect(dropped.settings.timeToLive == nil)
        #expect(dropped.notes.contains { $0.contains("until is dropped") })
    }

    @Test func aTableIsComparedBeforeItIsUsed() throws {
        let plan = try Self.plan(Self.provisioned[0])
        func table(_ change: (inout String) -> Void) throws -> TableDescription {
            var text = Self.provisioned[0]
            change(&text)
            return try TableDescription(try JSONValue(parsing: Array(text.utf8).span))
        }
        #expect(plan.differences(to: try table { _ in }, in: .whole).isEmpty)
        let otherType = try table { $0 = $0.replacingFirst(#""id","AttributeType":"S""#, #""id","AttributeType":"N""#) }
        #expect(plan.differences(to: otherType, in: .key) == ["the key is (id N), in the dump (id S)"])
        let otherIndex = try table { $0 = $0.replacingFirst(#""IndexName":"g""#, #""IndexName":"h""#) }
        #expect(plan.differences(to: otherIndex, in: .key).isEmpty)
        #expect(
            plan.differences(to: otherIndex, in: .whole) == ["the global index g is missing", "the global index h is not in the dump"])
        let later = try Self.plan(Self.provisioned[0], after: true)
        #expect(later.differences(to: otherIndex, in: .whole) == ["the global index h is not in the dump"])
        let projection = try table { $0 = $0.replacingFirst(#""ProjectionType":"ALL""#, #""ProjectionType":"KEYS_ONLY""#) }
        #expect(plan.differences(to: projection, in: .whole).count == 1)
    }
}

extension String {
    /// The text with the first place of one text taken by another.
    func replacingFirst(_ old: String, _ new: String) -> String {
        guard let range = firstRange(of: old) else { return self }
        return replacingCharacters(range, new)
    }

    private func replacingCharacters(_ range: Range<String.Index>, _ new: String) -> String {
        String(self[..<range.lowerBound]) + new + String(self[range.upperBound...])
    }
}
