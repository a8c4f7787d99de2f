import SaltmillBytes
import SaltmillSources
import Testing

@Suite struct JSONLinesTests {
    let folder = TestFolder()

    private func records(_ text: String, _ columns: [String] = ["a", "b"], isTyped: Bool = false, limit: Int = 4_096) throws
        -> [TakenRecord]
    {
        try records(Array(text.utf8), columns, isTyped: isTyped, limit: limit)
    }

    private func records(_ text: [UInt8], _ columns: [String] = ["a", "b"], isTyped: Bool = false, limit: Int = 4_096) throws
        -> [TakenRecord]
    {
        let format = JSONLinesFormat(columns: columns, isTyped: isTyped, maximumRecordLength: limit)
        return try RecordSource(unsurveyed: JSONLinesFile(path: folder.write(text, to: "rows.jsonl"), format: format)).records()
    }

    @Test func eachKindOfValueIsACell() throws {
        let cells = try records(#"{"a":"x","b":12.30e+2}"# + "\n" + #"{"b":[1, {"c":2}],"a":true}"# + "\n" + #"{"a":"q\"\u00e9"}"#).map(
            \.cells)
        #expect(cells[0] == [TakenCell(bytes: Array("x".utf8), flags: .quoted), TakenCell(bytes: Array("12.30e+2".utf8), flags: [])])
        #expect(
            cells[1] == [TakenCell(bytes: Array("true".utf8), flags: []), TakenCell(bytes: Array(#"[1, {"c":2}]"#.utf8), flags: .document)])
        #expect(cells[2][0].flags == [.quoted, .backslashes] && cells[2][1].flags == .null)
    }

    @Test func everyDigitOfANumberIsKept() throws {
        let digits = "12345678901234567890123456789012345678.00100"
        #expect(try records(#"{"a":\#(digits),"b":-0.0}"#)[0].values == [digits, "-0.0"])
    }

    @Test func namesMayBeEscapedAndInAnyOrder() throws {
        let texts = try records(
            #"{"\u0061":1,"b":2}"# + "\n" + #"{"b":3,"a":4}"# + "\n" + #"{"b":5}"# + "\n" + "{}"
        ).map(\.values)
        #expect(texts == [["1", "2"], ["4", "3"], [nil, "5"], [nil, nil]])
    }

    @Test func namesThatLookAlikeAreTwo() throws {
        let (one, two) = ("\u{E9}", "e\u{301}")
        #expect(try records("{\"\(two)\":1}", [one])[0].fault?.code == "json.member")
        #expect(try records("{\"\(one)\":1}", [one])[0].values == ["1"])
    }

    @Test func linesEndInAnyWay() throws {
        let records = try records("\u{FEFF}{\"a\":1}\r\n\n \t\r\n  {\"a\":2}  \n{\"a\":3}")
        #expect(records.map { $0.values[0] } == ["1", "2", "3"])
        #expect(records.map(\.locator.line) == [1, 4, 5])
        #expect(records.map(\.locator.offset) == [3, 17, 29])
        #expect(records.map { String(decoding: $0.raw, as: UTF8.self) } == [#"{"a":1}"#, #"  {"a":2}"#, #"{"a":3}"#])
    }

    @Test(arguments: [
        (#"{"a":1"#, "json.syntax"), (#"{"a":01}"#, "json.syntax"), (#"{"a":1,}"#, "json.syntax"), (#"{'a':1}"#, "json.syntax"),
        (#"{"a":nul}"#, "json.syntax"), ("{\"a\":\"\u{1}\"}", "json.syntax"), (#"{"a":"x}"#, "json.syntax"), ("{\"a\":NaN}", "json.syntax"),
        (#"{"a":"\x"}"#, "json.escape"), (#"{"a":"\ud800"}"#, "json.escape"), (#"{"a":"\udc00\ud800"}"#, "json.escape"),
        (#"{"a":"\u12"}"#, "json.escape"), (#"{"a":1} 2"#, "json.trailing"), (#"{"a":1}{"a":2}"#, "json.trailing"),
        (#"{"a":1,"c":2}"#, "json.member"), (#"{"a":1,"a":2}"#, "json.duplicate"), (#"{"a":1,"\u0061":2}"#, "json.duplicate"),
        ("[1]", "json.object"), ("1", "json.object"), ("\"a\"", "json.object"), ("null", "json.object"),
        (#"{"a":"# + String(repeating: "[", count: 200) + String(repeating: "]", count: 200) + "}", "json.depth"),
    ])
    func aFaultyLineIsOneFaultyRecord(_ line: String, _ code: String) throws {
        let records = try records("{\"a\":0}\n" + line + "\n{\"a\":9}\n")
        #expect(records.map { $0.fault?.code } == [nil, code, nil])
        #expect(records[1].raw == Array(line.utf8))
        #expect(records[1].cells.count == 2 && records[2].values[0] == "9")
    }

    @Test func bytesThatAreNotUTF8AreAFault() throws {
        let records = try records(Array("{\"a\":\"x".utf8) + [0xC3] + Array("\"}\n{\"a\":1}".utf8))
        #expect(records.map { $0.fault?.code } == ["json.utf8", nil])
    }

    @Test func aLineOverTheLimitIsKeptInPart() throws {
        let long = "{\"a\":\"\(String(repeating: "x", count: 300_000))\"}"
        let records = try records("\(long)\n{\"a\":1}\n\(long)", limit: 100)
        #expect(records.map { $0.fault?.code } == ["json.length", nil, "json.length"])
        #expect(records.map(\.locator.line) == [1, 2, 3])
        #expect(records[0].raw == Array(long.utf8.prefix(100)))
        let exact = "{\"a\":\"\(String(repeating: "x", count: 100 - 9))\"}"
        #expect(try self.records(exact + "\n" + exact, limit: 100).map { $0.fault?.code } == [nil, nil])
    }

    @Test func filesThatAreSomethingElseAreRefused() throws {
        let format = JSONLinesFormat(columns: ["a"])
        let array = #expect(throws: SourceError.self) { try JSONLinesFile(path: folder.write("\n [\n{\"a\":1}]"), format: format) }
        #expect(array?.kind == .header && array?.message.contains("jq -c '.[]'") == true)
        let wide = #expect(throws: SourceError.self) { try JSONLinesFile(path: folder.write([0xFF, 0xFE, 0x7B, 0]), format: format) }
        #expect(wide?.message.contains("UTF-16") == true)
    }

    // MARK: DynamoDB JSON

    @Test func typedValuesAreCells() throws {
        let line =
            #"{"Item":{"a":{"S":"x\n"},"b":{"N":"1.50"},"c":{"BOOL":false},"d":{"NULL":true},"e":{"SS":["p"]},"f":{"M":{"g":{"N":"1"}}}}}"#
        let cells = try records(line, ["a", "b", "c", "d", "e", "f"], isTyped: true)[0].cells
        #expect(cells.map { String(decoding: $0.bytes, as: UTF8.self) } == [#"x\n"#, "1.50", "false", "", #"["p"]"#, #"{"g":{"N":"1"}}"#])
        #expect(cells.map(\.flags) == [[.quoted, .backslashes], .quoted, [], .null, .document, [.document, .typed]])
    }

    @Test func anItemMayHaveAnAttributeNamedItem() throws {
        let bare = #"{"Item":{"M":{}},"a":{"S":"x"}}"#
        #expect(try records(bare, ["Item", "a"], isTyped: true)[0].values == ["{}", "x"])
        #expect(try records(#"{"Item":{"a":{"S":"x"}},"b":1}"#, isTyped: true)[0].fault?.code == "json.member")
    }

    @Test(arguments: [
        #"{"a":"x"}"#, #"{"a":1}"#, #"{"a":{}}"#, #"{"a":{"S":1}}"#, #"{"a":{"N":1}}"#, #"{"a":{"X":"1"}}"#, #"{"a":{"S":"x","N":"1"}}"#,
        #"{"a":{"NULL":false}}"#, #"{"a":{"BOOL":"true"}}"#, #"{"a":{"L":{}}}"#, #"{"a":{"M":[]}}"#, #"{"a":{"SS":"x"}}"#, #"{"a":[]}"#,
    ])
    func whatIsNoTypedValueIsAFault(_ line: String) throws {
        let fault = try records(line, isTyped: true)[0].fault
        #expect(fault?.code == "json.type" && fault?.attribute == "a")
    }
}
