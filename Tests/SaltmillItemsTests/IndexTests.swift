import SaltedKeys
import SaltmillDynamoDB
import SaltmillItems
import SaltmillSources
import Testing

@Suite struct IndexTests {
    let attributes = [
        AttributeMapping("day", .S, column: 0), AttributeMapping("flight", .S, column: 1), AttributeMapping("carrier", .S, column: 2),
        AttributeMapping("delay", .N, column: 3),
    ]
    let salt = SaltMapping(recipe: SaltRecipe(shards: 20), by: [1])

    private func shard(_ flight: String, of shards: Int) -> Int {
        var identity = SaltIdentity()
        identity.append(string: flight)
        return SaltRecipe(shards: shards).shard(of: identity)
    }

    @Test func anItemIsInTheIndexesWhoseKeysItHas() {
        let indexes = [
            IndexMapping(name: "by_carrier", hashAttribute: "carrier", rangeAttribute: "day", salt: nil, hashSource: 2),
            IndexMapping(name: "by_delay", hashAttribute: "delay", rangeAttribute: nil, salt: nil, hashSource: 3),
            IndexMapping(name: "both", hashAttribute: "carrier", rangeAttribute: "delay", salt: nil, hashSource: 2),
        ]
        let mapping = ItemMapping(attributes: attributes, hasRange: true, salt: nil, indexes: indexes)
        let encoded = Encoded(mapping, [["d", "f", "UA", "5.0"], ["d", "f", nil, "5"], ["d", "f", "UA", nil], ["d", "f", nil, nil]])
        #expect(encoded.chunk.items.map(\.indexes) == [0b111, 0b010, 0b001, 0])
        let (carrier, delay) = (canonicalHash(("S", "UA")), canonicalHash(("N", "5")))
        #expect(encoded.chunk.indexLanes == [carrier, delay, carrier, 0, delay, 0, carrier, 0, 0, 0, 0, 0])
        #expect(encoded.json(0) == #"{"day":{"S":"d"},"flight":{"S":"f"},"carrier":{"S":"UA"},"delay":{"N":"5"}}"#)
        #expect(encoded.json(3) == #"{"day":{"S":"d"},"flight":{"S":"f"}}"#)
    }

    @Test func aSaltedIndexAddsItsAttribute() {
        let index = IndexMapping(
            name: "by_carrier", hashAttribute: "carrier_shard", rangeAttribute: "day",
            salt: SaltMapping(recipe: SaltRecipe(shards: 10), by: [1]), hashSource: 2)
        let mapping = ItemMapping(attributes: attributes, hasRange: true, salt: salt, indexes: [index])
        let encoded = Encoded(mapping, [["d", "UA1", "UA", "5"], ["d", "UA2", nil, "5"]])
        let (day, carrier) = ("d.\(shard("UA1", of: 20))", "UA.\(shard("UA1", of: 10))")
        #expect(
            encoded.json(0)
                == "{\"day\":{\"S\":\"\(day)\"},\"flight\":{\"S\":\"UA1\"},\"carrier\":{\"S\":\"UA\"},\"delay\":{\"N\":\"5\"},"
                + "\"carrier_shard\":{\"S\":\"\(carrier)\"}}")
        #expect(Int(encoded.chunk.items[0].size) == 3 + day.utf8.count + 6 + 3 + 7 + 2 + 5 + 2 + 13 + carrier.utf8.count)
        #expect(encoded.chunk.items.map(\.indexes) == [1, 0])
        #expect(encoded.chunk.indexLanes == [canonicalHash(("S", carrier)), 0])
        #expect(!encoded.json(1).contains("carrier"))
    }

    @Test func twoIndexesMayShareASaltedAttribute() {
        let salt = SaltMapping(recipe: SaltRecipe(shards: 10), by: [1])
        let indexes = [
            IndexMapping(name: "a", hashAttribute: "shard", rangeAttribute: "day", salt: salt, hashSource: 2),
            IndexMapping(name: "b", hashAttribute: "shard", rangeAttribute: "delay", salt: salt, hashSource: 2),
        ]
        let encoded = Encoded(
            ItemMapping(attributes: Array(attributes), hasRange: true, salt: nil, indexes: indexes), [["d", "UA1", "UA", "5"]])
        #expect(encoded.json(0).split(separator: "\"shard\"").count == 2)
        #expect(encoded.chunk.indexLanes == Array(repeating: canonicalHash(("S", "UA.\(shard("UA1", of: 10))")), count: 2))
    }

    @Test func anIndexOnTheSaltedHashKeyHasThePhysicalLane() {
        let index = IndexMapping(name: "i", hashAttribute: "day", rangeAttribute: "delay", salt: nil, hashSource: 0)
        let mapping = ItemMapping(attributes: attributes, hasRange: true, salt: salt, indexes: [index])
        let encoded = Encoded(mapping, [["d", "UA1", "UA", "5"]])
        #expect(encoded.chunk.indexLanes == [encoded.chunk.items[0].lane])
        #expect(encoded.chunk.indexLanes == [canonicalHash(("S", "d.\(shard("UA1", of: 20))"))])
    }

    @Test func anIndexSaltOfTheHashKeyIsMadeFromTheLogicalOne() {
        let index = IndexMapping(
            name: "i", hashAttribute: "day_shard", rangeAttribute: nil, salt: SaltMapping(recipe: SaltRecipe(shards: 3), by: [1]),
            hashSource: 0)
        let encoded = Encoded(
            ItemMapping(attributes: attributes, hasRange: true, salt: salt, indexes: [index]), [["d", "UA1", "UA", "5"]])
        #expect(encoded.json(0).hasSuffix(",\"day_shard\":{\"S\":\"d.\(shard("UA1", of: 3))\"}}"))
    }

    @Test func unusableIndexKeysAreFaults() {
        let index = IndexMapping(name: "i", hashAttribute: "carrier", rangeAttribute: "tag", salt: nil, hashSource: 2)
        func codes(null: NullPolicy = .omit, _ rows: [[String?]]) -> [String] {
            var attributes = attributes
            attributes[2].null = null
            attributes.append(AttributeMapping("tag", .S, column: 4))
            let encoded = Encoded(ItemMapping(attributes: attributes, hasRange: true, salt: nil, indexes: [index]), rows)
            #expect(encoded.chunk.indexLanes.count == encoded.chunk.items.count)
            return encoded.rejects.map(\.fault.code)
        }
        #expect(
            codes([["d", "f", "", "1", "t"], ["d", "f", "UA", "1", ""], ["d", "f", nil, "1", ""]])
                == Array(repeating: "index.key", count: 3))
        #expect(codes(null: .null, [["d", "f", nil, "1", "t"]]) == ["index.key"])
        #expect(codes(null: .empty, [["d", "f", nil, "1", "t"]]) == ["index.key"])
        #expect(codes(null: .reject, [["d", "f", nil, "1", "t"]]) == ["null"])
        let (hash, range) = (String(repeating: "h", count: 2048), String(repeating: "r", count: 1024))
        #expect(codes([["d", "f", hash, "1", range]]) == [])
        #expect(codes([["d", "f", hash + "x", "1", range], ["d", "f", hash, "1", range + "x"]]) == ["key.size", "key.size"])
    }

    @Test func aFaultInASecondIndexTakesTheFirstsLaneBack() {
        let indexes = [
            IndexMapping(name: "a", hashAttribute: "carrier", rangeAttribute: nil, salt: nil, hashSource: 2),
            IndexMapping(name: "b", hashAttribute: "tag", rangeAttribute: nil, salt: nil, hashSource: 4),
        ]
        let mapping = ItemMapping(
            attributes: attributes + [AttributeMapping("tag", .S, column: 4)], hasRange: true, salt: nil, indexes: indexes)
        let encoded = Encoded(mapping, [["d", "f", "UA", "1", ""], ["d", "f", "AA", "1", nil]])
        #expect(encoded.rejects.map(\.fault.code) == ["index.key"])
        #expect(encoded.chunk.indexLanes == [canonicalHash(("S", "AA")), 0])
    }

    @Test func aSaltedIndexKeyCountsWithItsLongestSalt() {
        let index = IndexMapping(
            name: "i", hashAttribute: "shard", rangeAttribute: nil, salt: SaltMapping(recipe: SaltRecipe(shards: 1000), by: [1]),
            hashSource: 2)
        let mapping = ItemMapping(attributes: attributes, hasRange: true, salt: nil, indexes: [index])
        let encoded = Encoded(
            mapping, [["d", "f", String(repeating: "c", count: 2044), "1"], ["d", "f", String(repeating: "c", count: 2045), "1"]])
        #expect(encoded.chunk.items.count == 1)
        #expect(encoded.rejects.map(\.fault.code) == ["key.size"])
    }
}
