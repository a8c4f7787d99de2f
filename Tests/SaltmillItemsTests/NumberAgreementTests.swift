import SaltedKeys
import SaltmillBytes
import Testing

/// The numbers of salts, which depend on nothing, and those of items are the same.
@Suite struct NumberAgreementTests {
    @Test func bothReadTheSameTextsAndWriteThemAlike() {
        var random = SeededRandom(seed: 38)
        var accepted = 0
        let letters = Array("0123456789012345678900.-+eE ".utf8)
        for round in 0..<30_000 {
            let length = Int.random(in: 0...(round % 3 == 0 ? 45 : 8), using: &random)
            var text = (0..<length).map { _ in letters.randomElement(using: &random) ?? 0 }
            if round % 2 == 0 { text.removeAll { "-+eE ".utf8.contains($0) } }
            if round % 5 == 0 { text += Array("e\(Int.random(in: -140...140, using: &random))".utf8) }
            var identity = SaltIdentity()
            let isNumber = (try? identity.append(number: String(decoding: text, as: UTF8.self))) != nil
            var plain: [UInt8] = []
            let size = try? DecimalNumber.appendText(normalizing: text.span, to: &plain)
            #expect(isNumber == (size != nil), "\(String(decoding: text, as: UTF8.self))")
            guard isNumber, size != nil else { continue }
            accepted += 1
            #expect(identity.bytes == Array("\(plain.count):".utf8) + plain, "\(String(decoding: text, as: UTF8.self))")
        }
        #expect(accepted > 5_000)
    }
}
