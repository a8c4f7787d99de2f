import SaltmillBytes
import Testing

@Suite struct BatchTests {
    private static func put(_ item: JSONValue) -> JSONValue { ["PutRequest": ["Item": item]] }
    private static func delete(_ key: JSONValue) -> JSONValue { ["DeleteRequest": ["Key": key]] }

    private static func batch(_ table: String, _ requests: [JSONValue]) -> JSONValue {
        ["RequestItems": .object([.init(table, .array(requests))])]
    }

    @Test func putsAndDeletesOfSeveralTablesAreDoneTogether() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("one", "pk:S")
            try fixture.createTable("two", "pk:S")
            try fixture.put("one", ["pk": string("old")])
            let request: JSONValue = [
                "RequestItems": [
                    "one": [Self.put(["pk": string("a"), "v": number(1)]), Self.delete(["pk": string("old")])],
                    "two": [Self.put(["pk": string("a")]), Self.delete(["pk": string("never there")])],
                ]
            ]
            #expect(try fixture.call("BatchWriteItem", request) == ["UnprocessedItems": [:]])
            #expect(try fixture.call("Scan", ["TableName": "one"])["Items"] == [["pk": string("a"), "v": number(1)]])
            #expect(try fixture.call("Scan", ["TableName": "two"])["Items"] == [["pk": string("a")]])
        }
    }

    @Test func twentyFiveWritesAreABatchAndTwentySixAreNot() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:N")
            try fixture.createTable("other", "pk:N")
            let writes = (0..<26).map { Self.put(["pk": number($0)]) }
            let fault = try fixture.fault("BatchWriteItem", Self.batch("table", writes))
            #expect(fault?.name == "ValidationException")
            #expect(
                fault?.message.hasSuffix(
                    "at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: "
                        + "[Member must have length less than or equal to 25, Member must have length greater than or equal to 1]") == true)
            #expect(
                try fixture.fault(
                    "BatchWriteItem", ["RequestItems": ["table": .array(Array(writes[..<13])), "other": .array(Array(writes[13...]))]])
                    == .validation("Too many items requested for the BatchWriteItem call"))
            try fixture.call("BatchWriteItem", Self.batch("table", Array(writes[..<25])))
            #expect(try fixture.call("Scan", ["TableName": "table"])["Count"] == 25)
        }
    }

    static let faults: [(JSONValue, Fault)] = [
        (["RequestItems": [:]], .validation("The requestItems parameter is required for BatchWriteItem")),
        ([:], .validation("The requestItems parameter is required for BatchWriteItem")),
        (
            batch("none", [put(["pk": number(1)])]),
            Fault(name: "ResourceNotFoundException", message: "Requested resource not found")
        ),
        (
            batch("table", [put(["pk": number("1000")]), put(["pk": number("1e3"), "v": number(1)])]),
            .validation("Provided list of item keys contains duplicates")
        ),
        (
            batch("table", [put(["pk": number(1)]), delete(["pk": number("1.0")])]),
            .validation("Provided list of item keys contains duplicates")
        ),
        (batch("table", [put(["v": number(1)])]), .validation("The provided key element does not match the schema")),
        (batch("table", [delete(["pk": string("a")])]), .validation("The provided key element does not match the schema")),
        (
            batch("table", [[:]]),
            .validation("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
        ),
        (
            batch("table", [put(["pk": number("x")])]), .validation("The parameter cannot be converted to a numeric value: x")
        ),
        (
            ["RequestItems": [:], "ReturnConsumedCapacity": "SOME"],
            .validation(
                "1 validation error detected: Value 'SOME' at 'returnConsumedCapacity' failed to satisfy constraint: "
                    + "Member must satisfy enum value set: [INDEXES, TOTAL, NONE]")
        ),
    ]

    @Test func batchesThatCannotBeAreRefusedWhole() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:N")
            for (request, expected) in Self.faults {
                let fault = try fixture.fault("BatchWriteItem", request)
                #expect(fault == expected)
            }
            let big = string(String(repeating: "x", count: 409_600))
            let fault = try fixture.fault(
                "BatchWriteItem", Self.batch("table", [Self.put(["pk": number(1)]), Self.put(["pk": number(2), "v": big])]))
            #expect(fault == .validation("Item size has exceeded the maximum allowed size"))
            #expect(try fixture.call("Scan", ["TableName": "table"])["Count"] == 0)
        }
    }

    @Test func batchesOfKeysBringWhatIsThere() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("one", "pk:S")
            try fixture.createTable("two", "pk:S")
            try fixture.put("one", ["pk": string("a"), "v": number(1)])
            try fixture.put("two", ["pk": string("b")])
            let answer = try fixture.call(
                "BatchGetItem",
                [
                    "RequestItems": [
                        "one": ["Keys": [["pk": string("a")], ["pk": string("missing")]], "ConsistentRead": true],
                        "two": ["Keys": [["pk": string("b")]]],
                    ], "ReturnConsumedCapacity": "TOTAL",
                ])
            #expect(
                answer == [
                    "Responses": ["one": [["pk": string("a"), "v": number(1)]], "two": [["pk": string("b")]]], "UnprocessedKeys": [:],
                    "ConsumedCapacity": [
                        ["TableName": "one", "CapacityUnits": .number("2.0")], ["TableName": "two", "CapacityUnits": .number("0.5")],
                    ],
                ])
        }
    }

    @Test func batchesOfKeysThatCannotBeAreRefused() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:N")
            func request(_ keys: [JSONValue]) -> JSONValue { ["RequestItems": ["table": ["Keys": .array(keys)]]] }
            #expect(
                try fixture.fault("BatchGetItem", ["RequestItems": [:]])
                    == .validation("The requestItems parameter is required for BatchGetItem"))
            #expect(
                try fixture.fault("BatchGetItem", request((0...100).map { ["pk": number($0)] }))
                    == .validation(
                        "1 validation error detected: Value at 'RequestItems.table.member.Keys' failed to satisfy constraint: "
                            + "Member must have length less than or equal to 100"))
            #expect(
                try fixture.fault("BatchGetItem", request([["pk": number(1)], ["pk": number(1)]]))
                    == .validation("Provided list of item keys contains duplicates"))
            #expect(
                try fixture.fault("BatchGetItem", request([["sk": number(1)]]))
                    == .validation("The provided key element does not match the schema"))
            #expect(
                try fixture.fault("BatchGetItem", ["RequestItems": ["none": ["Keys": [["pk": number(1)]]]]])?.name
                    == "ResourceNotFoundException")
            try fixture.call("BatchGetItem", request((1...100).map { ["pk": number($0)] }))
        }
    }

    @Test func anAnswerOver16MBLeavesKeysForLater() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:N")
            let text = string(String(repeating: "x", count: 400_000))
            for number in 0..<50 { try fixture.put("table", ["pk": SaltmillEndpointTests.number(number), "v": text]) }
            let keys = (0..<50).map { number -> JSONValue in ["pk": SaltmillEndpointTests.number(number)] }
            let request = JSONValue.object([.init("RequestItems", ["table": ["Keys": .array(keys)]])])
            let response = try fixture.client.call("BatchGetItem", request.bytes)
            // 42 items reach 16 MB; only the answer's end is read, which is short.
            let tail = String(decoding: response.body.suffix(1000), as: UTF8.self)
            let left = try #require(tail.firstRange(of: "\"UnprocessedKeys\":")).upperBound
            let unprocessed = try JSONValue(parsing: Array(tail[left...].dropLast().utf8).span)
            #expect(unprocessed == ["table": ["Keys": .array(Array(keys[42...]))]])
            let rest = try fixture.call("BatchGetItem", ["RequestItems": unprocessed])
            #expect(rest["Responses"]?["table"]?.array?.count == 8 && rest["UnprocessedKeys"] == [:])
        }
    }
}
