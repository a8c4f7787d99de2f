import Foundation
import SaltmillSources
import Testing

@Suite struct HashedRowTests {
    @Test(arguments: [1 << 20, 4096]) func rowsComeInTheOrderOfTheirKeys(memory: Int) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "hashed-\(UUID().uuidString)").path
        var sorter = try HashedRowSorter(folder: folder, memory: memory)
        var state: UInt64 = 42
        var expected: [(UInt64, UInt64, UInt64)] = []
        for place in 0..<5_000 as Range<UInt64> {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            // Every tenth row has the key of the one before it.
            let high = place % 10 == 9 ? expected[expected.count - 1].0 : state
            let low = place % 10 == 9 ? expected[expected.count - 1].1 : state >> 32
            expected.append((high, low, place))
            try sorter.append(HashedRow(high: high, low: low, place: place, content: place * 2))
        }
        var seen: [(UInt64, UInt64, UInt64)] = []
        var contents = 0
        try sorter.finish { row in
            seen.append((row.high, row.low, row.place))
            if row.content == row.place * 2 { contents += 1 }
        }
        expected.sort { $0 < $1 }
        #expect(seen.elementsEqual(expected) { $0 == $1 } && contents == 5_000)
        #expect(!FileManager.default.fileExists(atPath: folder))
    }
}
