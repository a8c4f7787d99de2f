import SaltmillBytes
import Testing

/// A sort key value of a model: how it is sent, and what orders it.
private struct SortKey: Equatable {
    var json: JSONValue
    /// Order among the values of its type.
    var rank: Rank

    enum Rank: Comparable {
        case number(Int)
        case bytes([UInt8])

        static func < (left: Rank, right: Rank) -> Bool {
            switch (left, right) {
            case (.number(let left), .number(let right)): left < right
            case (.bytes(let left), .bytes(let right)): left.lexicographicallyPrecedes(right)
            default: false
            }
        }
    }

    /// The rank of a value that came back.
    static func rank(of value: JSONValue?) -> Rank? {
        if let text = value?["S"]?.string { return .bytes(Array(text.utf8)) }
        if let text = value?["N"]?.string { return Double(text).map { .number(Int(($0 * 1000).rounded())) } }
        var bytes: [UInt8] = []
        guard let text = value?["B"]?.string, (try? Base64.append(decoding: Array(text.utf8).span, to: &bytes)) != nil else { return nil }
        return .bytes(bytes)
    }

    /// A random value of a type, out of few enough that they meet.
    static func random(_ type: String, _ random: inout SeededGenerator) -> SortKey {
        switch type {
        case "N":
            // Thousandths, so that there are fractions, zero and both signs.
            let thousandths = Int.random(in: -30...30, using: &random) * ([1, 50, 1000, 100_000].randomElement(using: &random) ?? 1)
            let sign = thousandths < 0 ? "-" : ""
            let fraction = String(thousandths.magnitude % 1000 + 1000).dropFirst()
            return SortKey(json: number("\(sign)\(thousandths.magnitude / 1000).\(fraction)"), rank: .number(thousandths))
        case "S":
            let text = String(
                (0..<Int.random(in: 1...3, using: &random)).map { _ in "ab\u{0}é\u{1}z".randomElement(using: &random) ?? "a" })
            return SortKey(json: string(text), rank: .bytes(Array(text.utf8)))
        default:
            let bytes = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                ([0, 1, 0x7F, 0xFF] as [UInt8]).randomElement(using: &random) ?? 0
            }
            var text: [UInt8] = []
            Base64.append(encoding: bytes.span, to: &text)
            return SortKey(json: ["B": .string(String(decoding: text, as: UTF8.self))], rank: .bytes(bytes))
        }
    }
}

/// A condition on a sort key: its text, its values, and what it means.
private struct Condition {
    var text: String
    var values: [SortKey]
    var holds: (SortKey.Rank) -> Bool

    static func random(_ type: String, _ random: inout SeededGenerator) -> Condition? {
        let one = SortKey.random(type, &random)
        let other = SortKey.random(type, &random)
        let (low, high) = one.rank < other.rank ? (one, other) : (other, one)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return Condition(text: "sk = :a", values: [one]) { $0 == one.rank }
        case 1: return Condition(text: "sk < :a", values: [one]) { $0 < one.rank }
        case 2: return Condition(text: "sk <= :a", values: [one]) { $0 <= one.rank }
        case 3: return Condition(text: "sk > :a", values: [one]) { $0 > one.rank }
        case 4: return Condition(text: "sk >= :a", values: [one]) { $0 >= one.rank }
        case 5: return Condition(text: "sk BETWEEN :a AND :b", values: [low, high]) { low.rank <= $0 && $0 <= high.rank }
        case 6 where type != "N":
            return Condition(text: "begins_with(sk, :a)", values: [one]) { rank in
                guard case .bytes(let bytes) = rank, case .bytes(let prefix) = one.rank else { return false }
                return bytes.starts(with: prefix)
            }
        default: return nil
        }
    }
}

@Suite struct QueryTests {
    @Test(arguments: ["S", "N", "B"], [1, 2] as [UInt64])
    func queriesFindWhatAModelFinds(type: String, seed: UInt64) async throws {
        var random = SeededGenerator(state: seed)
        try await Fixture.run { fixture in
            // The index turns the table's keys round, so that many entries share a sort key.
            try fixture.createTable(
                "table", "pk:S", "sk:\(type)", more: ["GlobalSecondaryIndexes": [Fixture.index("index", ["g", "sk"])]], attributes: ["g:S"])
            var model: [String: [SortKey]] = [:]
            for _ in 0..<150 {
                let hash = ["one", "two", "three"].randomElement(using: &random) ?? ""
                let key = SortKey.random(type, &random)
                if model[hash, default: []].contains(where: { $0.rank == key.rank }) { continue }
                model[hash, default: []].append(key)
                try fixture.put("table", ["pk": string(hash), "sk": key.json, "g": string("all")])
            }
            for _ in 0..<120 {
                let onIndex = Bool.random(using: &random)
                let hash = ["one", "two", "three", "none"].randomElement(using: &random) ?? ""
                let condition = Condition.random(type, &random)
                let forward = Bool.random(using: &random)
                let limit = Bool.random(using: &random) ? Int.random(in: 1...7, using: &random) : nil
                var expected = (onIndex ? model.values.flatMap { $0 } : model[hash] ?? []).map(\.rank)
                expected = expected.filter { condition?.holds($0) ?? true }.sorted { forward ? $0 < $1 : $1 < $0 }

                var values: [JSONValue.Member] = [.init(":h", string(onIndex ? "all" : hash))]
                for (name, value) in zip([":a", ":b"], condition?.values ?? []) { values.append(.init(name, value.json)) }
                var request: [JSONValue.Member] = [
                    .init("TableName", "table"),
                    .init("KeyConditionExpression", .string("\(onIndex ? "g" : "pk") = :h" + (condition.map { " AND " + $0.text } ?? ""))),
                    .init("ExpressionAttributeValues", .object(values)), .init("ScanIndexForward", .bool(forward)),
                ]
                if onIndex { request.append(.init("IndexName", "index")) }
                if let limit { request.append(.init("Limit", .integer(limit))) }
                let found = try Self.allPages(fixture, request, limit: limit).map { SortKey.rank(of: $0["sk"]) }
                #expect(found == expected, "\(request)")
            }
        }
    }

    private static func allPages(_ fixture: Fixture, _ request: [JSONValue.Member], limit: Int?) throws -> [JSONValue] {
        var items: [JSONValue] = []
        var start: JSONValue?
        repeat {
            let answer = try fixture.call("Query", .object(request + (start.map { [.init("ExclusiveStartKey", $0)] } ?? [])))
            let page = try #require(answer["Items"]?.array)
            #expect(answer["Count"]?.int == page.count && answer["ScannedCount"]?.int == page.count)
            if let limit { #expect(page.count == limit || answer["LastEvaluatedKey"] == nil) }
            items += page
            start = answer["LastEvaluatedKey"]
        } while start != nil
        return items
    }

    @Test func conditionsOfTheOldFormMeanTheSame() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S", "sk:S")
            for key in ["a1", "a2", "b1"] { try fixture.put("table", ["pk": string("p"), "sk": string(key)]) }
            func query(_ comparison: String, _ values: String...) throws -> Int? {
                try fixture.call(
                    "Query",
                    [
                        "TableName": "table", "Select": "COUNT",
                        "KeyConditions": [
                            "pk": ["ComparisonOperator": "EQ", "AttributeValueList": [string("p")]],
                            "sk": ["ComparisonOperator": .string(comparison), "AttributeValueList": .array(values.map { string($0) })],
                        ],
                    ])["Count"]?.int
            }
            #expect(try query("EQ", "a1") == 1)
            #expect(try query("BEGINS_WITH", "a") == 2)
            #expect(try query("BETWEEN", "a2", "b1") == 2)
            #expect(try query("LT", "a2") == 1)
            #expect(try query("LE", "a2") == 2)
            #expect(try query("GT", "a2") == 1)
            #expect(try query("GE", "a2") == 2)
            #expect(throws: Fault.self) { try query("NE", "a2") }
            #expect(throws: Fault.self) { try query("BETWEEN", "a2") }
        }
    }

    static let spellings = [
        "pk = :h and sk = :r", "(pk = :h) AND (sk = :r)", "((pk=:h)AND sk=:r)", "sk = :r AND #p = :h", "#p = :h AND (#s BETWEEN :r AND :r)",
        "begins_with ( sk , :r ) AND pk = :h", "\n pk\t=:h   AND sk >= :r",
    ]

    @Test func expressionsMayBeSpeltInManyWays() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S", "sk:S")
            try fixture.put("table", ["pk": string("p"), "sk": string("r")])
            for text in Self.spellings {
                var names: [JSONValue.Member] = []
                if text.contains("#p") { names.append(.init("#p", "pk")) }
                if text.contains("#s") { names.append(.init("#s", "sk")) }
                var request: [JSONValue.Member] = [
                    .init("TableName", "table"), .init("KeyConditionExpression", .string(text)),
                    .init("ExpressionAttributeValues", [":h": string("p"), ":r": string("r")]),
                ]
                if !names.isEmpty { request.append(.init("ExpressionAttributeNames", .object(names))) }
                #expect(try fixture.call("Query", .object(request))["Count"] == 1, "\(text)")
            }
        }
    }

    private static let missed = "Query condition missed key schema element: "

    /// Expressions and how they are refused; a nil message stands for any.
    static let faults: [(String, String?)] = [
        ("", "Invalid KeyConditionExpression: The expression can not be empty;"), ("sk = :h", missed + "pk"), ("title = :h", missed + "pk"),
        ("other = :h", "Invalid KeyConditionExpression: Attribute name is a reserved keyword; reserved keyword: other"),
        ("pk = :h AND title = :r", missed + "sk"), ("pk < :h", "Query key condition not supported"),
        ("pk = :h OR sk = :r", "Invalid operator used in KeyConditionExpression: OR"),
        ("pk = :h AND sk <> :r", "Invalid operator used in KeyConditionExpression: <>"),
        (
            "pk = :none",
            "Invalid KeyConditionExpression: An expression attribute value used in expression is not defined; attribute value: :none"
        ),
        (
            "#none = :h",
            "Invalid KeyConditionExpression: An expression attribute name used in the document path is not defined; attribute name: #none"
        ),
        ("pk = :h AND contains(sk, :r)", "Invalid operator used in KeyConditionExpression: contains"),
        (
            "pk = :h AND sk BETWEEN :r AND :h",
            "Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
                + "lower bound operand: AttributeValue: {S:r}, upper bound operand: AttributeValue: {S:p}"
        ),
        ("pk = ", nil), ("pk = :h AND", nil), ("pk = :h)", nil), ("(pk = :h", nil), ("pk", nil), ("pk = 'a'", nil), ("pk = :", nil),
        ("pk = :h AND sk = :r AND sk = :r", nil), ("pk = :h AND pk = :h", nil), ("begins_with(pk, :h)", nil), ("pk = sk", nil),
    ]

    @Test func expressionsThatMeanNothingAreRefused() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S", "sk:S")
            for (text, message) in Self.faults {
                var values: [JSONValue.Member] = [.init(":h", string("p"))]
                if text.contains(":r") { values.append(.init(":r", string("r"))) }
                let fault = try fixture.fault(
                    "Query", ["TableName": "table", "KeyConditionExpression": .string(text), "ExpressionAttributeValues": .object(values)])
                #expect(
                    fault?.name == "ValidationException" && (message == nil || fault?.message == message),
                    "\(text): \(String(describing: fault))")
            }
        }
    }

    @Test func requestsThatCannotBeAreRefused() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable(
                "table", "pk:S", "sk:N", more: ["GlobalSecondaryIndexes": [Fixture.index("index", ["sk"], ["ProjectionType": "KEYS_ONLY"])]]
            )
            func fault(_ changes: JSONValue) throws -> Fault? {
                let names = (changes.members ?? []).map(\.name)
                let standard: [JSONValue.Member] = [
                    .init("TableName", "table"), .init("KeyConditionExpression", "pk = :h"),
                    .init("ExpressionAttributeValues", [":h": string("p")]),
                ]
                return try fixture.fault("Query", .object(standard.filter { !names.contains($0.name) } + (changes.members ?? [])))
            }
            #expect(try fault([:]) == nil)
            #expect(
                try fault(["ExpressionAttributeNames": ["#unused": "x"]])
                    == .validation("Value provided in ExpressionAttributeNames unused in expressions: keys: {#unused}"))
            #expect(
                try fault(["ExpressionAttributeValues": [":h": string("p"), ":x": string("p")]])
                    == .validation("Value provided in ExpressionAttributeValues unused in expressions: keys: {:x}"))
            #expect(
                try fault(["Limit": 0])
                    == .validation(
                        "1 validation error detected: Value at 'Limit' failed to satisfy constraint: Member must have value greater than or equal to 1"
                    ))
            #expect(
                try fault(["Select": "INVALID_VALUE"])
                    == .validation(
                        "1 validation error detected: Value 'INVALID_VALUE' at 'select' failed to satisfy constraint: Member must satisfy enum "
                            + "value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]"))
            #expect(
                try fault(["IndexName": "none"]) == .validation("The table does not have the specified index: none"))
            #expect(
                try fault(["IndexName": "index", "ConsistentRead": true])
                    == .validation("Consistent reads are not supported on global secondary indexes"))
            #expect(try fault(["ExpressionAttributeValues": [":h": number(1)]])?.name == "ValidationException")
            #expect(
                try fault(["ExclusiveStartKey": ["pk": string("p")]]) == .validation("The provided starting key is invalid"))
            #expect(
                try fault(["ExclusiveStartKey": ["pk": string("other"), "sk": number(1)]])
                    == .validation("The provided starting key is outside query boundaries based on provided conditions"))
            #expect(try fault(["KeyConditions": [:]])?.name == "ValidationException")
            #expect(
                try fault(["FilterExpression": "sk = :h"])
                    == .validation("Filter Expression can only contain non-primary key attributes: Primary key attribute: sk"))
            #expect(
                try fault(["ReturnItems": "x"])
                    == .validation("Query: this endpoint does not support the parameter ReturnItems yet; leave it out"))
            let none: JSONValue = ["TableName": "table"]
            #expect(
                try fixture.fault("Query", none)
                    == .validation("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."))
            let allOfIndex: JSONValue = [
                "IndexName": "index", "Select": "ALL_ATTRIBUTES", "KeyConditionExpression": "sk = :h",
                "ExpressionAttributeValues": [":h": number(1)],
            ]
            #expect(try fault(allOfIndex)?.message.contains("ALL_ATTRIBUTES is not supported for global secondary index") == true)
        }
    }

    @Test func indexesHoldOnlyWhatTheyProject() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable(
                "table", "pk:S",
                more: [
                    "GlobalSecondaryIndexes": [
                        Fixture.index("all", ["g"]), Fixture.index("keys", ["g"], ["ProjectionType": "KEYS_ONLY"]),
                        Fixture.index("some", ["g"], ["ProjectionType": "INCLUDE", "NonKeyAttributes": ["p", "q"]]),
                    ]
                ], attributes: ["g:N"])
            let item: JSONValue = ["v": number(1), "g": number(7), "p": string("x"), "pk": string("a")]
            try fixture.put("table", item)
            try fixture.put("table", ["pk": string("b"), "p": string("not in any index")])
            func query(_ index: String) throws -> JSONValue? {
                try fixture.call(
                    "Query",
                    [
                        "TableName": "table", "IndexName": .string(index), "KeyConditionExpression": "g = :g",
                        "ExpressionAttributeValues": [":g": number("7.0")],
                    ])["Items"]?.sorted
            }
            #expect(try query("all") == [item.sorted])
            #expect(try query("keys") == [["g": number(7), "pk": string("a")]])
            #expect(try query("some") == [["g": number(7), "p": string("x"), "pk": string("a")]])
            #expect(try fixture.call("Scan", ["TableName": "table", "IndexName": "keys"])["Count"] == 1)
        }
    }

    @Test func aPageEndsAtOneMegabyte() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S", "sk:N")
            let text = string(String(repeating: "x", count: 60_000))
            for position in 0..<40 { try fixture.put("table", ["pk": string("p"), "sk": number(position), "v": text]) }
            for operation in ["Query", "Scan"] {
                var request: [JSONValue.Member] = [.init("TableName", "table"), .init("ConsistentRead", true)]
                request.append(.init("ReturnConsumedCapacity", "TOTAL"))
                if operation == "Query" {
                    request.append(.init("KeyConditionExpression", "pk = :p"))
                    request.append(.init("ExpressionAttributeValues", [":p": string("p")]))
                }
                var counts: [Int?] = []
                var units: [Double?] = []
                var start: JSONValue?
                repeat {
                    let answer = try fixture.call(operation, .object(request + (start.map { [.init("ExclusiveStartKey", $0)] } ?? [])))
                    counts.append(answer["Count"]?.int)
                    units.append(answer["ConsumedCapacity"]?["CapacityUnits"]?.double)
                    start = answer["LastEvaluatedKey"]
                } while start != nil
                // 18 items of 60 KB reach 1 MB.
                #expect(counts == [18, 18, 4])
                #expect(units == [264, 264, 59], "\(operation)")
            }
        }
    }
}
