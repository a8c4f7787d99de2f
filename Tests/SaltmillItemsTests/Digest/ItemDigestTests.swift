import Foundation
import SaltmillItems
import SaltmillBytes
import Testing

@Suite struct ItemDigestTests {
    static let schemas = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../schemas").standardized

    private func digest(_ items: [String]) throws -> ItemDigest {
        var digester = ItemDigester()
        for item in items {
            let bytes = Array(item.utf8)
            try digester.add(bytes.span)
        }
        return digester.digest
    }

    /// The vectors come from check_digest.py, which knows the definition and nothing of this code.
    @Test func itIsThatOfTheDefinition() throws {
        let file = try Data(contentsOf: Self.schemas.appending(path: "item-digest-vectors.json"))
        let vectors = try #require(JSONSerialization.jsonObject(with: file) as? [[String: Any]])
        #expect(vectors.count >= 8)
        for vector in vectors {
            let items = try #require(vector["items"] as? [String])
            #expect(try digest(items).description == vector["digest"] as? String, "\(vector["name"] ?? "")")
        }
    }

    @Test func equalItemsHaveEqualDigests() throws {
        let pairs = [
            (#"{"a":{"N":"1"}}"#, #"{"a":{"N":"1.0"}}"#), (#"{"a":{"N":"1000"}}"#, #"{"a":{"N":"1e3"}}"#),
            (#"{"a":{"NS":["1","2"]}}"#, #"{"a":{"NS":["2.0","1","1.00"]}}"#), (#"{"a":{"S":"é"}}"#, #"{"\u0061":{"S":"\u00E9"}}"#),
            (
                #"{"m":{"M":{"x":{"S":"1"},"y":{"S":"2"}}},"a":{"BOOL":true}}"#,
                #"{"a":{"BOOL":true},"m":{"M":{"y":{"S":"2"},"x":{"S":"1"}}}}"#
            ),
        ]
        for (left, right) in pairs { #expect(try digest([left]) == digest([right])) }
    }

    @Test func differentItemsHaveDifferentDigests() throws {
        let items = [
            "{}", #"{"a":{"S":""}}"#, #"{"a":{"B":""}}"#, #"{"a":{"S":"1"}}"#, #"{"a":{"N":"1"}}"#, #"{"b":{"N":"1"}}"#,
            #"{"a":{"NS":["1"]}}"#,
            #"{"a":{"SS":["1"]}}"#, #"{"a":{"BS":["MQ=="]}}"#, #"{"a":{"B":"MQ=="}}"#, #"{"a":{"L":[]}}"#, #"{"a":{"M":{}}}"#,
            #"{"a":{"L":[{"S":"1"},{"S":"2"}]}}"#, #"{"a":{"L":[{"S":"2"},{"S":"1"}]}}"#, #"{"a":{"BOOL":true}}"#, #"{"a":{"BOOL":false}}"#,
            #"{"a":{"NULL":true}}"#, #"{"a":{"SS":["1","2"]}}"#, #"{"a":{"SS":["12"]}}"#, #"{"a":{"S":"é"}}"#, #"{"a":{"S":"e\u0301"}}"#,
        ]
        #expect(try Set(items.map { try digest([$0]) }).count == items.count)
    }

    @Test func orderDoesNotMatterAndCountsDo() throws {
        let items = (0..<100).map { #"{"id":{"N":"\#($0)"}}"# }
        let whole = try digest(items)
        #expect(try digest(items.reversed()) == whole)
        #expect(try digest(Array(items[..<40])) + digest(Array(items[40...])) == whole)
        #expect(try whole - digest(Array(items[..<40])) == digest(Array(items[40...])))
        #expect(whole - whole == .empty)
        #expect(try digest(Array(items.dropLast())) != whole)
        #expect(try digest(items + [items[0]]) != whole)
        var moved = whole
        moved += try digest(["{}"])
        moved -= try digest([items[5]])
        #expect(moved.count == 100 && moved != whole)
    }

    @Test func itsTextIsReadBack() throws {
        let digest = try digest([#"{"a":{"S":"x"}}"#, "{}"])
        #expect(ItemDigest(digest.description) == digest)
        #expect(ItemDigest.empty.description == "0:" + String(repeating: "0", count: 64))
        for text in [
            "", "2", "2:", "x:\(digest.hex)", "-1:\(digest.hex)", "2:\(digest.hex.dropLast())", "2:\(digest.hex.uppercased())",
            "02:\(digest.hex)",
        ] {
            #expect(ItemDigest(text) == nil, "\(text)")
        }
    }
}
