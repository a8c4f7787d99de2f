import Foundation
import SaltedKeys
import Testing

/// The published vectors, `schemas/salt-vectors.json`, which `check_vectors.py` checks with another implementation.
@Suite struct SaltVectorsTests {
    struct File: Decodable {
        var version: Int
        var vectors: [Vector]
    }

    struct Vector: Decodable {
        var about: String
        var identity: [[String: String]]
        var bytes: String
        var shards: Int
        var separator: String
        var logical: String
        var shard: Int
        var physical: String
    }

    @Test func everyVectorHolds() throws {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../schemas/salt-vectors.json")
        let file = try JSONDecoder().decode(File.self, from: Data(contentsOf: url))
        #expect(file.version == 1)
        #expect(file.vectors.count >= 40)
        for vector in file.vectors {
            var identity = SaltIdentity()
            for part in vector.identity {
                let (type, text) = try #require(part.first)
                switch type {
                case "S": identity.append(string: text)
                case "N": try identity.append(number: text)
                default: identity.append(binary: Array(try #require(Data(base64Encoded: text))))
                }
            }
            let recipe = try SaltRecipe(checking: vector.shards, separator: vector.separator)
            #expect(identity.bytes.map { String(format: "%02x", $0) }.joined() == vector.bytes, "\(vector.about)")
            #expect(recipe.shard(of: identity) == vector.shard, "\(vector.about)")
            #expect(recipe.physicalKey(logical: vector.logical, shard: vector.shard) == vector.physical, "\(vector.about)")
            let parts = try #require(recipe.logicalKey(ofPhysical: vector.physical), "\(vector.about)")
            #expect(parts == (vector.logical, vector.shard), "\(vector.about)")
        }
    }
}
