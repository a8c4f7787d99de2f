import SaltmillBytes
import Testing

@Suite struct CapacityTests {
    /// What a request consumed: the sum, then what its parts are, as the answer to `INDEXES` has it.
    private static func consumed(_ answer: JSONValue) -> [String: Double] {
        let value = answer["ConsumedCapacity"]
        var parts = ["sum": value?["CapacityUnits"]?.double ?? -1]
        if let table = value?["Table"]?["CapacityUnits"]?.double { parts["table"] = table }
        for member in ["LocalSecondaryIndexes", "GlobalSecondaryIndexes"] {
            for index in value?[member]?.members ?? [] { parts[index.name] = index.value["CapacityUnits"]?.double }
        }
        return parts
    }

    /// An item whose size is exactly so many bytes.
    private static func item(_ key: String, bytes: Int) -> JSONValue {
        ["pk": string(key), "v": string(String(repeating: "x", count: bytes - 3 - key.utf8.count))]
    }

    @Test(arguments: [
        (4, 1.0, 1.0), (1024, 1, 1), (1025, 2, 1), (2048, 2, 1), (4096, 4, 1), (4097, 5, 2), (8193, 9, 3), (409_600, 400, 100),
    ])
    func writesCostAUnitAKBAndReadsAUnitFour(bytes: Int, write: Double, read: Double) async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            let put = try fixture.call(
                "PutItem", ["TableName": "table", "Item": Self.item("k", bytes: bytes), "ReturnConsumedCapacity": "TOTAL"])
            #expect(put["ConsumedCapacity"] == ["TableName": "table", "CapacityUnits": .number("\(write)")])
            for (consistent, units) in [(true, read), (false, read / 2)] {
                let get = try fixture.call(
                    "GetItem",
                    [
                        "TableName": "table", "Key": ["pk": string("k")], "ConsistentRead": .bool(consistent),
                        "ReturnConsumedCapacity": "INDEXES",
                    ])
                #expect(Self.consumed(get) == ["sum": units, "table": units])
            }
            let delete = try fixture.call(
                "DeleteItem", ["TableName": "table", "Key": ["pk": string("k")], "ReturnConsumedCapacity": "TOTAL"])
            #expect(Self.consumed(delete) == ["sum": write])
        }
    }

    /// Values and their sizes in bytes.
    static let sizes: [(JSONValue, Int)] = [
        (number("0"), 1), (number("1"), 2), (number("-1"), 3), (number("10"), 2), (number("12"), 2), (number("1.2"), 3), (number("100"), 2),
        (number("123"), 3), (number("1234"), 3), (number("0.5"), 2), (number("-5"), 3), (number("3.14"), 3), (number("1672531200"), 5),
        (number("12345678901234567890123456789012345678"), 20), (number("-9.9999999999999999999999999999999999999E125"), 21),
        (string("é"), 2), (string("🎉"), 4), (["B": "AAEC"], 3), (["BOOL": true], 1), (["NULL": true], 1), (["SS": ["a", "bc"]], 3),
        (["NS": ["1", "12"]], 4), (["BS": ["AA==", "AAE="]], 3), (["L": []], 3), (["M": [:]], 3), (["L": [string("a"), number("1")]], 8),
        (["M": ["ab": string("c"), "d": ["L": []]]], 3 + 1 + 2 + 1 + 1 + 1 + 3),
    ]

    @Test func sizesFollowTheRulesToTheByte() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            for (value, size) in Self.sizes {
                // Filled up to 1 KB exactly, and then by one byte more.
                for (filler, units) in [(1024 - 3 - 1 - size - 1, 1.0), (1024 - 3 - 1 - size, 2.0)] {
                    try fixture.call("DeleteItem", ["TableName": "table", "Key": ["pk": string("k")]])
                    let put = try fixture.call(
                        "PutItem",
                        [
                            "TableName": "table",
                            "Item": ["pk": string("k"), "v": value, "f": string(String(repeating: "x", count: filler))],
                            "ReturnConsumedCapacity": "TOTAL",
                        ])
                    #expect(Self.consumed(put) == ["sum": units], "\(value)")
                }
            }
        }
    }

    @Test func aReplacedItemCountsByTheLargerOfTheTwo() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            func put(_ bytes: Int) throws -> Double? {
                Self.consumed(
                    try fixture.call(
                        "PutItem", ["TableName": "table", "Item": Self.item("k", bytes: bytes), "ReturnConsumedCapacity": "TOTAL"]))["sum"]
            }
            #expect([try put(100), try put(5000), try put(100), try put(100)] == [1, 5, 5, 1])
        }
    }

    @Test func whatIsMissingCostsTheLeast() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            let key: JSONValue = ["TableName": "table", "Key": ["pk": string("k")], "ReturnConsumedCapacity": "TOTAL"]
            #expect(Self.consumed(try fixture.call("DeleteItem", key)) == ["sum": 1])
            #expect(Self.consumed(try fixture.call("GetItem", key)) == ["sum": 0.5])
            let query = try fixture.call(
                "Query",
                [
                    "TableName": "table", "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": [":p": string("x")],
                    "ReturnConsumedCapacity": "TOTAL",
                ])
            #expect(Self.consumed(query) == ["sum": 0.5])
        }
    }

    @Test func batchesRoundEachItemUpByItself() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            try fixture.createTable("other", "pk:S")
            let writes = (0..<10).map { number -> JSONValue in ["PutRequest": ["Item": Self.item("\(number)", bytes: 1025)]] }
            let answer = try fixture.call(
                "BatchWriteItem",
                [
                    "RequestItems": ["table": .array(writes), "other": [["PutRequest": ["Item": ["pk": string("a")]]]]],
                    "ReturnConsumedCapacity": "INDEXES",
                ])
            #expect(
                answer["ConsumedCapacity"] == [
                    ["TableName": "table", "CapacityUnits": .number("20.0"), "Table": ["CapacityUnits": .number("20.0")]],
                    ["TableName": "other", "CapacityUnits": .number("1.0"), "Table": ["CapacityUnits": .number("1.0")]],
                ])
        }
    }

    @Test func queriesAndScansRoundTheirSumUp() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S", "sk:N", more: ["ProvisionedThroughput": Fixture.throughput(100, 100)])
            for position in 0..<10 {
                // pk 3 + sk 2 or 3 + v 1 + text
                try fixture.put("table", ["pk": string("a"), "sk": number(position), "v": string(String(repeating: "x", count: 1000))])
            }
            let sum = 10 * (2 + 1 + 2 + 1 + 1000) + 9 * 2 + 1
            #expect(sum < 10 * 1024 && sum > 8192)
            let query = try fixture.call(
                "Query",
                [
                    "TableName": "table", "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": [":p": string("a")],
                    "ReturnConsumedCapacity": "INDEXES", "ConsistentRead": true,
                ])
            #expect(Self.consumed(query) == ["sum": 3, "table": 3])
            let scan = try fixture.call("Scan", ["TableName": "table", "ReturnConsumedCapacity": "TOTAL", "Select": "COUNT"])
            #expect(Self.consumed(scan) == ["sum": 1.5])
        }
    }

    @Test func scansPayForEveryPartitionTheyTouch() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S", more: ["GlobalSecondaryIndexes": [Fixture.index("index", ["g"])]], attributes: ["g:S"])
            try fixture.put("table", ["pk": string("a")])
            func scan(_ members: JSONValue) throws -> [String: Double] {
                let request = JSONValue.object(
                    [.init("TableName", "table"), .init("ReturnConsumedCapacity", "INDEXES")] + (members.members ?? []))
                return Self.consumed(try fixture.call("Scan", request))
            }
            #expect(try scan(["ConsistentRead": true]) == ["sum": 4, "table": 4])
            #expect(try scan([:]) == ["sum": 2, "table": 2])
            #expect(try scan(["IndexName": "index"]) == ["sum": 2, "index": 2])
            #expect(try scan(["Segment": 3, "TotalSegments": 4]) == ["sum": 0.5, "table": 0.5])
            #expect(try scan(["Segment": 1, "TotalSegments": 2]) == ["sum": 1, "table": 1])
        }
    }

    /// What the writes of a session cost the table, a local index and two global ones; 0 where they are not named.
    static let session: [(item: JSONValue, table: Double, local: Double, all: Double, some: Double)] = [
        // In no index.
        (["v": number(1)], 1, 0, 0, 0),
        // Enters the local index: its unit is the table's own.
        (["v": number(1), "l": number(1)], 1, 1, 0, 0),
        // Enters both global indexes.
        (["v": number(1), "l": number(1), "g": string("x")], 1, 0, 1, 1),
        // Changes what one of them does not project.
        (["v": number(2), "l": number(1), "g": string("x")], 1, 0, 1, 0),
        // Changes what both project.
        (["v": number(2), "l": number(1), "g": string("x"), "p": number(1)], 1, 0, 1, 1),
        // Changes their key: one entry goes, another comes.
        (["v": number(2), "l": number(1), "g": string("y"), "p": number(1)], 1, 0, 2, 2),
        // Changes nothing.
        (["v": number(2), "l": number(1), "g": string("y"), "p": number(1)], 1, 0, 0, 0),
        // Large: each entry counts by its own size.
        (["v": string(String(repeating: "x", count: 3000)), "l": number(2), "g": string("y"), "p": number(1)], 3, 2, 3, 0),
        // Leaves all.
        (["v": number(1)], 3, 1, 3, 1),
    ]

    @Test func indexesCostWhatChangesInThem() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable(
                "table", "pk:S", "sk:N",
                more: [
                    "LocalSecondaryIndexes": [Fixture.index("local", ["pk", "l"], ["ProjectionType": "KEYS_ONLY"])],
                    "GlobalSecondaryIndexes": [
                        Fixture.index("all", ["g"]),
                        Fixture.index("some", ["g", "sk"], ["ProjectionType": "INCLUDE", "NonKeyAttributes": ["p"]]),
                    ],
                ], attributes: ["l:N", "g:S"])
            for step in Self.session {
                let item = JSONValue.object([.init("pk", string("a")), .init("sk", number(1))] + (step.item.members ?? []))
                let put = try fixture.call("PutItem", ["TableName": "table", "Item": item, "ReturnConsumedCapacity": "INDEXES"])
                var expected = ["sum": step.table + step.local + step.all + step.some, "table": step.table]
                if step.local > 0 { expected["local"] = step.local }
                if step.all > 0 { expected["all"] = step.all }
                if step.some > 0 { expected["some"] = step.some }
                #expect(Self.consumed(put) == expected, "\(step.item)")
            }
        }
    }
}
