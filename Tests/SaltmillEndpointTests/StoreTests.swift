import SaltmillBytes
import SaltmillEndpoint
import Testing

@Suite struct StoreTests {
    /// One request of a few kinds, on few enough keys for them to meet, and enough for a store to have many blocks of them.
    private static func request(_ generator: inout SeededGenerator) -> (operation: String, body: JSONValue) {
        // One partition holds as many rows as all others.
        let hash = Bool.random(using: &generator) ? "hot" : "h\(Int.random(in: 0..<300, using: &generator))"
        let key: [JSONValue.Member] = [
            .init("pk", string(hash)), .init("sk", number(Int.random(in: 0..<1500, using: &generator))),
        ]
        let item = JSONValue.object(key + [.init("v", number(Int.random(in: 0..<9, using: &generator)))])
        switch Int.random(in: 0..<40, using: &generator) {
        case 0: return ("Scan", ["TableName": "table", "IndexName": "index", "Limit": 300])
        case 1:
            let ascending = Bool.random(using: &generator)
            return (
                "Query",
                [
                    "TableName": "table", "KeyConditionExpression": "pk = :h AND sk BETWEEN :a AND :b",
                    "ScanIndexForward": .bool(ascending),
                    "ExpressionAttributeValues": [":h": string(hash), ":a": number(400), ":b": number(900)],
                ]
            )
        case 2...12: return ("DeleteItem", ["TableName": "table", "Key": .object(key), "ReturnValues": "ALL_OLD"])
        case 13...15:
            // What is done first is undone by what fails.
            let check: JSONValue = ["TableName": "table", "Key": .object(key), "ConditionExpression": "attribute_exists(nothing)"]
            return (
                "TransactWriteItems",
                [
                    "TransactItems": [
                        ["Put": ["TableName": "table", "Item": ["pk": string("x"), "sk": number(1)]]], ["ConditionCheck": check],
                    ]
                ]
            )
        default: return ("PutItem", ["TableName": "table", "Item": item, "ReturnValues": "ALL_OLD"])
        }
    }

    @Test func rowsInMemoryAreAsThoseInAFile() async throws {
        let folder = try TemporaryFolder()
        try await Fixture.run { memory in
            try await Fixture.run({ $0.dataFile = folder.file("data") }) { file in
                for fixture in [memory, file] {
                    try fixture.createTable(
                        "table", "pk:S", "sk:N", more: ["GlobalSecondaryIndexes": [Fixture.index("index", ["v"])]], attributes: ["v:N"])
                }
                var generator = SeededGenerator(state: 6)
                for number in 0..<2500 {
                    let (operation, body) = Self.request(&generator)
                    let (one, other) = (try memory.client.call(operation, body.bytes), try file.client.call(operation, body.bytes))
                    try #require(one.text == other.text, "request \(number), \(operation)")
                }
                let (one, other) = (try memory.call("Scan", ["TableName": "table"]), try file.call("Scan", ["TableName": "table"]))
                #expect(one == other)
                #expect(one["Count"]?.int ?? 0 > 500)
            }
        }
    }
}
