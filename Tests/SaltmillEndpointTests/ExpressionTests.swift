import SaltmillBytes
import Testing

@Suite struct ExpressionTests {
    /// An item's JSON, which all conditions are put to.
    private static let item = #"""
        {"pk":{"S":"a"},"n":{"N":"5"},"s":{"S":"hello"},"b":{"B":"AQID"},"t":{"BOOL":true},"z":{"NULL":true},"ss":{"SS":["x","y"]},
        "ns":{"NS":["1","2.50"]},"l":{"L":[{"N":"1"},{"S":"two"},{"M":{"deep":{"N":"3"}}}]},"m":{"M":{"x":{"S":"1"},"y":{"N":"2"}}}}
        """#

    /// Conditions, and whether the item meets them. Values are named after what they are.
    static let conditions: [(String, Bool)] = [
        ("attribute_exists(pk)", true), ("attribute_exists(q)", false), ("attribute_not_exists(q)", true),
        ("attribute_exists(m.x)", true), ("attribute_exists(m.q)", false), ("attribute_exists(l[2].deep)", true),
        ("attribute_exists(l[3])", false), ("attribute_exists(s.x)", false), ("attribute_type(n, :N)", true),
        ("attribute_type(ss, :SS)", true), ("attribute_type(q, :N)", false), ("n = :five", true), ("n = :fiveAgain", true),
        ("n <> :five", false), ("q <> :five", true), ("q = :five", false), ("n < :six", true), ("n <= :five", true), ("n > :six", false),
        ("n >= :five", true), ("n = :hello", false), ("n <> :hello", true), ("n < :hello", false), (":five = n", true), ("n > m.y", true),
        ("n BETWEEN :five AND :six", true), ("n between :six and :nine", false), ("s BETWEEN :he AND :hello", true),
        ("n IN (:six, :five)", true), ("n IN (:six)", false), ("q IN (:six)", false), ("begins_with(s, :he)", true),
        ("begins_with(s, :ell)", false), ("begins_with(q, :he)", false), ("contains(s, :ell)", true), ("contains(s, :he)", true),
        ("contains(ss, :x)", true), ("contains(ss, :ell)", false), ("contains(ns, :twoAndAHalf)", true), ("contains(l, :two)", true),
        ("contains(l, :five)", false), ("size(s) = :five", true), ("size(b) < :five", true), ("size(l) < size(s)", true),
        ("size(n) = :five", false), ("size(m) = m.y", true), ("t = :true", true), ("z = :null", true), ("ss = :yx", true),
        ("m = :m", true), ("l[2].deep < :five", true), ("NOT n = :five", false), ("NOT (n = :six)", true),
        ("n = :six OR s = :hello", true), ("n = :six AND s = :hello", false), ("n = :six AND s = :he OR t = :true", true),
        ("n = :six AND (s = :he OR t = :true)", false), ("not n = :six and not s = :he", true), ("((n) = (:five)) AND (t = :true)", true),
    ]

    private static let values = #"""
        {":five":{"N":"5"},":fiveAgain":{"N":"5.0"},":six":{"N":"6"},":nine":{"N":"9"},":hello":{"S":"hello"},":he":{"S":"he"},
        ":ell":{"S":"ell"},":x":{"S":"x"},":two":{"S":"two"},":twoAndAHalf":{"N":"2.5"},":true":{"BOOL":true},":null":{"NULL":true},
        ":yx":{"SS":["y","x"]},":m":{"M":{"y":{"N":"2"},"x":{"S":"1"}}},":N":{"S":"N"},":SS":{"S":"SS"}}
        """#

    /// Only the values that a text names, since others would be refused.
    private static func values(for texts: String...) throws -> JSONValue? {
        let members = try JSONValue(parsing: Array(values.utf8).span).members ?? []
        let words = Set(texts.flatMap { $0.split { !$0.isLetter && $0 != ":" } }.map { String($0) })
        let used = members.filter { words.contains($0.name) }
        return used.isEmpty ? nil : .object(used)
    }

    private static func request(_ parameter: String, _ text: String, _ others: [JSONValue.Member]) throws -> JSONValue {
        var members = others + [.init("TableName", "table"), .init(parameter, .string(text))]
        if let values = try values(for: text) { members.append(.init("ExpressionAttributeValues", values)) }
        return .object(members)
    }

    @Test func conditionsAndFiltersAgreeWithWhatTheirWordsSay() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            try fixture.call("PutItem", json: #"{"TableName":"table","Item":\#(Self.item)}"#)
            for (text, isMet) in Self.conditions {
                let delete = try Self.request("ConditionExpression", text, [.init("Key", ["pk": string("a")])])
                let fault = try fixture.fault("DeleteItem", delete)
                #expect(isMet ? fault == nil : fault?.name == "ConditionalCheckFailedException", "\(text): \(String(describing: fault))")
                if isMet { try fixture.call("PutItem", json: #"{"TableName":"table","Item":\#(Self.item)}"#) }
                let page = try fixture.call("Scan", Self.request("FilterExpression", text, []))
                #expect(page["Count"] == (isMet ? 1 : 0) && page["ScannedCount"] == 1, "\(text)")
            }
        }
    }

    /// Updates of the item and the attribute that they leave; nil for none.
    static let updates: [(String, String, String?)] = [
        ("SET n = n + :six", "n", #"{"N":"11"}"#), ("SET n = :six - n", "n", #"{"N":"1"}"#), ("SET q = n", "q", #"{"N":"5"}"#),
        ("SET q = if_not_exists(q, :six)", "q", #"{"N":"6"}"#), ("SET n = if_not_exists(n, :six)", "n", #"{"N":"5"}"#),
        ("SET q = if_not_exists(q, :six) + :five", "q", #"{"N":"11"}"#), ("SET m.x = :six", "m", #"{"M":{"x":{"N":"6"},"y":{"N":"2"}}}"#),
        ("SET m.z = :six", "m", #"{"M":{"x":{"S":"1"},"y":{"N":"2"},"z":{"N":"6"}}}"#),
        ("SET l[0] = :two, l[1] = l[0] REMOVE l[2]", "l", #"{"L":[{"S":"two"},{"N":"1"}]}"#),
        ("SET l[9] = :six REMOVE l[0], l[2]", "l", #"{"L":[{"S":"two"},{"N":"6"}]}"#),
        ("REMOVE l[2].deep, l[1]", "l", #"{"L":[{"N":"1"},{"M":{}}]}"#), ("REMOVE l[0], l[1]", "l", #"{"L":[{"M":{"deep":{"N":"3"}}}]}"#),
        ("SET l[7] = :six, l[5] = :five", "l", #"{"L":[{"N":"1"},{"S":"two"},{"M":{"deep":{"N":"3"}}},{"N":"5"},{"N":"6"}]}"#),
        ("SET l = list_append(l, l) REMOVE m", "m", nil), ("REMOVE n", "n", nil), ("REMOVE q", "q", nil),
        ("REMOVE m.x, l[0]", "m", #"{"M":{"y":{"N":"2"}}}"#), ("ADD n :six", "n", #"{"N":"11"}"#), ("ADD q :six", "q", #"{"N":"6"}"#),
        ("ADD ss :yx", "ss", #"{"SS":["x","y"]}"#), ("ADD m.y :five", "m", #"{"M":{"x":{"S":"1"},"y":{"N":"7"}}}"#),
        ("DELETE ss :yx", "ss", nil), ("DELETE q :yx", "q", nil), ("SET s = :he, n = :six", "s", #"{"S":"he"}"#),
        ("set l[2].deep = l[2].deep + :five", "l", #"{"L":[{"N":"1"},{"S":"two"},{"M":{"deep":{"N":"8"}}}]}"#),
    ]

    @Test func updatesLeaveWhatTheirWordsSay() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            for (text, attribute, left) in Self.updates {
                try fixture.call("PutItem", json: #"{"TableName":"table","Item":\#(Self.item)}"#)
                let request = try Self.request(
                    "UpdateExpression", text, [.init("Key", ["pk": string("a")]), .init("ReturnValues", "ALL_NEW")])
                let new = try fixture.call("UpdateItem", request)["Attributes"]
                let expected = try left.map { try JSONValue(parsing: Array($0.utf8).span) }
                #expect(new?[attribute] == expected, "\(text)")
                #expect(try fixture.get("table", ["pk": string("a")]) == new, "\(text)")
            }
        }
    }

    /// Updates that cannot be, and why.
    static let badUpdates: [(String, String)] = [
        ("SET q = r", "The provided expression refers to an attribute that does not exist in the item"),
        ("SET q.x = :six", "The document path provided in the update expression is invalid for update"),
        ("SET n = s + :six", "An operand in the update expression has an incorrect data type"),
        ("ADD s :six", "An operand in the update expression has an incorrect data type"),
        ("SET pk = :hello", "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key"),
        (
            "SET m.x = :six, m = :m",
            "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; "
                + "path one: [m, x], path two: [m]"
        ),
        (
            "SET m.x = :six REMOVE m[0]",
            "Invalid UpdateExpression: Two document paths conflict with each other; must remove or rewrite one of these paths; "
                + "path one: [m, x], path two: [m, [0]]"
        ),
        ("SET n = :six SET s = :he", "Invalid UpdateExpression: The \"SET\" section can only be used once in an update expression;"),
        ("SET n = size(s)", "Invalid UpdateExpression: The function is not allowed in an update expression; function: size"),
        ("SET name = :six", "Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: name"),
        (
            "SET n = :hello + :six",
            "Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: +, operand type: S"
        ),
        (
            "SET n = :none",
            "Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: :none"
        ),
    ]

    @Test func updatesThatCannotBeAreRefusedAndChangeNothing() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            try fixture.call("PutItem", json: #"{"TableName":"table","Item":\#(Self.item)}"#)
            let before = try fixture.get("table", ["pk": string("a")])
            for (text, message) in Self.badUpdates {
                let fault = try fixture.fault("UpdateItem", Self.request("UpdateExpression", text, [.init("Key", ["pk": string("a")])]))
                #expect(fault == .validation(message), "\(text)")
            }
            #expect(try fixture.get("table", ["pk": string("a")]) == before)
        }
    }

    /// Filters that cannot be, and why.
    static let badConditions: [(String, String)] = [
        ("attribute_exists(:five)", "Operator or function requires a document path; operator or function: attribute_exists"),
        (
            "begins_with(s)",
            "Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1"
        ),
        ("begins_with(s, :five)", "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N"),
        ("n < :true", "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL"),
        ("unheard_of(n)", "Invalid function name; function: unheard_of"),
        ("((n = :five))", "The expression has redundant parentheses;"),
        ("attribute_type(n, :hello)", "Invalid attribute type name found; type: hello, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"),
        (
            "n = n",
            "The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [n]"
        ),
        ("n = :five !", "Syntax error; token: \"!\", near: \"!\""), ("n = :five n", "Syntax error; token: \"n\", near: \":five n\""),
    ]

    @Test func conditionsThatMeanNothingAreRefused() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            for (text, message) in Self.badConditions {
                let fault = try fixture.fault("Scan", Self.request("FilterExpression", text, []))
                #expect(fault == .validation("Invalid FilterExpression: \(message)"), "\(text)")
            }
            let deep = String(repeating: "(n = :five OR ", count: 290) + "n = :five" + String(repeating: ")", count: 290)
            #expect(try fixture.fault("Scan", Self.request("FilterExpression", deep, []))?.name == "ValidationException")
            let open = String(repeating: "(", count: 4000)
            #expect(try fixture.fault("Scan", Self.request("FilterExpression", open, []))?.name == "ValidationException")
        }
    }

    @Test func projectionsReturnPartsOfItems() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            try fixture.call("PutItem", json: #"{"TableName":"table","Item":\#(Self.item)}"#)
            for (paths, left) in [
                ("n, pk", #"{"pk":{"S":"a"},"n":{"N":"5"}}"#),
                ("m.y, l[2].deep", #"{"l":{"L":[{"M":{"deep":{"N":"3"}}}]},"m":{"M":{"y":{"N":"2"}}}}"#),
                ("l[1], l[0]", #"{"l":{"L":[{"N":"1"},{"S":"two"}]}}"#), ("q, m.q, s.x", "{}"),
            ] {
                let expected = try JSONValue(parsing: Array(left.utf8).span)
                let get: JSONValue = ["TableName": "table", "Key": ["pk": string("a")], "ProjectionExpression": .string(paths)]
                #expect(try fixture.call("GetItem", get)["Item"] == expected, "\(paths)")
                let scan: JSONValue = ["TableName": "table", "ProjectionExpression": .string(paths)]
                #expect(try fixture.call("Scan", scan)["Items"] == [expected], "\(paths)")
                let batch: JSONValue = ["RequestItems": ["table": ["Keys": [["pk": string("a")]], "ProjectionExpression": .string(paths)]]]
                #expect(try fixture.call("BatchGetItem", batch)["Responses"] == ["table": [expected]], "\(paths)")
            }
        }
    }

    @Test func updatesReturnWhatIsAskedFor() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            func update(_ values: String) throws -> JSONValue? {
                try fixture.call(
                    "UpdateItem",
                    [
                        "TableName": "table", "Key": ["pk": string("a")], "UpdateExpression": "SET n = if_not_exists(n, :o) + :o, m = :m",
                        "ExpressionAttributeValues": [":o": number(1), ":m": ["M": ["x": number(7)]]], "ReturnValues": .string(values),
                    ])["Attributes"]?.sorted
            }
            let map: JSONValue = ["M": ["x": number(7)]]
            #expect(try update("ALL_OLD") == nil)
            #expect(try update("UPDATED_NEW") == ["m": map, "n": number(3)])
            #expect(try update("UPDATED_OLD") == ["m": map, "n": number(3)])
            #expect(try update("ALL_OLD") == ["m": map, "n": number(4), "pk": string("a")])
            #expect(try update("ALL_NEW") == ["m": map, "n": number(6), "pk": string("a")])
            #expect(try update("NONE") == nil)
        }
    }

    /// Sums as exact decimal arithmetic gives them; nil where the result is no number of the store's.
    static let sums: [(String, String, String?)] = [
        ("0.1", "0.2", "0.3"), ("-5", "3", "-2"), ("3", "-5", "-2"), ("-3", "-4", "-7"), ("5", "-5", "0"), ("0", "-7", "-7"),
        ("99999999999999999999999999999999999999", "-99999999999999999999999999999999999998", "1"),
        ("99999999999999999999999999999999999999", "1", "100000000000000000000000000000000000000"), ("1e50", "1", nil),
        ("9e125", "9e125", nil), ("9e125", "9e124", "99" + String(repeating: "0", count: 124)), ("1e-130", "-1e-130", "0"),
        ("1234567890.0987654321", "0.0000000001", "1234567890.0987654322"),
    ]

    @Test func numbersAreAddedExactly() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            for (one, other, sum) in Self.sums {
                try fixture.put("table", ["pk": string("a"), "n": number(one)])
                let add: JSONValue = [
                    "TableName": "table", "Key": ["pk": string("a")], "UpdateExpression": "ADD n :o",
                    "ExpressionAttributeValues": [":o": number(other)],
                ]
                let fault = try fixture.fault("UpdateItem", add)
                let left = try fixture.get("table", ["pk": string("a")])?["n"]
                #expect(sum == nil ? fault?.message.contains("overflow") == true : left == sum.map { number($0) }, "\(one) + \(other)")
            }
        }
    }

    @Test func aFilterIsPutToWhatThePageReads() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S", "sk:N")
            for index in 0..<20 {
                try fixture.put("table", ["pk": string("a"), "sk": number(index), "even": ["BOOL": .bool(index % 2 == 0)]])
            }
            let page = try fixture.call(
                "Query",
                [
                    "TableName": "table", "KeyConditionExpression": "pk = :p", "FilterExpression": "even = :t", "Limit": 5,
                    "ProjectionExpression": "sk", "ExpressionAttributeValues": [":p": string("a"), ":t": ["BOOL": true]],
                ])
            #expect(page["Count"] == 3 && page["ScannedCount"] == 5)
            #expect(page["Items"] == [["sk": number(0)], ["sk": number(2)], ["sk": number(4)]])
            #expect(page["LastEvaluatedKey"]?["sk"] == number(4))
        }
    }
}
