import SaltmillBytes
import SaltmillDynamoDB
import Testing

@Suite struct TableTests {
    private func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8).span) }

    @Test func aDescriptionIsReadWithItsIndexes() throws {
        let description = try TableDescription(
            json(
                #"""
                {"TableName":"t","TableStatus":"ACTIVE","TableArn":"arn:t","TableId":"id-1","CreationDateTime":1.421866952062E9,"ItemCount":7,
                 "TableSizeBytes":99,"KeySchema":[{"AttributeName":"r","KeyType":"RANGE"},{"AttributeName":"h","KeyType":"HASH"}],
                 "AttributeDefinitions":[{"AttributeName":"h","AttributeType":"S"},{"AttributeName":"r","AttributeType":"N"},
                  {"AttributeName":"g","AttributeType":"B"}],
                 "ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":6,"NumberOfDecreasesToday":0},"Something":{"new":[1]},
                 "GlobalSecondaryIndexes":[{"IndexName":"gi","KeySchema":[{"AttributeName":"g","KeyType":"HASH"}],"IndexStatus":"CREATING",
                  "Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["x","y"]},"IndexArn":"arn:gi","ItemCount":3,
                  "ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":2}}],
                 "LocalSecondaryIndexes":[{"IndexName":"li","KeySchema":[{"AttributeName":"h","KeyType":"HASH"},
                  {"AttributeName":"g","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}]}
                """#))
        #expect(description.key == KeySchema(hash: KeyAttribute("h", .S), range: KeyAttribute("r", .N)))
        #expect(description.billing == .provisioned(Throughput(read: 5, write: 6)))
        #expect(description.arn == "arn:t" && description.id == "id-1" && description.created == 1_421_866_952.062)
        #expect(description.itemCount == 7 && description.sizeBytes == 99)
        let global = try #require(description.globalIndexes.first)
        #expect(global.name == "gi" && global.key == KeySchema(hash: KeyAttribute("g", .B)) && global.status == "CREATING")
        #expect(global.projection == .include(["x", "y"]) && global.throughput == Throughput(read: 1, write: 2))
        #expect(global.arn == "arn:gi" && global.itemCount == 3)
        let local = try #require(description.localIndexes.first)
        #expect(local.key.range == KeyAttribute("g", .B) && local.projection == .keysOnly && local.throughput == nil)
        #expect(!description.isActive, "an index is still being created")
    }

    @Test(arguments: [
        (
            #""BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"},"ProvisionedThroughput":{"ReadCapacityUnits":0,"WriteCapacityUnits":0}"#,
            true
        ),
        (#""ProvisionedThroughput":{"ReadCapacityUnits":0,"WriteCapacityUnits":0}"#, true), (#""X":1"#, true),
        (#""ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}"#, false),
        (
            #""BillingModeSummary":{"BillingMode":"PROVISIONED"},"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}"#,
            false
        ),
    ])
    func howATableIsPaidForIsRead(members: String, isOnDemand: Bool) throws {
        let description = try TableDescription(
            json(
                #"{"TableName":"t","TableStatus":"ACTIVE","KeySchema":[{"AttributeName":"h","KeyType":"HASH"}],"#
                    + #""AttributeDefinitions":[{"AttributeName":"h","AttributeType":"S"}],\#(members)}"#))
        #expect((description.billing == .onDemand) == isOnDemand)
        #expect(description.isActive && description.id == nil && description.globalIndexes.isEmpty)
    }

    @Test(arguments: [
        "{}", #"{"TableName":"t"}"#, #"{"TableName":"t","TableStatus":"ACTIVE"}"#,
        #"{"TableName":"t","TableStatus":"ACTIVE","KeySchema":[{"AttributeName":"h","KeyType":"HASH"}],"AttributeDefinitions":[]}"#,
    ])
    func aDescriptionWithoutNameStatusOrKeyIsAnError(text: String) {
        #expect(throws: DynamoDBFailure.self) { try TableDescription(json(text)) }
    }

    @Test func aDefinitionBecomesTheBodyOfCreateTable() throws {
        let day = KeyAttribute("day", .S)
        let definition = TableDefinition(
            name: "t", key: KeySchema(hash: day, range: KeyAttribute("id", .N)),
            indexes: [
                .init(name: "a", key: KeySchema(hash: KeyAttribute("c", .B), range: day), projection: .keysOnly),
                .init(name: "b", key: KeySchema(hash: day), projection: .include(["x"]), throughput: Throughput(read: 3, write: 4)),
            ], billing: .provisioned(Throughput(read: 1, write: 2)), tags: [Tag("k", "v")])
        #expect(
            try definition.json
                == json(
                    #"""
                    {"TableName":"t","AttributeDefinitions":[{"AttributeName":"day","AttributeType":"S"},{"AttributeName":"id","AttributeType":"N"},
                      {"AttributeName":"c","AttributeType":"B"}],
                     "KeySchema":[{"AttributeName":"day","KeyType":"HASH"},{"AttributeName":"id","KeyType":"RANGE"}],"BillingMode":"PROVISIONED",
                     "ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":2},
                     "GlobalSecondaryIndexes":[
                      {"IndexName":"a","KeySchema":[{"AttributeName":"c","KeyType":"HASH"},{"AttributeName":"day","KeyType":"RANGE"}],
                       "Projection":{"ProjectionType":"KEYS_ONLY"},"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":2}},
                      {"IndexName":"b","KeySchema":[{"AttributeName":"day","KeyType":"HASH"}],
                       "Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["x"]},
                       "ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":4}}],
                     "Tags":[{"Key":"k","Value":"v"}]}
                    """#))
        let onDemand = TableDefinition(name: "t", key: KeySchema(hash: day), billing: .onDemand).json
        #expect(onDemand["BillingMode"] == "PAY_PER_REQUEST")
        #expect(onDemand["ProvisionedThroughput"] == nil && onDemand["GlobalSecondaryIndexes"] == nil && onDemand["Tags"] == nil)
    }
}
