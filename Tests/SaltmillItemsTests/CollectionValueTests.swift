import SaltmillItems
import Testing

@Suite struct CollectionValueTests {
    private func set(_ type: AttributeType, _ text: String, separator: String = "|", encoding: BinaryEncoding = .base64) -> OneValue {
        OneValue(AttributeMapping("a", type, column: 1, encoding: encoding, separator: separator), text)
    }

    private func map(_ text: String) -> OneValue { OneValue(AttributeMapping("a", .M, column: 1), text) }
    private func list(_ text: String) -> OneValue { OneValue(AttributeMapping("a", .L, column: 1), text) }

    // MARK: Sets

    @Test func setsAreSplitAtTheSeparator() {
        #expect(set(.SS, "a|bc|é").json == #"{"SS":["a","bc","é"]}"#)
        #expect(set(.SS, "a|bc|é").size == 5)
        #expect(set(.SS, "one").json == #"{"SS":["one"]}"#)
        #expect(set(.SS, "a||b").json == #"{"SS":["a","","b"]}"#)
        #expect(set(.SS, "a|").json == #"{"SS":["a",""]}"#)
        #expect(set(.SS, "|a").json == #"{"SS":["","a"]}"#)
        #expect(set(.SS, "a, b|c", separator: ", ").json == #"{"SS":["a","b|c"]}"#)
        #expect(set(.SS, "a::b:c", separator: "::").json == #"{"SS":["a","b:c"]}"#)
        #expect(set(.SS, "x\"y|\\").json == #"{"SS":["x\"y","\\"]}"#)
        #expect(set(.NS, "1|1.50|-3e2").json == #"{"NS":["1","1.5","-300"]}"#)
        #expect(set(.NS, "1|1.50|-3e2").size == 2 + 3 + 3)
        #expect(set(.BS, "AP8=|AA==").json == #"{"BS":["AP8=","AA=="]}"#)
        #expect(set(.BS, "AP8=|AA==").size == 3)
        #expect(set(.BS, "00ff|AB", encoding: .hex).json == #"{"BS":["AP8=","qw=="]}"#)
    }

    @Test func emptySetsAndRepeatedMembersAreFaults() {
        for type in [AttributeType.SS, .NS, .BS] { #expect(set(type, "").code == "set.empty") }
        #expect(set(.SS, "a|b|a").code == "set.duplicate")
        #expect(set(.SS, "|").code == "set.duplicate")
        #expect(set(.SS, "a|A").code == nil)
        #expect(set(.SS, "é|e\u{301}").code == nil, "two spellings are two strings")
        #expect(set(.NS, "1000|2|1e3").code == "set.duplicate")
        #expect(set(.NS, "1000|2|1e3").message?.contains("\"1e3\"") == true)
        #expect(set(.NS, "0|-0").code == "set.duplicate")
        #expect(set(.BS, "ab|AB", encoding: .hex).code == "set.duplicate")
    }

    @Test func aFaultNamesTheMember() {
        #expect(set(.NS, "1|x|3").code == "number.syntax")
        #expect(set(.NS, "1|x|3").message?.contains("is \"x\",") == true)
        #expect(set(.NS, "1||3").code == "number.syntax")
        #expect(set(.BS, "AA==|A").code == "base64")
        #expect(OneValue(AttributeMapping("a", .SS, column: 1), [0x61, 0x2C, 0xFF]).code == "utf8")
    }

    @Test func manyMembersAreComparedAll() {
        let members = (0..<1000).map { "m\($0)" }
        #expect(set(.SS, members.joined(separator: "|")).code == nil)
        #expect(set(.SS, (members + ["m500"]).joined(separator: "|")).code == "set.duplicate")
        #expect(set(.NS, (0..<300).map(String.init).joined(separator: "|") + "|299.0").code == "set.duplicate")
    }

    // MARK: Documents

    @Test func plainJSONBecomesTypedValues() {
        #expect(map("{}").json == #"{"M":{}}"#)
        #expect(map("{}").size == 3)
        #expect(list(" [ ] ").json == #"{"L":[]}"#)
        #expect(list("[]").size == 3)
        #expect(
            map(#"{"s":"x","n":-1.50e1,"t":true,"f":false,"z":null,"l":[1,"é"],"m":{"a":{}}}"#).json
                == #"{"M":{"s":{"S":"x"},"n":{"N":"-15"},"t":{"BOOL":true},"f":{"BOOL":false},"z":{"NULL":true},"l":{"L":[{"N":"1"},{"S":"é"}]},"m":{"M":{"a":{"M":{}}}}}}"#
        )
        // 3 for the map; for each member 1, its name and value; the list 3 and 1 for each element; the inner maps likewise.
        let size = 3 + (1 + 1 + 1) + (1 + 1 + 3) + (1 + 1 + 1) * 3 + (1 + 1 + (3 + (1 + 2) + (1 + 2))) + (1 + 1 + (3 + (1 + 1 + 3)))
        #expect(map(#"{"s":"x","n":-1.50e1,"t":true,"f":false,"z":null,"l":[1,"é"],"m":{"a":{}}}"#).size == size)
        #expect(list("[ 1 , [ 2 ] , { \"a\" : \"b c\" } ]\n").json == #"{"L":[{"N":"1"},{"L":[{"N":"2"}]},{"M":{"a":{"S":"b c"}}}]}"#)
    }

    @Test func escapesCountByWhatTheyMean() {
        let value = map(#"{"\u0061\n":"\u00e9\ud83e\uddc2\""}"#)
        #expect(value.json == #"{"M":{"\u0061\n":{"S":"\u00e9\ud83e\uddc2\""}}}"#)
        #expect(value.size == 3 + 1 + 2 + (2 + 4 + 1))
    }

    @Test(arguments: ["", "x", "{", "{\"a\":1", "{a:1}", "{\"a\":1,}", "{\"a\":01}", "{} {}", "{\"a\":\"\\x\"}", "{\"a\":NaN}", "{'a':1}"])
    func whatIsNoJSONIsAFault(text: String) {
        #expect(map(text).code == "json")
    }

    @Test func theKindMustBeTheTypes() {
        #expect(map("[1]").code == "json")
        #expect(list("{}").code == "json")
        #expect(list("1").code == "json")
        #expect(map("null").code == "json")
        #expect(map("[1]").message == "a is \"[1]\", but type M takes a JSON object; correct it, or choose another type")
    }

    @Test func repeatedMembersAreFaults() {
        #expect(map(#"{"a":1,"b":2,"a":3}"#).code == "json")
        #expect(map(#"{"a":1,"\u0061":3}"#).code == "json")
        #expect(map(#"{"x":{"a":1,"b":{"a":2}},"a":{"a":1},"b":[{"a":1},{"a":1}]}"#).code == nil)
        #expect(map(#"{"x":{"a":1,"c":{"d":1},"a":2}}"#).code == "json")
        #expect(map(#"{"x":{"a":1,"c":{"d":1},"a":2}}"#).message == #"a has the member "a" twice in one JSON object; remove one of them"#)
    }

    @Test func numbersInDocumentsHaveTheStoresLimits() {
        #expect(list("[1e126]").code == "number.range")
        #expect(list("[0.1e-130]").code == "number.range")
        #expect(list("[123456789012345678901234567890123456789]").code == "number.digits")
        #expect(OneValue(AttributeMapping("a", .L, column: 1), Array("[\"".utf8) + [0xFF] + Array("\"]".utf8)).code == "utf8")
    }

    @Test func nestingEndsAt32Levels() {
        func nested(_ levels: Int) -> String { String(repeating: "[", count: levels) + String(repeating: "]", count: levels) }
        #expect(list(nested(32)).code == nil)
        #expect(list(nested(32)).size == 32 * 3 + 31)
        #expect(list(nested(33)).code == "nesting")
        #expect(list("[\(nested(30)),\(nested(31))]").code == nil)
        func maps(_ levels: Int) -> String { String(repeating: "{\"a\":", count: levels) + "1" + String(repeating: "}", count: levels) }
        #expect(map(maps(32)).code == nil)
        #expect(map(maps(33)).code == "nesting")
        #expect(list(String(repeating: "[", count: 100_000)).code == "nesting")
    }
}
