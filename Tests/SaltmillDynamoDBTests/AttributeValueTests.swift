import SaltmillBytes
import SaltmillDynamoDB
import Testing

@Suite struct AttributeValueTests {
    private func read(_ text: String) throws -> AttributeValue {
        let bytes = Array(text.utf8)
        var scanner = JSONScanner()
        let value = try AttributeValue(&scanner, bytes.span)
        try scanner.expectEnd(bytes.span)
        #expect(try AttributeValue(JSONValue(parsing: bytes.span)) == value)
        return value
    }

    private func write(_ value: AttributeValue) -> String {
        var output: [UInt8] = []
        value.write(to: &output)
        #expect(value.json.bytes == output)
        return String(decoding: output, as: UTF8.self)
    }

    private static let everyType: [(String, AttributeValue)] = [
        (#"{"S":"é\"\u0000"}"#, .s("é\"\0")), (#"{"S":""}"#, .s("")), (#"{"N":"123.45"}"#, .n("123.45")),
        (#"{"B":"AQL/"}"#, .b([1, 2, 255])),
        (#"{"B":""}"#, .b([])), (#"{"BOOL":true}"#, .bool(true)), (#"{"BOOL":false}"#, .bool(false)), (#"{"NULL":true}"#, .null),
        (#"{"SS":["b","a",""]}"#, .ss(["b", "a", ""])), (#"{"NS":["1","-2.5"]}"#, .ns(["1", "-2.5"])),
        (#"{"BS":["AQ==","Ag=="]}"#, .bs([[1], [2]])), (#"{"L":[{"S":"x"},{"L":[]}]}"#, .l([.s("x"), .l([])])),
        (#"{"M":{"a":{"N":"1"},"b":{"M":{}}}}"#, .m(Item([Attribute("a", .n("1")), Attribute("b", .m(Item()))]))),
    ]

    @Test(arguments: everyType)
    func everyTypeIsReadAndWrittenBack(text: String, value: AttributeValue) throws {
        #expect(try read(text) == value)
        #expect(write(value) == text)
    }

    @Test func numbersAreKeptInCanonicalForm() throws {
        #expect(try read(#"{"N":"00042"}"#) == .n("42"))
        #expect(try read(#"{"N":"1.5E2"}"#) == .n("150"))
        #expect(try read(#"{"N":"-0"}"#) == .n("0"))
        #expect(try read(#"{"NS":["1e3","2.50"]}"#) == .ns(["2.5", "1000"]))
        #expect(try AttributeValue.number("+1000.0") == .number("1e3"))
        let digits = String(repeating: "9", count: 38)
        #expect(try read(#"{"N":"\#(digits)"}"#) == .n(digits))
    }

    @Test(arguments: [
        (#""x""#, AttributeValueError.shape("an attribute value")), (#"{}"#, .noType), (#"{"S":"a","N":"1"}"#, .severalTypes),
        (#"{"X":"a"}"#, .unknownType("X")), (#"{"N":123}"#, .shape("a JSON string")), (#"{"S":1}"#, .shape("a JSON string")),
        (#"{"N":"abc"}"#, .number(.syntax, text: "abc")), (#"{"N":"1e126"}"#, .number(.overflow, text: "1e126")),
        (#"{"B":"AQ"}"#, .binary(.length)), (#"{"SS":[]}"#, .emptySet("SS")), (#"{"NS":["1","1.0"]}"#, .duplicateElement("NS")),
        (#"{"SS":["a","a"]}"#, .duplicateElement("SS")), (#"{"BS":["AQ==","AQ=="]}"#, .duplicateElement("BS")),
        (#"{"NULL":false}"#, .nullIsFalse), (#"{"BOOL":"true"}"#, .shape("true or false")), (#"{"L":{}}"#, .shape("a JSON array")),
        (#"{"M":[]}"#, .shape("an object of attributes")), (#"{"M":{"a":{"S":"1"},"a":{"S":"2"}}}"#, .duplicateName("a")),
    ])
    func whatIsNoValueIsRefused(text: String, expected: AttributeValueError) throws {
        let error = try #require(throws: AttributeValueError.self) { try read(text) }
        #expect(error == expected)
        #expect(!error.description.isEmpty)
    }

    @Test func brokenJSONIsAJSONError() {
        #expect(throws: JSONError.self) { try read(#"{"S":"a"#) }
        #expect(throws: JSONError.self) { try read(#"{"S":"\ud800"}"#) }
    }

    @Test func listsAndMapsNest32LevelsDeepAndNoDeeper() throws {
        func nested(_ levels: Int) -> String {
            let opening = (0..<levels).map { $0 % 2 == 0 ? #"{"L":["# : #"{"M":{"a":"# }.joined()
            let closing = (0..<levels).reversed().map { $0 % 2 == 0 ? "]}" : "}}" }.joined()
            return opening + #"{"S":"x"}"# + closing
        }
        #expect(write(try read(nested(32))) == nested(32))
        let error = try #require(throws: AttributeValueError.self) { try read(nested(33)) }
        #expect(error == .tooDeep)
    }

    @Test(arguments: [
        ("0", 1), ("1", 2), ("-1", 3), ("10", 2), ("12", 2), ("1.2", 3), ("100", 2), ("123", 3), ("1234", 3), ("0.5", 2), ("-5", 3),
        ("3.14", 3),
        ("1672531200", 5), (String(repeating: "9", count: 38), 20), ("-" + String(repeating: "9", count: 38) + "E88", 21),
    ])
    func numbersHaveTheirMeasuredSizes(text: String, size: Int) throws { #expect(try AttributeValue.number(text).size == size) }

    @Test func sizesFollowTheRules() {
        #expect(Item([Attribute("shirt-color", .s("R")), Attribute("shirt-size", .s("M"))]).size == 23)
        #expect(AttributeValue.s("é").size == 2)
        #expect(AttributeValue.b([1, 2, 3]).size == 3)
        #expect(AttributeValue.null.size == 1 && AttributeValue.bool(false).size == 1)
        #expect(AttributeValue.ss(["a", "bc"]).size == 3)
        #expect(AttributeValue.ns(["0", "123"]).size == 4)
        #expect(AttributeValue.bs([[1], [2, 3]]).size == 3)
        #expect(AttributeValue.l([]).size == 3)
        #expect(AttributeValue.l([.s("ab"), .null]).size == 3 + 1 + 2 + 1 + 1)
        #expect(AttributeValue.m(Item([Attribute("key", .s("ab"))])).size == 3 + 1 + 3 + 2)
    }

    @Test func setsAndMapsCompareWithoutOrderAndListsWithIt() {
        #expect(AttributeValue.ss(["a", "b"]) == .ss(["b", "a"]))
        #expect(AttributeValue.ss(["a", "b"]).hashValue == AttributeValue.ss(["b", "a"]).hashValue)
        #expect(AttributeValue.ss(["1"]) != .ns(["1"]))
        #expect(AttributeValue.l([.s("a"), .s("b")]) != .l([.s("b"), .s("a")]))
        let one = Item([Attribute("a", .n("1")), Attribute("b", .bs([[1], [2]]))])
        let other = Item([Attribute("b", .bs([[2], [1]])), Attribute("a", .n("1"))])
        #expect(one == other && one.hashValue == other.hashValue)
        #expect(one != Item([Attribute("a", .n("1"))]))
    }

    @Test func stringsCompareByBytesAndNotByUnicodeEquivalence() throws {
        let composed = "\u{E9}"
        let decomposed = "e\u{301}"
        #expect(composed == decomposed, "this is what Swift says")
        #expect(AttributeValue.s(composed) != .s(decomposed))
        #expect(Item([Attribute(composed, .null)]) != Item([Attribute(decomposed, .null)]))
        #expect(try read(#"{"SS":["\#(composed)","\#(decomposed)"]}"#) == .ss([composed, decomposed]))
        #expect(Item([Attribute(decomposed, .null), Attribute(composed, .bool(true))])[composed] == .bool(true))
    }

    @Test func anItemsAttributesAreReplacedAddedAndRemovedInPlace() {
        var item = Item([Attribute("a", .n("1")), Attribute("b", .n("2"))])
        item["a"] = .s("x")
        item["c"] = .null
        item["b"] = nil
        item["d"] = nil
        #expect(item.attributes == [Attribute("a", .s("x")), Attribute("c", .null)])
    }

    @Test func escapedNamesAndTypesAreUnderstood() throws { #expect(try read(#"{"\u0053":"x"}"#) == .s("x")) }
}
