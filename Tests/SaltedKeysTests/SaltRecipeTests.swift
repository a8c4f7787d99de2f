import Foundation
import SaltedKeys
import Testing

@Suite struct SaltRecipeTests {
    let recipe = SaltRecipe(shards: 200)

    @Test func aShardIsTheFirstWordOfSHA256() {
        var identity = SaltIdentity()
        identity.append(string: "42")
        #expect(String(decoding: identity.bytes, as: UTF8.self) == "2:42")
        #expect(recipe.shard(of: identity) == Int(SHA256.firstWord(of: Array("2:42".utf8).span) % 200))
        #expect(recipe.shard(of: identity) == recipe.shard(ofIdentity: identity.bytes.span))
    }

    @Test func physicalKeysAreGatheredInOrderOfShards() {
        let keys = SaltRecipe(shards: 12, separator: "#").physicalKeys(of: "2015-12-07")
        #expect(keys.count == 12)
        #expect(keys.first == "2015-12-07#0")
        #expect(keys[3] == "2015-12-07#3")
        #expect(keys.last == "2015-12-07#11")
    }

    @Test(arguments: [0, 1, 9, 10, 99, 100, 101, 199]) func theSuffixInBytesIsTheOneInText(shard: Int) {
        var bytes = Array("a.1".utf8)
        recipe.appendSuffix(shard: shard, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == recipe.physicalKey(logical: "a.1", shard: shard))
    }

    @Test(arguments: [".", "#", "·", "shard=", " - "]) func everyPhysicalKeyComesApartAgain(separator: String) throws {
        let recipe = SaltRecipe(shards: 101, separator: separator)
        for logical in ["2015-12-07", "", "7", "a.1", "a#1#2", "日本", "x·9", "shard=5", "."] {
            for (shard, key) in recipe.physicalKeys(of: logical).enumerated() {
                let parts = try #require(recipe.logicalKey(ofPhysical: key))
                #expect(parts.logical == logical)
                #expect(parts.shard == shard)
            }
        }
    }

    @Test(arguments: ["", ".", "2015-12-07", "a.", "a.200", "a.07", "a.-1", "a.+1", "a.1x", "5", "a.99999999999999999999999"])
    func whatTheRecipeCannotHaveMadeIsNoPhysicalKey(key: String) {
        #expect(recipe.logicalKey(ofPhysical: key) == nil)
    }

    @Test func theLongestSuffixIsThatOfTheLastShard() {
        #expect(SaltRecipe(shards: 1).longestSuffix == 2)
        #expect(SaltRecipe(shards: 10).longestSuffix == 2)
        #expect(SaltRecipe(shards: 11).longestSuffix == 3)
        #expect(SaltRecipe(shards: 100_000, separator: "·").longestSuffix == 7)
    }

    @Test func valuesFromOutsideAreChecked() {
        #expect(throws: SaltError.shards(0)) { try SaltRecipe(checking: 0, separator: ".") }
        #expect(throws: SaltError.shards(100_001)) { try SaltRecipe(checking: 100_001, separator: ".") }
        #expect(throws: SaltError.separator("")) { try SaltRecipe(checking: 2, separator: "") }
        #expect(throws: SaltError.separator("x1")) { try SaltRecipe(checking: 2, separator: "x1") }
        #expect(throws: Never.self) { try SaltRecipe(checking: 100_000, separator: "1x") }
    }

    @Test func decodingChecksToo() throws {
        let good = try JSONDecoder().decode(SaltRecipe.self, from: Data(##"{"shards":20,"separator":"#"}"##.utf8))
        #expect(good == SaltRecipe(shards: 20, separator: "#"))
        #expect(try JSONDecoder().decode(SaltRecipe.self, from: JSONEncoder().encode(good)) == good)
        #expect(throws: SaltError.shards(-1)) {
            try JSONDecoder().decode(SaltRecipe.self, from: Data(#"{"shards":-1,"separator":"."}"#.utf8))
        }
    }
}
