import SaltmillDynamoDB
import SaltmillItems
import SaltmillSources
import Testing

@Suite struct ScalarValueTests {
    @Test(arguments: [
        ("", #"{"S":""}"#, 0), ("a", #"{"S":"a"}"#, 1), ("sixteen letters!", #"{"S":"sixteen letters!"}"#, 16),
        ("say \"hi\"", #"{"S":"say \"hi\""}"#, 8), ("\"", #"{"S":"\""}"#, 1), ("back\\slash", #"{"S":"back\\slash"}"#, 10),
        ("tab\there", #"{"S":"tab\there"}"#, 8), ("two\r\nlines", #"{"S":"two\r\nlines"}"#, 10), ("\u{0}", #"{"S":"\u0000"}"#, 1),
        ("\u{1F}\u{7F}", "{\"S\":\"\\u001f\u{7F}\"}", 2), ("é", #"{"S":"é"}"#, 2), ("東京", #"{"S":"東京"}"#, 6), ("🧂", #"{"S":"🧂"}"#, 4),
        ("seven l\"ong and é then more", #"{"S":"seven l\"ong and é then more"}"#, 28), ("/", #"{"S":"/"}"#, 1),
        (" x ", #"{"S":" x "}"#, 3),
    ])
    func strings(text: String, json: String, size: Int) {
        let value = OneValue(AttributeMapping("a", .S, column: 1), text)
        #expect(value.json == json)
        #expect(value.size == size)
    }

    /// Every kind of byte at every place of the word-wise scan.
    @Test func aSpecialByteIsFoundWhereverItStands() {
        let attribute = AttributeMapping("a", .S, column: 1)
        for length in 0..<27 {
            let plain = String(repeating: "x", count: length)
            #expect(OneValue(attribute, plain).json == "{\"S\":\"\(plain)\"}")
            for position in 0..<length {
                for (special, escaped) in [("\"", "\\\""), ("\\", "\\\\"), ("\n", "\\n"), ("\u{1F}", "\\u001f"), ("é", "é"), ("🧂", "🧂")] {
                    let head = String(repeating: "x", count: position)
                    let tail = String(repeating: "y", count: length - position - 1)
                    #expect(OneValue(attribute, head + special + tail).json == "{\"S\":\"\(head + escaped + tail)\"}")
                }
                for byte: UInt8 in [0x80, 0xBF, 0xC0, 0xC1, 0xF5, 0xFF] {
                    var bytes = Array(plain.utf8)
                    bytes[position] = byte
                    #expect(OneValue(attribute, bytes).code == "utf8")
                }
                for byte: UInt8 in [0x20, 0x21, 0x23, 0x5B, 0x5D, 0x7F] {
                    var bytes = Array(plain.utf8)
                    bytes[position] = byte
                    #expect(OneValue(attribute, bytes).json == "{\"S\":\"\(String(decoding: bytes, as: UTF8.self))\"}")
                }
            }
        }
    }

    @Test(
        arguments: [
            [0xC3], [0xE3, 0x81], [0xF0, 0x9F, 0xA7], [0xC0, 0x80], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0x61, 0x80],
        ] as [[UInt8]])
    func malformedUTF8IsAFault(bytes: [UInt8]) {
        let value = OneValue(AttributeMapping("a", .S, column: 1), Array("abc".utf8) + bytes)
        #expect(value.code == "utf8")
        #expect(value.message?.hasPrefix("a is not valid UTF-8 at byte ") == true)
    }

    @Test(arguments: [
        ("0", #"{"N":"0"}"#, 1), ("-0", #"{"N":"0"}"#, 1), ("517", #"{"N":"517"}"#, 3), ("1400", #"{"N":"1400"}"#, 2),
        ("007", #"{"N":"7"}"#, 2), ("+1.50", #"{"N":"1.5"}"#, 3), ("1.5E2", #"{"N":"150"}"#, 3), ("-5", #"{"N":"-5"}"#, 3),
        (".123", #"{"N":"0.123"}"#, 3), ("1672531200", #"{"N":"1672531200"}"#, 5),
        ("12345678901234567890123456789012345678", #"{"N":"12345678901234567890123456789012345678"}"#, 20),
    ])
    func numbers(text: String, json: String, size: Int) {
        let value = OneValue(AttributeMapping("a", .N, column: 1), text)
        #expect(value.json == json)
        #expect(value.size == size)
    }

    @Test(arguments: [
        ("", "number.syntax"), ("NA", "number.syntax"), (" 1", "number.syntax"), ("1,000", "number.syntax"), ("NaN", "number.syntax"),
        ("Infinity", "number.syntax"), ("\"1\"", "number.syntax"), ("123456789012345678901234567890123456789", "number.digits"),
        ("1e126", "number.range"), ("1e-131", "number.range"),
    ])
    func numbersOutOfBounds(text: String, code: String) {
        #expect(OneValue(AttributeMapping("a", .N, column: 1), text).code == code)
    }

    @Test func binariesAreReadAsTheMappingSays() {
        func value(_ encoding: BinaryEncoding, _ text: String) -> OneValue {
            OneValue(AttributeMapping("a", .B, column: 1, encoding: encoding), text)
        }
        #expect(value(.base64, "AP8=").json == #"{"B":"AP8="}"#)
        #expect(value(.base64, "AP8=").size == 2)
        #expect(value(.hex, "00FF7f").json == #"{"B":"AP9/"}"#)
        #expect(value(.hex, "00FF7f").size == 3)
        #expect(value(.utf8, "é\"").json == #"{"B":"w6ki"}"#)
        #expect(value(.utf8, "é\"").size == 3)
        #expect(value(.base64, "").json == #"{"B":""}"#)
        #expect(value(.base64, "AP8").code == "base64")
        #expect(value(.base64, "AP9=").code == "base64")
        #expect(value(.hex, "0").code == "hex")
        #expect(value(.hex, "0g").code == "hex")
        #expect(OneValue(AttributeMapping("a", .B, column: 1, encoding: .utf8), [0xFF]).code == "utf8")
    }

    @Test(arguments: [
        ("true", true), ("TRUE", true), ("True", true), ("t", true), ("yes", true), ("Y", true), ("1", true), ("false", false),
        ("F", false), ("no", false), ("n", false), ("0", false),
    ])
    func booleans(text: String, isTrue: Bool) {
        let value = OneValue(AttributeMapping("a", .BOOL, column: 1), text)
        #expect(value.json == "{\"BOOL\":\(isTrue)}")
        #expect(value.size == 1)
    }

    @Test func booleansHaveTheTextsOfTheMappingOnly() {
        let attribute = AttributeMapping(name: "a", type: .BOOL, source: .column(1), trueTexts: ["Jå"], falseTexts: ["nej", ""])
        #expect(OneValue(attribute, "jå").json == #"{"BOOL":true}"#)
        #expect(OneValue(attribute, "NEJ").json == #"{"BOOL":false}"#)
        #expect(OneValue(attribute, "").json == #"{"BOOL":false}"#)
        for text in ["true", "1", "ne", "nejj", "JÅ"] { #expect(OneValue(attribute, text).code == "bool") }
        #expect(OneValue(AttributeMapping("a", .BOOL, column: 1), "2").code == "bool")
        #expect(OneValue(AttributeMapping("a", .BOOL, column: 1), "").code == "bool")
    }

    @Test func typeNullTakesNothing() {
        let attribute = AttributeMapping("a", .NULL, column: 1)
        #expect(OneValue(attribute, String?.none).json == #"{"NULL":true}"#)
        #expect(OneValue(attribute, String?.none).size == 1)
        #expect(OneValue(attribute, "").json == #"{"NULL":true}"#)
        #expect(OneValue(attribute, "x").code == "null")
        #expect(OneValue(AttributeMapping("a", .NULL, column: 1, null: .reject), String?.none).code == "null")
    }

    @Test func theNullPolicyDecides() {
        for type in AttributeType.allCases where type != .NULL {
            func value(_ policy: NullPolicy) -> OneValue { OneValue(AttributeMapping("a", type, column: 1, null: policy), String?.none) }
            #expect(value(.omit).json == nil)
            #expect(value(.omit).code == nil)
            #expect(value(.null).json == #"{"NULL":true}"#)
            #expect(value(.null).size == 1)
            #expect(value(.reject).code == "null")
            #expect(value(.empty).json == (type == .S ? #"{"S":""}"# : type == .B ? #"{"B":""}"# : nil))
        }
    }

    @Test func namesAreEscapedAndCounted() {
        let value = OneValue(AttributeMapping("é\"", .S, column: 1), "x")
        #expect(value.json == nil, "the helper looks for the name unescaped")
        let mapping = ItemMapping(
            attributes: [AttributeMapping("k", .S, column: 0), AttributeMapping("é\"\n", .S, column: 1)], hasRange: false, salt: nil)
        let encoded = Encoded(mapping, [["1", "x"]])
        #expect(encoded.json(0) == #"{"k":{"S":"1"},"é\"\n":{"S":"x"}}"#)
        #expect(encoded.chunk.items[0].size == 2 + 4 + 1)
    }

    @Test func theDocumentationsExampleHasItsSize() {
        let mapping = ItemMapping(
            attributes: [AttributeMapping("shirt-color", .S, column: 0), AttributeMapping("shirt-size", .S, column: 1)], hasRange: true,
            salt: nil)
        #expect(Encoded(mapping, [["R", "M"]]).chunk.items[0].size == 23)
    }
}
