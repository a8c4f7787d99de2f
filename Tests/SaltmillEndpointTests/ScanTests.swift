import SaltmillBytes
import Testing

@Suite struct ScanTests {
    private static func keys(_ fixture: Fixture, _ changes: JSONValue, limit: Int? = nil) throws -> [String] {
        var keys: [String] = []
        var start: JSONValue?
        repeat {
            var request: [JSONValue.Member] = [.init("TableName", "table")] + (changes.members ?? [])
            if let limit { request.append(.init("Limit", .integer(limit))) }
            if let start { request.append(.init("ExclusiveStartKey", start)) }
            let answer = try fixture.call("Scan", .object(request))
            keys += (answer["Items"]?.array ?? []).compactMap { $0["pk"]?.members?.first?.value.string }
            start = answer["LastEvaluatedKey"]
        } while start != nil
        return keys
    }

    /// Orders that were seen on DynamoDB itself (dynalite's tests record them).
    @Test(arguments: [
        ("S", ["2", "8", "9", "1", "6", "hello", "0", "5", "4", "äáöü", "aardman", "7", "3", "zapf"]),
        ("N", ["7", "999.9", "8", "3", "2", "-999.9", "9", "4", "-0.09", "6", "1", "0", "0.012345", "5"]),
    ])
    func itemsComeInTheOrderOfTheirHashes(type: String, order: [String]) async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:\(type)")
            for key in order.sorted() { try fixture.put("table", ["pk": type == "S" ? string(key) : number(key)]) }
            #expect(try Self.keys(fixture, [:]) == order)
            for limit in 1...5 { #expect(try Self.keys(fixture, [:], limit: limit) == order) }
        }
    }

    @Test(arguments: [1, 2, 3, 7, 16, 4096, 5000]) func segmentsDivideTheItems(total: Int) async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            // 3635 and 228 have 000 as their hash's first 12 bits, 1668 has 001, 3435 has 004.
            let names = (0..<60).map(String.init) + ["3635", "228", "1668", "3435"]
            for name in names { try fixture.put("table", ["pk": string(name)]) }
            let whole = try Self.keys(fixture, [:])
            #expect(Set(whole) == Set(names))
            let segments = total <= 16 ? Array(0..<total) : [0, 1, 2, 4, 5, 6, total - 1]
            let parts = try segments.map { segment in
                try Self.keys(fixture, ["Segment": .integer(segment), "TotalSegments": .integer(total)], limit: 3)
            }
            if total <= 16 { #expect(parts.flatMap { $0 } == whole) }
            if total == 4096 { #expect(parts[..<4].map { $0.sorted() } == [["228", "3635"], ["1668"], [], ["3435"]]) }
        }
    }

    @Test func aHashKeyOfTheLastSegmentIsFound() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:N")
            for key in ["251", "2388"] { try fixture.put("table", ["pk": number(key)]) }
            #expect(try Self.keys(fixture, ["Segment": 1, "TotalSegments": 4096]) == ["251"])
            #expect(try Self.keys(fixture, ["Segment": 4095, "TotalSegments": 4096]) == ["2388"])
        }
    }

    static let faults: [(JSONValue, String)] = [
        (["Segment": 0], "The TotalSegments parameter is required but was not present in the request when Segment parameter is present"),
        (
            ["TotalSegments": 1],
            "The Segment parameter is required but was not present in the request when parameter TotalSegments is present"
        ),
        (
            ["Segment": 5, "TotalSegments": 5],
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 5 is not less than TotalSegments: 5"
        ),
        (
            ["Limit": 0],
            "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"
        ),
        (
            ["Segment": 0, "TotalSegments": 1_000_001],
            "1 validation error detected: Value '1000001' at 'totalSegments' failed to satisfy constraint: "
                + "Member must have value less than or equal to 1000000"
        ),
        (["IndexName": "none"], "The table does not have the specified index: none"),
        (["ExclusiveStartKey": ["x": string("a")]], "The provided starting key is invalid"),
        (
            ["KeyConditionExpression": "x = :x"],
            "Scan: this endpoint does not support the parameter KeyConditionExpression yet; leave it out"
        ),
        (
            ["FilterExpression": "x = :x"],
            "Invalid FilterExpression: An expression attribute value used in expression is not defined; attribute value: :x"
        ),
        // f655… is in the second half.
        (
            ["Segment": 0, "TotalSegments": 2, "ExclusiveStartKey": ["pk": string("a")]],
            "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. "
                + "TotalSegments: 2 Segment: 0"
        ),
    ]

    @Test func scansThatCannotBeAreRefused() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            for (changes, message) in Self.faults {
                let fault = try fixture.fault("Scan", .object([.init("TableName", "table")] + (changes.members ?? [])))
                #expect(fault == .validation(message))
            }
        }
    }

    @Test func countingReturnsNoItems() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            try fixture.put("table", ["pk": string("a")])
            #expect(try fixture.call("Scan", ["TableName": "table", "Select": "COUNT"]) == ["Count": 1, "ScannedCount": 1])
        }
    }
}
