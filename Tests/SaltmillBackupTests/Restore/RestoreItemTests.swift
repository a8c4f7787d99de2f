import SaltmillBackup
import SaltmillBytes
import SaltmillDynamoDB
import SaltmillItems
import SaltmillSources
import Testing

/// Items on their way from a dump to the wire, against attribute values as trees.
@Suite struct RestoreItemTests {
    static let table: JSONValue = [
        "TableName": "t", "TableStatus": "ACTIVE",
        "AttributeDefinitions": [
            ["AttributeName": "pk", "AttributeType": "S"], ["AttributeName": "sk", "AttributeType": "N"],
            ["AttributeName": "g", "AttributeType": "B"],
        ],
        "KeySchema": [["AttributeName": "pk", "KeyType": "HASH"], ["AttributeName": "sk", "KeyType": "RANGE"]],
        "GlobalSecondaryIndexes": [
            ["IndexName": "one", "KeySchema": [["AttributeName": "g", "KeyType": "HASH"]], "Projection": ["ProjectionType": "ALL"]],
            [
                "IndexName": "two",
                "KeySchema": [["AttributeName": "sk", "KeyType": "HASH"], ["AttributeName": "g", "KeyType": "RANGE"]],
                "Projection": ["ProjectionType": "ALL"],
            ],
        ],
    ]

    /// One item encoded, or why not.
    static func encode(_ text: [UInt8], table: JSONValue = table) throws -> (chunk: ItemChunk, fault: RowFault?) {
        var encoder = DumpedItemEncoder(for: try TableDescription(table))
        var scanner = ItemScanner()
        var chunk = ItemChunk(indexCount: 2)
        do {
            try scanner.scan(text.span)
            try encoder.append(text.span, scanner, record: 7, to: &chunk)
            return (chunk, nil)
        } catch let fault as RowFault {
            return (chunk, fault)
        }
    }

    static func encode(_ text: String) throws -> (chunk: ItemChunk, fault: RowFault?) { try encode(Array(text.utf8)) }

    @Test(arguments: 0..<200) func randomItemsKeepTheirValuesAndAreMeasured(seed: Int) throws {
        var random = RestoreRandom(seed: UInt64(seed))
        let item = random.item(key: ["pk": .s(random.text(1...20)), "sk": .n(String(Int.random(in: -99999...99999, using: &random)))])
        var json: [UInt8] = []
        item.write(to: &json)
        let (chunk, fault) = try Self.encode(json)
        #expect(fault == nil)
        let encoded = try #require(chunk.items.first)
        let bytes = Array(chunk.bytes[Int(encoded.offset)..<Int(encoded.offset + encoded.length)])
        #expect(try Item(JSONValue(parsing: bytes.span)) == item)
        #expect(Int(encoded.size) == item.size)
        #expect(encoded.record == 7)
        let key = try Item(JSONValue(parsing: (Array(bytes.prefix(Int(encoded.keyLength))) + [UInt8(ascii: "}")]).span))
        #expect(key.attributes.map(\.name) == ["pk", "sk"])

        var canonical: [UInt8] = []
        guard case .s(let hash)? = item["pk"], case .n(let range)? = item["sk"] else { return }
        CanonicalKey.append(type: UInt8(ascii: "S"), value: Array(hash.utf8).span, to: &canonical)
        #expect(encoded.lane == KeyHash.hash64(canonical.span))
        CanonicalKey.append(type: UInt8(ascii: "N"), value: Array(range.utf8).span, to: &canonical)
        #expect(encoded.key == KeyHash.hash64(canonical.span))

        guard case .b(let indexed)? = item["g"] else {
            #expect(encoded.indexes == 0)
            #expect(chunk.indexLanes == [0, 0])
            return
        }
        var lanes: [[UInt8]] = [[], []]
        CanonicalKey.append(type: UInt8(ascii: "B"), value: indexed.span, to: &lanes[0])
        CanonicalKey.append(type: UInt8(ascii: "N"), value: Array(range.utf8).span, to: &lanes[1])
        #expect(encoded.indexes == 3)
        #expect(chunk.indexLanes == lanes.map { KeyHash.hash64($0.span) })
    }

    @Test func keysComeFirstWhereverTheyStand() throws {
        for (given, wanted, key) in [
            (#"{"pk":{"S":"a"},"sk":{"N":"1"}}"#, #"{"pk":{"S":"a"},"sk":{"N":"1"}}"#, #"{"pk":{"S":"a"},"sk":{"N":"1"}"#),
            (#"{"sk":{"N":"1"},"pk":{"S":"a"}}"#, #"{"pk":{"S":"a"},"sk":{"N":"1"}}"#, #"{"pk":{"S":"a"},"sk":{"N":"1"}"#),
            (
                #"{"x":{"BOOL":true},"sk":{"N":"1"},"y":{"NULL":true},"pk":{"S":"a"},"z":{"L":[]}}"#,
                #"{"pk":{"S":"a"},"sk":{"N":"1"},"x":{"BOOL":true},"y":{"NULL":true},"z":{"L":[]}}"#, #"{"pk":{"S":"a"},"sk":{"N":"1"}"#
            ),
            (
                #"{"pk":{"S":"a"},"x":{"M":{"pk":{"S":"b"}}},"sk":{"N":"1"}}"#,
                #"{"pk":{"S":"a"},"sk":{"N":"1"},"x":{"M":{"pk":{"S":"b"}}}}"#, #"{"pk":{"S":"a"},"sk":{"N":"1"}"#
            ),
        ] {
            let (chunk, _) = try Self.encode(given)
            #expect(String(decoding: chunk.bytes, as: UTF8.self) == wanted)
            #expect(String(decoding: chunk.bytes.prefix(Int(chunk.items[0].keyLength)), as: UTF8.self) == key)
        }
    }

    @Test func numbersOfOneValueAreOneKey() throws {
        let keys = try ["1000", "1E3", "+1000.00"].map { try Self.encode(#"{"pk":{"S":"a"},"sk":{"N":"\#($0)"}}"#).chunk.items[0].key }
        #expect(Set(keys).count == 1)
    }

    @Test func whatTheStoreWouldRefuseIsRejected() throws {
        let long = String(repeating: "k", count: 2049)
        for (item, code) in [
            (#"{"sk":{"N":"1"}}"#, "key.missing"), (#"{"pk":{"S":"a"}}"#, "key.missing"),
            (#"{"pk":{"N":"1"},"sk":{"N":"1"}}"#, "key.type"), (#"{"pk":{"S":""},"sk":{"N":"1"}}"#, "key.empty"),
            (#"{"pk":{"S":"\#(long)"},"sk":{"N":"1"}}"#, "key.size"),
            (#"{"pk":{"S":"a"},"sk":{"N":"1"},"g":{"S":"x"}}"#, "key.type"),
            (#"{"pk":{"S":"a"},"sk":{"N":"1"},"g":{"B":""}}"#, "key.empty"),
            (#"{"pk":{"S":"a"},"sk":{"N":"1"},"x":{"S":"\#(String(repeating: "x", count: 409_600))"}}"#, "item.size"),
        ] {
            let (chunk, fault) = try Self.encode(item)
            #expect(fault?.code == code, "\(item.prefix(80))")
            #expect(chunk.bytes.isEmpty && chunk.items.isEmpty && chunk.indexLanes.isEmpty)
        }
    }

    @Test func theLargestItemIsTaken() throws {
        let room = 409_600 - "pk".utf8.count - 1 - "sk".utf8.count - 2 - 1
        let item = #"{"pk":{"S":"a"},"sk":{"N":"1"},"x":{"S":"\#(String(repeating: "x", count: room))"}}"#
        let (chunk, fault) = try Self.encode(item)
        #expect(fault == nil)
        #expect(chunk.items.first?.size == 409_600)
    }

    @Test func everyFaultOfAnItemHasACode() throws {
        for (item, code) in [
            (#"{"pk":{"S":"a"}"#, "item.json"), (#"{"pk":"a"}"#, "item.value"), (#"{"pk":{"X":"a"}}"#, "item.value"),
            (#"{"n":{"N":"one"}}"#, "number.syntax"), (#"{"n":{"N":"\#(String(repeating: "1", count: 39))"}}"#, "number.digits"),
            (#"{"n":{"N":"1E126"}}"#, "number.range"), (#"{"b":{"B":"A"}}"#, "base64"), (#"{"b":{"B":null}}"#, "binary.null"),
            (#"{"s":{"SS":[]}}"#, "set.empty"), (#"{"a":{"S":"1"},"a":{"S":"2"}}"#, "item.duplicate"),
        ] {
            var scanner = ItemScanner()
            let fault = #expect(throws: ItemFault.self) { try scanner.scan(Array(item.utf8).span) }
            #expect(fault.map { RowFault($0).code } == code, "\(item)")
        }
    }
}
