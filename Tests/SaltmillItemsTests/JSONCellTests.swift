import SaltmillBytes
import SaltmillItems
import SaltmillSources
import Testing

/// Cells of JSON sources: what flags say of their text beside what CSV has.
@Suite struct JSONCellTests {
    private func value(_ type: AttributeType, _ text: String, _ flags: Cell.Flags, encoding: BinaryEncoding = .base64) -> OneValue {
        OneValue(AttributeMapping("a", type, column: 1, encoding: encoding, separator: "|"), text, flags)
    }

    @Test func backslashesAreResolved() {
        #expect(value(.S, #"a\"b\\\n\u00e9\ud83d\ude00"#, [.quoted, .backslashes]).json == #"{"S":"a\"b\\\né😀"}"#)
        #expect(value(.S, #"a\"b\\\n\u00e9\ud83d\ude00"#, [.quoted, .backslashes]).size == 11)
        #expect(value(.N, #"\u0031e2"#, [.quoted, .backslashes]).json == #"{"N":"100"}"#)
        #expect(value(.BOOL, #"\u0074rue"#, [.quoted, .backslashes]).json == #"{"BOOL":true}"#)
        #expect(value(.SS, #"\u0061|b"#, [.quoted, .backslashes]).json == #"{"SS":["a","b"]}"#)
    }

    @Test func anArrayIsASetOfItsStringsAndNumbers() {
        #expect(value(.SS, #"["a", "b|\"", 1.50 ]"#, .document).json == #"{"SS":["a","b|\"","1.50"]}"#)
        #expect(value(.SS, #"["a", "b|\"", 1.50 ]"#, .document).size == 8)
        #expect(value(.NS, #"[1.50,"2e1",-0]"#, .document).json == #"{"NS":["1.5","20","0"]}"#)
        #expect(value(.BS, #"["AP8=","AA=="]"#, .document).json == #"{"BS":["AP8=","AA=="]}"#)
        #expect(value(.BS, #"["00ff"]"#, .document, encoding: .hex).json == #"{"BS":["AP8="]}"#)
        #expect(value(.SS, #"["","a"]"#, .document).json == #"{"SS":["","a"]}"#)
    }

    @Test func whatIsNoSetIsAFault() {
        #expect(value(.SS, "[]", .document).code == "set.empty")
        #expect(value(.SS, #"["a","a"]"#, .document).code == "set.duplicate")
        #expect(value(.SS, #"["a","\u0061"]"#, .document).code == "set.duplicate")
        #expect(value(.NS, "[1000,1e3]", .document).code == "set.duplicate")
        for member in ["null", "true", "[1]", "{}"] { #expect(value(.SS, "[1,\(member)]", .document).code == "set.member") }
        #expect(value(.NS, #"[1,"x"]"#, .document).message?.contains("is \"x\",") == true)
        #expect(value(.SS, #"{"a":1}"#, .document).code == "json")
    }

    @Test func documentsAreListsAndMapsOrTheirText() {
        #expect(value(.L, #"[1, "a"]"#, .document).json == #"{"L":[{"N":"1"},{"S":"a"}]}"#)
        #expect(value(.M, #"{"a": null}"#, .document).json == #"{"M":{"a":{"NULL":true}}}"#)
        #expect(value(.M, "[1]", .document).code == "json")
        #expect(value(.S, #"{"a": 1}"#, .document).json == #"{"S":"{\"a\": 1}"}"#)
        #expect(value(.N, "[1]", .document).code == "number.syntax")
        #expect(value(.L, #"[1, \"a\"]"#, [.quoted, .backslashes]).json == #"{"L":[{"N":"1"},{"S":"a"}]}"#)
    }

    // MARK: DynamoDB JSON

    private static let typed: Cell.Flags = [.document, .typed]

    @Test func typedDocumentsKeepTheirTypes() {
        let text =
            #"{"s":{"S":"x\n"},"n":{"N":"1.0"},"b":{"B":"AP8="},"t":{"BOOL":true},"z":{"NULL":true},"ss":{"SS":["a","b"]},"#
            + #""ns":{"NS":["10","2e0"]},"bs":{"BS":["AA=="]},"l":{"L":[{"N":"1"},{"M":{}}]}}"#
        let expected =
            #"{"s":{"S":"x\n"},"n":{"N":"1"},"b":{"B":"AP8="},"t":{"BOOL":true},"z":{"NULL":true},"ss":{"SS":["a","b"]},"#
            + #""ns":{"NS":["10","2"]},"bs":{"BS":["AA=="]},"l":{"L":[{"N":"1"},{"M":{}}]}}"#
        #expect(value(.M, text, Self.typed).json == "{\"M\":\(expected)}")
        // 3 for the map and 1 for each member; names 13; values 2 2 2 1 1 2 3 1 and 3 + 1 + 2 + 1 + 3 of the list.
        #expect(value(.M, text, Self.typed).size == 3 + 9 + 13 + 14 + 10)
        #expect(value(.L, #"[{"S":"a"}]"#, Self.typed).json == #"{"L":[{"S":"a"}]}"#)
        #expect(value(.SS, #"["a"]"#, .document).json == #"{"SS":["a"]}"#)
    }

    @Test func typedAndPlainDocumentsHaveOneSize() {
        let plain = value(.M, #"{"a":["x",1,true,null,{"b":[]}],"c":{"d":"é"}}"#, .document)
        let typed = value(
            .M, #"{"a":{"L":[{"S":"x"},{"N":"1"},{"BOOL":true},{"NULL":true},{"M":{"b":{"L":[]}}}]},"c":{"M":{"d":{"S":"é"}}}}"#,
            Self.typed)
        #expect(plain == typed && plain.size != nil)
    }

    @Test(arguments: [
        (#"{"a":1}"#, "json.type"), (#"{"a":{}}"#, "json.type"), (#"{"a":{"X":"1"}}"#, "json.type"), (#"{"a":{"S":1}}"#, "json.type"),
        (#"{"a":{"S":"x","N":"1"}}"#, "json.type"), (#"{"a":{"NULL":false}}"#, "json.type"), (#"{"a":{"SS":[1]}}"#, "json.type"),
        (#"{"a":{"SS":[]}}"#, "set.empty"), (#"{"a":{"NS":["1","1.0"]}}"#, "set.duplicate"), (#"{"a":{"N":"x"}}"#, "number.syntax"),
        (#"{"a":{"B":"?"}}"#, "base64"), (#"{"a":{"S":"x"},"a":{"S":"y"}}"#, "json"), (#"{"a":{"L":{}}}"#, "json.type"),
    ])
    func whatIsNoTypedDocumentIsAFault(_ text: String, _ code: String) {
        #expect(value(.M, text, Self.typed).code == code)
    }

    @Test func typedDocumentsMayBeAsDeepAsPlainOnes() {
        func nested(_ depth: Int) -> String {
            String(repeating: #"[{"L":"#, count: depth - 1) + #"[{"SS":["a"]}]"# + String(repeating: "}]", count: depth - 1)
        }
        #expect(value(.L, nested(32), Self.typed).code == nil)
        #expect(value(.L, nested(33), Self.typed).code == "nesting")
    }
}
