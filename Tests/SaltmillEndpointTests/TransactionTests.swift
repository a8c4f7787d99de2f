import SaltmillBytes
import SaltmillEndpoint
import SaltmillPartitions
import Testing

@Suite struct TransactionTests {
    private static func put(_ key: String, _ more: [JSONValue.Member] = []) -> JSONValue {
        ["Put": .object([.init("TableName", "table"), .init("Item", ["pk": string(key), "v": number(1)])] + more)]
    }

    private static let isNew: [JSONValue.Member] = [
        .init("ConditionExpression", "attribute_not_exists(pk)"), .init("ReturnValuesOnConditionCheckFailure", "ALL_OLD"),
    ]

    private static let update: JSONValue = [
        "Update": [
            "TableName": "table", "Key": ["pk": string("old")], "UpdateExpression": "ADD v :o",
            "ExpressionAttributeValues": [":o": number(1)],
        ]
    ]

    private static func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8).span) }

    @Test func allActionsAreDone() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            try fixture.put("table", ["pk": string("old"), "v": number(7)])
            try fixture.put("table", ["pk": string("gone")])
            let others = try Self.json(
                #"""
                [{"Delete":{"TableName":"table","Key":{"pk":{"S":"gone"}}}},{"ConditionCheck":{"TableName":"table",
                "Key":{"pk":{"S":"none"}},"ConditionExpression":"attribute_not_exists(pk)"}}]
                """#)
            let items = [Self.put("new", Self.isNew), Self.update] + (others.array ?? [])
            let answer = try fixture.call("TransactWriteItems", ["TransactItems": .array(items), "ReturnConsumedCapacity": "TOTAL"])
            let consumed = try Self.json(#"{"ConsumedCapacity":[{"TableName":"table","CapacityUnits":8.0,"WriteCapacityUnits":8.0}]}"#)
            #expect(answer == consumed)
            #expect(try fixture.get("table", ["pk": string("old")])?["v"] == number(8))
            #expect(try fixture.get("table", ["pk": string("new")]) != nil)
            #expect(try fixture.get("table", ["pk": string("gone")]) == nil)
        }
    }

    @Test func oneActionThatFailsUndoesAll() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            try fixture.put("table", ["pk": string("old"), "v": number(7)])
            try fixture.put("table", ["pk": string("new"), "v": number(1)])
            let body: JSONValue = ["TransactItems": .array([Self.put("another"), Self.put("new", Self.isNew), Self.update])]
            let answer = try Self.json(fixture.client.call("TransactWriteItems", body.bytes).text)
            let fault = Fixture.fault(answer)
            #expect(fault.name == "TransactionCanceledException")
            #expect(
                fault.message
                    == "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, None]")
            let reasons = try Self.json(
                #"""
                [{"Code":"None"},{"Code":"ConditionalCheckFailed","Message":"The conditional request failed",
                "Item":{"pk":{"S":"new"},"v":{"N":"1"}}},{"Code":"None"}]
                """#)
            #expect(answer["CancellationReasons"] == reasons)
            #expect(try fixture.get("table", ["pk": string("another")]) == nil)
            #expect(try fixture.get("table", ["pk": string("old")])?["v"] == number(7))
        }
    }

    @Test func aTransactionThatIsThrottledLeavesNothing() async throws {
        let clock = ManualClock()
        try await Fixture.run {
            $0.physics = Physics(.adaptive, burst: .seconds(1))
            $0.clock = clock.clock
        } _: { fixture in
            try fixture.createTable("table", "pk:S", more: ["ProvisionedThroughput": Fixture.throughput(5, 5)])
            let fault = try fixture.fault("TransactWriteItems", ["TransactItems": .array((0..<4).map { Self.put("\($0)") })])
            #expect(fault?.name == "TransactionCanceledException" && fault?.message.contains("ProvisionedThroughputExceeded") == true)
            clock.advance(100)
            #expect(try fixture.call("Scan", ["TableName": "table"])["Count"] == 0)
            #expect(try fixture.call("DescribeTable", ["TableName": "table"])["Table"]?["ItemCount"] == 0)
        }
    }

    @Test func aTokenIsRememberedForTenMinutes() async throws {
        let clock = ManualClock()
        try await Fixture.run {
            $0.clock = clock.clock
        } _: { fixture in
            try fixture.createTable("table", "pk:S")
            let add: JSONValue = [
                "TransactItems": [
                    [
                        "Update": [
                            "TableName": "table", "Key": ["pk": string("a")], "UpdateExpression": "ADD v :o",
                            "ExpressionAttributeValues": [":o": number(1)],
                        ]
                    ]
                ], "ClientRequestToken": "token",
            ]
            for _ in 0..<3 { try fixture.call("TransactWriteItems", add) }
            #expect(try fixture.get("table", ["pk": string("a")])?["v"] == number(1))
            #expect(
                try fixture.fault("TransactWriteItems", ["TransactItems": [Self.put("a")], "ClientRequestToken": "token"])?.name
                    == "IdempotentParameterMismatchException")
            clock.advance(601)
            try fixture.call("TransactWriteItems", add)
            #expect(try fixture.get("table", ["pk": string("a")])?["v"] == number(2))
        }
    }

    @Test func transactionsReadInTheOrderAsked() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            try fixture.put("table", ["pk": string("a"), "v": number(1)])
            func get(_ key: String) -> JSONValue {
                ["Get": ["TableName": "table", "Key": ["pk": string(key)], "ProjectionExpression": "v"]]
            }
            #expect(
                try fixture.call("TransactGetItems", ["TransactItems": [get("b"), get("a")]])
                    == ["Responses": [[:], ["Item": ["v": number(1)]]]])
            #expect(
                try fixture.fault("TransactGetItems", ["TransactItems": [get("a"), get("a")]])
                    == .validation("Transaction request cannot include multiple operations on one item"))
        }
    }
}
