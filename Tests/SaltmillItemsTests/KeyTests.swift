import SaltedKeys
import SaltmillBytes
import SaltmillDynamoDB
import SaltmillItems
import SaltmillSources
import Testing

@Suite struct KeyTests {
    let attributes = [
        AttributeMapping("day", .S, column: 0), AttributeMapping("id", .N, column: 1), AttributeMapping("who", .S, column: 2),
    ]

    private func salted(_ shards: Int, by: [Int] = [1]) -> ItemMapping {
        ItemMapping(attributes: attributes, hasRange: true, salt: SaltMapping(recipe: SaltRecipe(shards: shards), by: by))
    }

    @Test func theKeyComesFirstAndIsHashedCanonically() {
        let mapping = ItemMapping(attributes: attributes, hasRange: true, salt: nil)
        let encoded = Encoded(mapping, [["2013-01-01", "1e3", "ann"], ["2013-01-01", "1000", "bob"]])
        #expect(encoded.json(0) == #"{"day":{"S":"2013-01-01"},"id":{"N":"1000"},"who":{"S":"ann"}}"#)
        #expect(encoded.key(0) == #"{"day":{"S":"2013-01-01"},"id":{"N":"1000"}"#)
        #expect(encoded.key(1) == encoded.key(0))
        #expect(encoded.chunk.items.map(\.key) == Array(repeating: canonicalHash(("S", "2013-01-01"), ("N", "1000")), count: 2))
        #expect(encoded.chunk.items[1].lane == canonicalHash(("S", "2013-01-01")))
        #expect(encoded.chunk.items.map(\.record) == [0, 1])
        #expect(encoded.chunk.items[1].offset == encoded.chunk.items[0].length)
    }

    @Test func aTableMayHaveAHashKeyOnly() {
        let encoded = Encoded(ItemMapping(attributes: [attributes[0]], hasRange: false, salt: nil), [["d"]])
        #expect(encoded.json(0) == #"{"day":{"S":"d"}}"#)
        #expect(encoded.key(0) == #"{"day":{"S":"d"}"#)
        #expect(encoded.chunk.items[0].key == encoded.chunk.items[0].lane)
        let salt = SaltMapping(recipe: SaltRecipe(shards: 5), by: [0])
        let other = Encoded(ItemMapping(attributes: [attributes[0]], hasRange: false, salt: salt), [["d"]])
        let shard = Int(SHA256.firstWord(of: Array("1:d".utf8).span) % 5)
        #expect(other.json(0) == "{\"day\":{\"S\":\"d.\(shard)\"}}")
        #expect(other.chunk.items[0].key == canonicalHash(("S", "d.\(shard)")))
    }

    @Test func binaryKeysAreHashedByTheirBytes() {
        let mapping = ItemMapping(
            attributes: [AttributeMapping("b", .B, column: 0, encoding: .hex), AttributeMapping("r", .B, column: 1)], hasRange: true,
            salt: nil)
        let encoded = Encoded(mapping, [["00Ff", "AA=="]])
        #expect(encoded.json(0) == #"{"b":{"B":"AP8="},"r":{"B":"AA=="}}"#)
        #expect(encoded.chunk.items[0].key == canonicalHash(("B", [0, 255]), ("B", [0])))
        #expect(encoded.chunk.items[0].size == 1 + 2 + 1 + 1)
    }

    @Test func theSaltIsThatOfThePublishedRecipe() throws {
        let recipe = SaltRecipe(shards: 200)
        for id in ["7", "1e3", "-0.50", "0"] {
            var identity = SaltIdentity()
            try identity.append(number: id)
            let physical = recipe.physicalKey(logical: "2013-01-01", shard: recipe.shard(of: identity))
            let encoded = Encoded(salted(200), [["2013-01-01", id, "ann"]])
            #expect(encoded.json(0).hasPrefix("{\"day\":{\"S\":\"\(physical)\"},\"id\":{\"N\":"))
            #expect(encoded.chunk.items[0].lane == canonicalHash(("S", physical)))
            var plain: [UInt8] = []
            try DecimalNumber(parsing: Array(id.utf8).span).appendText(to: &plain)
            #expect(encoded.chunk.items[0].key == canonicalHash(("S", Array(physical.utf8)), ("N", plain)))
            let number = try DecimalNumber(parsing: Array(id.utf8).span).size
            #expect(Int(encoded.chunk.items[0].size) == 3 + physical.utf8.count + 2 + number + 3 + 3)
        }
    }

    @Test func severalAttributesMakeOneIdentity() {
        var identity = SaltIdentity()
        identity.append(canonical: Array("12".utf8).span)
        identity.append(string: "é\"")
        let recipe = SaltRecipe(shards: 1000, separator: "#")
        let mapping = ItemMapping(attributes: attributes, hasRange: true, salt: SaltMapping(recipe: recipe, by: [1, 0]))
        let encoded = Encoded(mapping, [["é\"", "12.0", nil]])
        #expect(encoded.json(0) == "{\"day\":{\"S\":\"é\\\"#\(recipe.shard(of: identity))\"},\"id\":{\"N\":\"12\"}}")
    }

    @Test func rowsWithoutAUsableKeyAreRejected() {
        let encoded = Encoded(
            salted(20),
            [
                [nil, "1", "a"], ["", "1", "a"], ["d", nil, "a"], ["d", "x", "a"], ["d", "1", "a"],
                [String(repeating: "d", count: 2046), "1", "a"], [String(repeating: "d", count: 2045), "1", "a"],
            ])
        #expect(encoded.rejects.map(\.record) == [0, 1, 2, 3, 5])
        #expect(encoded.rejects.map(\.fault.code) == ["key.missing", "key.empty", "key.missing", "number.syntax", "key.size"])
        #expect(encoded.rejects.map(\.fault.attribute) == ["day", "day", "id", "id", "day"])
        #expect(encoded.chunk.items.map(\.record) == [4, 6])
    }

    @Test func keysHaveTheirLimits() {
        let mapping = ItemMapping(
            attributes: [AttributeMapping("h", .S, column: 0), AttributeMapping("r", .S, column: 1)], hasRange: true, salt: nil)
        let (long, short) = (String(repeating: "x", count: 2048), String(repeating: "é", count: 512))
        let encoded = Encoded(mapping, [[long, short], [long + "x", short], [long, short + "x"], ["x", ""]])
        #expect(encoded.chunk.items.map(\.record) == [0])
        #expect(encoded.rejects.map(\.fault.code) == ["key.size", "key.size", "key.empty"])
        #expect(encoded.rejects.map(\.fault.attribute) == ["h", "r", "r"])
    }

    @Test func keysFromTemplatesAndConstants() {
        let mapping = ItemMapping(
            attributes: [
                AttributeMapping(
                    name: "day", type: .S,
                    source: .template([
                        .column(0, zeroPaddedTo: 4), .literal("-"), .column(1, zeroPaddedTo: 2), .literal("-"), .column(2, zeroPaddedTo: 2),
                    ])),
                AttributeMapping(name: "kind", type: .S, source: .constant("fl\"ight")),
                AttributeMapping(
                    name: "n", type: .N, source: .template([.column(1, zeroPaddedTo: 0), .literal("e"), .column(2, zeroPaddedTo: 0)])),
            ], hasRange: true, salt: nil)
        let encoded = Encoded(mapping, [["2013", "1", "3"], ["13", "12", "31"], ["2013", nil, "3"], ["é", "\"", "x"]])
        #expect(encoded.json(0) == #"{"day":{"S":"2013-01-03"},"kind":{"S":"fl\"ight"},"n":{"N":"1000"}}"#)
        #expect(encoded.key(1) == #"{"day":{"S":"0013-12-31"},"kind":{"S":"fl\"ight"}"#)
        #expect(encoded.rejects.map(\.fault.code) == ["key.missing", "number.syntax"])
        let padded = ItemMapping(attributes: Array(mapping.attributes.prefix(2)), hasRange: true, salt: nil)
        #expect(Encoded(padded, [["é", "\"", "xyz"]]).key(0).hasPrefix(#"{"day":{"S":"000é-0\"-xyz"}"#))
    }

    // MARK: Survey

    @Test func keysOfTheSurveyAreThoseOfTheRows() {
        let rows: [[String?]] = [
            ["d", "1000", "a"], ["d", "1e3", "b"], ["d", "1001", "c"], ["e", "1000", nil], [nil, "1", "a"], ["d", "x", "a"],
            ["", "1", "a"],
        ]
        var batch = batch(rows)
        batch.records[3].isSuperseded = true
        batch.records.append(Record(locator: RecordLocator(offset: 0, line: 9), raw: 0..<0, fault: RowFault("csv.columns", "")))
        batch.cells += Array(repeating: Cell(offset: 0, length: 0), count: 3)
        var encoder = ItemEncoder(salted(20), columnCount: 3)
        var keys = [RowKey.invalid]
        encoder.readKeys(batch, into: &keys)
        #expect(keys.map(\.isValid) == [true, true, true, true, false, false, false, false])
        #expect(keys[0] == keys[1])
        #expect(keys[0] != keys[2])
        #expect(keys[0].lane == keys[2].lane)
        #expect(keys[0].lane == canonicalHash(("S", "d")))
        #expect(keys[3].lane == canonicalHash(("S", "e")))
        #expect(keys[0].high == canonicalHash(("S", "d"), ("N", "1000")))
        var unsalted = ItemEncoder(ItemMapping(attributes: attributes, hasRange: true, salt: nil), columnCount: 3)
        var others: [RowKey] = []
        unsalted.readKeys(batch, into: &others)
        #expect(others == keys, "salts do not matter")
    }

    @Test func aKeyTooLongToWriteIsNoKeyToTheSurvey() {
        let rows: [[String?]] = [[String(repeating: "d", count: 2046), "1", "a"], [String(repeating: "d", count: 2045), "1", "a"]]
        var encoder = ItemEncoder(salted(20), columnCount: 3)
        var keys: [RowKey] = []
        encoder.readKeys(batch(rows), into: &keys)
        #expect(keys.map(\.isValid) == [false, true])
    }

    @Test func hashKeysCanBeNamed() {
        let batch = batch([["2013-01-01", "1", "a"], [nil, "1", "a"]])
        var encoder = ItemEncoder(salted(20), columnCount: 3)
        #expect(encoder.logicalHashKey(of: 0, in: batch) == "2013-01-01")
        #expect(encoder.logicalHashKey(of: 1, in: batch) == nil)
        var numbered = ItemEncoder(
            ItemMapping(attributes: [AttributeMapping("id", .N, column: 1)], hasRange: false, salt: nil), columnCount: 3)
        #expect(numbered.logicalHashKey(of: 0, in: batch) == "1")
        var binary = ItemEncoder(
            ItemMapping(attributes: [AttributeMapping("id", .B, column: 2, encoding: .utf8)], hasRange: false, salt: nil), columnCount: 3)
        #expect(binary.logicalHashKey(of: 0, in: batch) == "YQ==")
    }
}
