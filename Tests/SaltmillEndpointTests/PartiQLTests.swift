import SaltmillBytes
import SaltmillEndpoint
import Testing

@Suite struct PartiQLTests {
    /// A table of songs with a local and two global indexes.
    private static func songs(_ body: (Fixture) async throws -> Void) async throws {
        try await Fixture.run { fixture in
            try fixture.createTable(
                "songs", "artist:S", "year:N",
                more: [
                    "GlobalSecondaryIndexes": [
                        Fixture.index("by_label", ["label", "year"]),
                        Fixture.index("keys", ["label"], ["ProjectionType": "KEYS_ONLY"]),
                    ],
                    "LocalSecondaryIndexes": [Fixture.index("by_label_of", ["artist", "label"], ["ProjectionType": "KEYS_ONLY"])],
                ],
                attributes: ["label:S"])
            for year in 1...4 {
                try fixture.call(
                    "ExecuteStatement",
                    [
                        "Statement":
                            "INSERT INTO songs VALUE {'artist': 'a', 'year': ?, 'label': 'l', 'm': {'list': [1, 'it''s', <<'x','y'>>]}, 'n': null}",
                        "Parameters": [number(year)],
                    ])
            }
            try fixture.put("songs", ["artist": string("b"), "year": number(1), "kind": string("other")])
            try await body(fixture)
        }
    }

    private static func select(_ fixture: Fixture, _ statement: String, _ more: [JSONValue.Member] = []) throws -> JSONValue {
        try fixture.call("ExecuteStatement", .object([.init("Statement", .string(statement))] + more))
    }

    private static func years(_ answer: JSONValue) -> [String] {
        (answer["Items"]?.array ?? []).map { "\($0["artist"]?["S"]?.string ?? "")\($0["year"]?["N"]?.string ?? "")" }
    }

    @Test func literalsBecomeValues() async throws {
        try await Self.songs { fixture in
            let item = try fixture.get("songs", ["artist": string("a"), "year": number(2)])
            #expect(item?["m"] == ["M": ["list": ["L": [number(1), string("it's"), ["SS": ["x", "y"]]]]]])
            #expect(item?["n"] == ["NULL": true])
        }
    }

    @Test(arguments: [
        ("artist = 'a' AND \"year\" > 2", "a3 a4"), ("'a' = artist and 2 >= year", "a1 a2"),
        ("artist = 'a' AND year BETWEEN 2 AND 3", "a2 a3"), ("artist = 'a' AND year IN (1, 4)", "a1 a4"),
        ("artist = 'a' AND year NOT IN [1, 4]", "a2 a3"), ("artist IN ['b', 'a'] AND year = 1", "b1 a1"),
        ("artist = 'a' AND (year = 1 OR year = 3)", "a1 a3"), ("year = 1 AND kind IS MISSING", "a1"),
        ("kind IS NOT MISSING", "b1"), ("artist = 'a' AND n IS NULL AND year <= 1e0", "a1"), ("kind IS STRING", "b1"),
        ("artist = 'a' AND NOT year < 4", "a4"), ("begins_with(kind, 'oth')", "b1"), ("CONTAINS(kind, 'the')", "b1"),
        ("size(kind) = 5", "b1"), ("attribute_type(kind, 'S') = true", "b1"), ("attribute_exists(kind)", "b1"),
        ("artist = 'a' AND contains(m.list, 'it''s') AND year = .2e1", "a2"), ("m.list[0] = 1 AND year <> 3 AND year != 4", "a1 a2"),
        ("artist = 'a' -- all of them\n AND year = 1 /* but one */;", "a1"), ("artist = 'none'", ""),
    ])
    func conditionsSelect(_ condition: String, _ expected: String) async throws {
        try await Self.songs { fixture in
            let found = try Self.years(Self.select(fixture, "SELECT * FROM \"songs\" WHERE \(condition)"))
            #expect(found.joined(separator: " ") == expected)
        }
    }

    @Test func whatIsSelectedComesUnderItsLastName() async throws {
        try await Self.songs { fixture in
            let answer = try Self.select(fixture, "SELECT m.list[1], label FROM songs WHERE artist = 'a' AND year = 1")
            #expect(answer["Items"] == [["list": string("it's"), "label": string("l")]])
        }
    }

    @Test func indexesAreReadWithWhatTheyHold() async throws {
        try await Self.songs { fixture in
            let held = try Self.select(fixture, "SELECT * FROM \"songs\".\"by_label\" WHERE label = 'l' ORDER BY year DESC")
            #expect(Self.years(held) == ["a4", "a3", "a2", "a1"])
            let local = try Self.select(fixture, "SELECT n FROM songs.by_label_of WHERE artist = 'a' AND label = 'l' AND year = 1")
            #expect(local["Items"] == [["n": ["NULL": true]]])
            let unkeyed = try Self.select(fixture, "SELECT * FROM songs.keys WHERE NOT n = 1")
            #expect(unkeyed["Items"]?.array?.count == 4)
            let invalid = "One or more parameter values were invalid: "
            #expect(
                throws: Fault.validation(invalid + "Secondary index keys does not project one or more filter attributes: [n]")
            ) { try Self.select(fixture, "SELECT * FROM songs.keys WHERE label = 'l' AND n = 1") }
            #expect(throws: Fault.validation(invalid + "Global secondary index keys does not project [n, m]")) {
                try Self.select(fixture, "SELECT n, m.list FROM songs.keys WHERE label = 'l'")
            }
        }
    }

    @Test(arguments: ["SELECT * FROM songs", "SELECT * FROM songs WHERE artist IN ['b', 'a', 'c'] ORDER BY artist DESC, year"])
    func pagesFollowEachOther(_ statement: String) async throws {
        try await Self.songs { fixture in
            var found: [String] = []
            var token: [JSONValue.Member] = []
            var pages = 0
            repeat {
                let page = try Self.select(fixture, statement, token + [.init("Limit", 2), .init("ReturnConsumedCapacity", "TOTAL")])
                #expect(page["ConsumedCapacity"]?["TableName"] == "songs")
                found += Self.years(page)
                token = page["NextToken"].map { [.init("NextToken", $0)] } ?? []
                pages += 1
            } while !token.isEmpty && pages < 9
            #expect(found.sorted() == ["a1", "a2", "a3", "a4", "b1"])
            #expect(statement.count < 30 || found == ["b1", "a1", "a2", "a3", "a4"])
        }
    }

    @Test func tokensAreGoodForTheirStatementOnly() async throws {
        try await Self.songs { fixture in
            let token = try #require(try Self.select(fixture, "SELECT * FROM songs", [.init("Limit", 1)])["NextToken"])
            let fault = Fault.validation("The NextToken is not one that this statement, with these parameters, returned")
            for (statement, token) in [("SELECT artist FROM songs", token), ("SELECT * FROM songs", "AAAA"), ("SELECT * FROM songs", "?")] {
                #expect(throws: fault) { try Self.select(fixture, statement, [.init("NextToken", token)]) }
            }
        }
    }

    // MARK: - Writes

    @Test(arguments: [
        (
            "UPDATE songs SET n = 5, label = 'x' REMOVE m WHERE artist = 'a' AND year = 1 RETURNING ALL NEW *",
            #"[{"artist":{"S":"a"},"year":{"N":"1"},"label":{"S":"x"},"n":{"N":"5"}}]"#
        ),
        (
            "UPDATE songs SET m.list = list_append(m.list, [2]) WHERE artist = 'a' AND year = 1 RETURNING MODIFIED NEW *",
            #"[{"m":{"M":{"list":{"L":[{"N":"1"},{"S":"it's"},{"SS":["x","y"]},{"N":"2"}]}}}}]"#
        ),
        ("FROM songs WHERE artist = 'a' AND year = 1 AND n IS NULL SET c = <<1>> RETURNING MODIFIED NEW *", #"[{"c":{"NS":["1"]}}]"#),
        (
            "UPDATE songs SET c = set_add(c, <<'q'>>) SET d = 1 WHERE artist = 'a' AND year = 1 RETURNING MODIFIED NEW *",
            #"[{"c":{"SS":["q"]},"d":{"N":"1"}}]"#
        ),
        ("UPDATE songs REMOVE n WHERE artist = 'a' AND year = 1 RETURNING MODIFIED NEW *", "[]"),
        ("UPDATE songs SET label = 'x' WHERE artist = 'a' AND year = 1 RETURNING MODIFIED OLD *", #"[{"label":{"S":"l"}}]"#),
        (
            "DELETE FROM songs WHERE artist = 'b' AND year = 1 RETURNING ALL OLD *",
            #"[{"artist":{"S":"b"},"year":{"N":"1"},"kind":{"S":"other"}}]"#
        ),
        ("DELETE FROM songs WHERE artist = 'none' AND year = 1 AND kind = 'x' RETURNING ALL OLD *", "[]"),
        ("UPDATE songs SET n = 1 WHERE artist = 'a' AND year = 1", "[]"),
    ])
    func writesReturnWhatTheySay(_ statement: String, _ expected: String) async throws {
        try await Self.songs { fixture in
            let items = try #require(try Self.select(fixture, statement)["Items"])
            #expect(try items.sorted == JSONValue(parsing: Array(expected.utf8).span).sorted)
        }
    }

    @Test(arguments: [
        "UPDATE songs SET n = 1 WHERE artist = 'none' AND year = 1", "UPDATE songs SET n = 1 WHERE artist = 'a' AND year = 1 AND n = 2",
        "DELETE FROM songs WHERE artist = 'a' AND year = 1 AND attribute_not_exists(label)",
        "UPDATE songs SET c = set_delete(c, <<1>>) WHERE artist = 'none' AND year = 1 AND attribute_not_exists(artist)",
    ])
    func conditionsThatFailLeaveTheItem(_ statement: String) async throws {
        try await Self.songs { fixture in
            let before = try fixture.call("Scan", ["TableName": "songs"])
            #expect(throws: Fault(name: "ConditionalCheckFailedException", message: "The conditional request failed")) {
                try Self.select(fixture, statement)
            }
            #expect(try fixture.call("Scan", ["TableName": "songs"]) == before)
        }
    }

    @Test func insertsMakeNewItemsOnly() async throws {
        try await Self.songs { fixture in
            #expect(throws: Fault(name: "DuplicateItemException", message: "Duplicate primary key exists in table")) {
                try Self.select(fixture, "INSERT INTO songs VALUE {'artist': 'a', 'year': 1}")
            }
        }
    }

    // MARK: - Batches and transactions

    @Test func statementsOfABatchFailEachForItself() async throws {
        try await Self.songs { fixture in
            let statements = [
                "SELECT label FROM songs WHERE artist = 'a' AND year = 1", "SELECT * FROM songs WHERE artist = 'a'",
                "SELECT * FROM gone WHERE artist = 'a' AND year = 1", "SLECT 1", "SELECT * FROM songs WHERE artist = 'z' AND year = 1",
            ]
            let answer = try fixture.call(
                "BatchExecuteStatement",
                ["Statements": .array(statements.map { ["Statement": .string($0)] }), "ReturnConsumedCapacity": "TOTAL"])
            let expected = #"""
                [{"Item":{"label":{"S":"l"}},"TableName":"songs"},{"Error":{"Code":"ValidationError",
                "Message":"Select statements within BatchExecuteStatement must specify the primary key in the where clause."}},
                {"Error":{"Code":"ResourceNotFound","Message":"Requested resource not found"}},{"Error":{"Code":"ValidationError",
                "Message":"Statement wasn't well formed, can't be processed: Expected data manipulation"}},{"TableName":"songs"}]
                """#
            #expect(try answer["Responses"]?.sorted == JSONValue(parsing: Array(expected.utf8).span).sorted)
            #expect(answer["ConsumedCapacity"]?.array?.count == 2)
            let writes = ["INSERT INTO songs VALUE {'artist': 'a', 'year': 1}", "DELETE FROM songs WHERE artist = 'a' AND year = 2"]
            let done = try fixture.call("BatchExecuteStatement", ["Statements": .array(writes.map { ["Statement": .string($0)] })])
            #expect(done["Responses"]?.array?[0]["Error"]?["Code"] == "DuplicateItem")
            #expect(done["Responses"]?.array?[0]["TableName"] == "songs")
            #expect(try fixture.get("songs", ["artist": string("a"), "year": number(2)]) == nil)
        }
    }

    private static func transact(_ fixture: Fixture, _ statements: [String], token: String? = nil) throws -> JSONValue {
        var members: [JSONValue.Member] = [.init("TransactStatements", .array(statements.map { ["Statement": .string($0)] }))]
        if let token { members.append(.init("ClientRequestToken", .string(token))) }
        return try fixture.call("ExecuteTransaction", .object(members))
    }

    @Test func transactionsWriteAllOrNothing() async throws {
        try await Self.songs { fixture in
            let update = "UPDATE songs SET n = 9 WHERE artist = 'a' AND year = 1"
            let insert = "INSERT INTO songs VALUE {'artist': 'c', 'year': 1}"
            let exists = "EXISTS(SELECT * FROM songs WHERE artist = 'b' AND year = 1 AND kind = 'other')"
            for _ in 1...2 {
                let answer = try Self.transact(fixture, [update, insert, exists], token: "t")
                #expect(answer == ["Responses": []])
            }
            let cancelled = "Transaction cancelled, please refer cancellation reasons for specific reasons [None, DuplicateItem]"
            #expect(throws: Fault(name: "TransactionCanceledException", message: cancelled)) {
                try Self.transact(fixture, ["UPDATE songs SET n = 10 WHERE artist = 'a' AND year = 1", insert])
            }
            #expect(try fixture.get("songs", ["artist": string("a"), "year": number(1)])?["n"] == number(9))
        }
    }

    @Test func transactionsRead() async throws {
        try await Self.songs { fixture in
            let reads = ["SELECT year FROM songs WHERE artist = 'a' AND year = 1", "SELECT * FROM songs WHERE artist = 'x' AND year = 1"]
            let answer = try Self.transact(fixture, reads)
            #expect(answer == ["Responses": [["Item": ["year": number(1)]], [:]]])
        }
    }

    @Test(arguments: [
        (
            "SELECT * FROM songs WHERE artist = 'a'",
            "Select statements within ExecuteTransaction must specify the primary key in the where clause."
        ),
        ("SELECT * FROM songs.keys WHERE label = 'a'", "Reads on indices are not supported within transactions."),
        (
            "EXISTS(SELECT * FROM songs WHERE artist = 'a' AND year = 1)",
            "EXISTS() must contain a single item read with additional condition"
        ),
        (
            "DELETE FROM songs WHERE artist = 'a' AND year = 1 RETURNING ALL OLD *",
            "RETURNING clause is not supported in ExecuteTransaction."
        ),
        ("SELECT * FROM songs WHERE", "Statement wasn't well formed, can't be processed: Unexpected term"),
    ])
    func transactionsSayWhichStatementIsWrong(_ statement: String, _ message: String) async throws {
        try await Self.songs { fixture in
            #expect(throws: Fault.validation("Validation failed in TransactStatements[0]: \(message)")) {
                try Self.transact(fixture, [statement])
            }
        }
    }

    // MARK: - What is wrong

    /// Pairs of statements and what is wrong with them, as the service words it.
    private static let malformed: [(String, String)] = [
        ("SELECTT * FROM songs", "Expected data manipulation"), ("UPDATE songs-1 SET a = 1", "Expected data manipulation"),
        ("SELECT * FROM songs WHERE artist = 'a' foo", "Unexpected token after expression"),
        ("SELECT * FROM songs WHERE year = 1 e5", "Unexpected token after expression"),
        ("SELECT * FROM songs WHERE year = 1)", "Unexpected token after expression"),
        ("INSERT INTO songs t VALUE {'artist': 'x'}", "Unexpected token after expression"),
        ("DELETE FROM songs WHERE artist = 'a' ORDER BY artist", "Unexpected token after expression"),
        ("INSERT INTO songs (artist) VALUES ('a')", "Unexpected keyword"), ("SELECT * FROM songs WHERE", "Unexpected term"),
        ("SELECT * FROM songs WHERE;", "Unexpected term"), ("SELECT * FROM songs WHERE NOT", "Unexpected term"),
        ("SELECT * FROM songs WHERE (", "Unexpected term"), ("SELECT * FROM", "Unexpected term"),
        ("SELECT * FROM songs WHERE ORDER BY year", "Unexpected keyword"), ("SELECT * FROM songs WHERE IS NULL", "Unexpected operator"),
        ("SELECT * FROM songs WHERE year = LIKE", "Unexpected operator"), ("SELECT * FROM songs WHERE n IS FOO", "Expected type name"),
        ("SELECT * FROM songs WHERE year = 1 AND", "Missing right-hand side expression of infix operator"),
        ("DELETE FROM", "Expected identifier for simple path"), ("DELETE FROM WHERE year = 1", "Expected identifier for simple path"),
        ("SELECT * FROM songs WHERE attribute_exists(m.inner)", "Invalid path dot component"),
        ("SELECT * FROM songs WHERE year = 1e2147483648", ""), ("SELECT * FROM songs WHERE year = 1.5e-2147483647", ""),
        ("SELECT * FROM songs WHERE year = 1 # note", ""), ("SELECT * FROM songs WHERE year = 1 /* note", ""),
        ("SELECT * FROM songs WHERE artist = 'a", ""),
        ("SELECT * FROM songs WHERE " + String(repeating: "(", count: 4000), "The statement is nested too deeply"),
        ("INSERT INTO songs VALUE {'a': " + String(repeating: "[", count: 4000), "The statement is nested too deeply"),
    ]

    @Test(arguments: malformed) func statementsThatAreNoneAreRefused(_ statement: String, _ detail: String) async throws {
        try await Self.songs { fixture in
            #expect(throws: Fault.validation("Statement wasn't well formed, can't be processed: \(detail)")) {
                try Self.select(fixture, statement)
            }
        }
    }

    @Test(arguments: [
        ("SELECT * FROM songs s WHERE artist = 'a'", "Aliasing is not supported"), ("DELETE FROM songs AS s", "Aliasing is not supported"),
        ("DELETE FROM songs WHERE artist = 'a'", "Where clause does not contain a mandatory equality on all key attributes"),
        ("FROM songs SET n = 1", "Where clause does not contain a mandatory equality on all key attributes"),
        ("SELECT * FROM songs WHERE artist = ?", "Number of parameters in request and statement don't match."),
        ("SELECT * FROM songs ORDER BY year", "Must have WHERE clause in the statement when using ORDER BY clause."),
        (
            "SELECT * FROM songs WHERE year = 1 ORDER BY year",
            "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause."
        ),
        ("SELECT * FROM songs WHERE artist = 'a' ORDER BY n", "Variable reference n in ORDER BY clause must be part of the primary key"),
        ("SELECT * FROM songs WHERE artist IN ['a', 'a']", "Overlapping conditions with range keys are not supported in where clause"),
        (
            "DELETE FROM songs WHERE artist = 'x' RETURNING ALL NEW *",
            "Invalid returning clause: RETURNING ALL NEW *. Only RETURNING ALL OLD * is allowed in DELETE statements."
        ),
        ("SELECT * FROM songs WHERE EXISTS(n)", "Unrecognized function: exists at 1:27:6"),
        ("SELECT attribute_exists(n) FROM songs", "Unexpected path component at 1:8:16"),
        (
            "SELECT * FROM songs WHERE attribute_exists('n')",
            "Operator or function requires a document path; operator or function: attribute_exists"
        ),
        (
            "SELECT * FROM songs WHERE n < true",
            "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL"
        ),
        ("UPDATE songs SET t = set_add(n, <<'x'>>)", "The first argument to SET_ADD must equal the assignment value at 1:22:7"),
        ("UPDATE songs SET n = set_delete(n, 'x')", "The second argument to SET_DELETE must be a value with type SET at 1:33:1"),
        ("UPDATE songs SET n = set_add(n)", "SET_ADD must have exactly two arguments at 1:22:7"),
        ("UPDATE songs SET n = set_add(n, <<>>)", "Empty bags are not supported"),
        ("UPDATE songs SET n = <<'x', 'x'>>", "One or more parameter values were invalid: Input collection [x, x] contains duplicates."),
        ("INSERT INTO songs VALUE {'a': set_add(<<1>>)}", "Unsupported data type: set_add under key root at 1:31:7"),
        (
            "INSERT INTO songs VALUE {'a': 1, 'm': {'x': [0, 1e126]}}",
            "Number overflow. Attempting to store a number with magnitude larger than supported range under root.x[1]"
        ),
        (
            "UPDATE songs SET year = 2 WHERE artist = 'a' AND year = 1",
            "One or more parameter values were invalid: Cannot update attribute year. This attribute is part of the key"
        ),
    ])
    func whatStatementsMayNotSayIsRefused(_ statement: String, _ message: String) async throws {
        try await Self.songs { fixture in
            #expect(throws: Fault.validation(message)) { try Self.select(fixture, statement) }
        }
    }
}
