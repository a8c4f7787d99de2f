import SaltmillBytes
import Testing

@Suite struct KeyHashTests {
    private func hash(_ text: String) -> UInt64 { KeyHash.hash64(Array(text.utf8).span) }

    /// The values are kept in files: whoever changes them breaks jobs that are under way.
    @Test(
        arguments: [
            ("", 0x2E83_4AB6_4E43_A890, 0x0B97_3A24_D3BD_5EFC),
            ("a", 0x552D_B553_4E2E_E5B0, 0x3844_040B_0F90_A975),
            ("abc", 0xF82B_D647_126C_3842, 0x15B8_A3FE_1135_18C9),
            ("abcd", 0xFF39_E99F_D629_AC2F, 0xDD27_EBFC_017C_E991),
            ("abcdefgh", 0x6904_6FCB_87EB_9A22, 0xA243_3E92_1773_F6E0),
            ("2013-01-01.123", 0xADB0_E909_D77B_3C0B, 0xBAAD_49A7_554F_6E1A),
            ("0123456789abcdef", 0x9365_D7D9_EAAE_948D, 0xAF11_C0ED_F97D_A51B),
            ("0123456789abcdefg", 0xDB90_7F1F_B7D8_698A, 0x9290_7723_B898_B14D),
            ("UA#1545#515 and some more than two blocks of text", 0x3622_F482_8DDC_FA34, 0x9B12_9DA9_8D6B_64DB),
        ] as [(String, UInt64, UInt64)])
    func valuesNeverChange(text: String, high: UInt64, low: UInt64) {
        #expect(KeyHash.hash128(Array(text.utf8).span) == (high, low))
        #expect(hash(text) == high)
    }

    @Test func everyBitOfTheInputMovesHalfOfTheBits() {
        for length in [3, 4, 8, 9, 16, 17, 33] {
            var random = SeededRandom(seed: UInt64(length))
            let samples = 256
            for bit in 0..<(8 * length) {
                var flips = [Int](repeating: 0, count: 128)
                for _ in 0..<samples {
                    var bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
                    let before = KeyHash.hash128(bytes.span)
                    bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                    let after = KeyHash.hash128(bytes.span)
                    for output in 0..<64 {
                        flips[output] += Int((before.high ^ after.high) >> UInt64(output) & 1)
                        flips[64 + output] += Int((before.low ^ after.low) >> UInt64(output) & 1)
                    }
                }
                // 256 throws of a coin: a standard deviation is 8, so that 6 of them are never seen.
                #expect(
                    flips.allSatisfy { abs($0 - samples / 2) < 48 }, "length \(length), bit \(bit): \(flips.min() ?? 0)…\(flips.max() ?? 0)"
                )
            }
        }
    }

    static let families: [(String, @Sendable (Int) -> String)] = [
        ("numbers", { "\($0)" }),
        ("padded numbers", { String(String("000000000000\($0)".reversed()).prefix(12).reversed()) }),
        ("one day, many flights", { "2013-01-01UA#\($0)#515" }),
        ("spread days", { "2013-\($0 % 12)-\($0 / 12 % 28).\($0 / 336)" }),
        ("long common head", { String(repeating: "a", count: 64) + "\($0)" }),
        ("long common tail", { "\($0)" + String(repeating: "z", count: 64) }),
        ("lengths of one letter", { String(repeating: "x", count: $0 % 2000) + "\($0 / 2000)" }),
        ("few bits", { index in String(decoding: (0..<18).map { UInt8(index >> $0 & 1) }, as: UTF8.self) }),
    ]

    @Test(arguments: families.indices) func structuredKeysCollideAsSeldomAsChance(family: Int) {
        let count = 100_000
        let (name, key) = Self.families[family]
        let hashes = (0..<count).map { KeyHash.hash128(Array(key($0).utf8).span) }
        #expect(Set(hashes.map(\.high)).count == count, "\(name)")
        #expect(Set(hashes.map(\.low)).count == count, "\(name)")
        // Cut to 32 bits, chance lets 1.2 pairs of 100,000 collide; more than 12 happen less than once in 10^8 times.
        for shift: UInt64 in [0, 16, 32] {
            #expect(count - Set(hashes.map { UInt32(truncatingIfNeeded: $0.high >> shift) }).count <= 12, "\(name), bits from \(shift)")
            #expect(count - Set(hashes.map { UInt32(truncatingIfNeeded: $0.low >> shift) }).count <= 12, "\(name), bits from \(shift)")
        }
    }

    @Test func lengthCountsEvenWhenAllIsZero() {
        let hashes = (0..<200).map { KeyHash.hash64([UInt8](repeating: 0, count: $0).span) }
        #expect(Set(hashes).count == 200)
    }
}
