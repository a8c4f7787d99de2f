import SaltmillDynamoDB

/// A generator of the same numbers and items in every run (SplitMix64).
struct RestoreRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    mutating func text(_ length: ClosedRange<Int>) -> String {
        let letters = ["a", "Z", "0", "\"", "\\", "/", "\n", "\u{0}", "\u{7f}", "é", "e\u{301}", "東", "🧂", "\u{FFFF}", " "]
        return (0..<Int.random(in: length, using: &self)).map { _ in letters.randomElement(using: &self) ?? "" }.joined()
    }

    mutating func bytes(_ length: ClosedRange<Int>) -> [UInt8] {
        (0..<Int.random(in: length, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    mutating func number() -> String {
        switch Int.random(in: 0..<5, using: &self) {
        case 0: "0"
        case 1: "-0.00\(Int.random(in: 1...999, using: &self) * 10 + 1)"
        case 2: "1" + String(repeating: "0", count: 125)
        case 3: "12345678901234567890123456789012345678"
        default: String(Int.random(in: -1_000_000...1_000_000, using: &self))
        }
    }

    /// An item with these attributes and others, in some order.
    mutating func item(key: [String: AttributeValue]) -> Item {
        var attributes = key.sorted { $0.key < $1.key }.map { Attribute($0.key, $0.value) }
        if Bool.random(using: &self) { attributes.append(Attribute("g", .b(bytes(1...30)))) }
        for number in 0..<Int.random(in: 0...6, using: &self) {
            attributes.append(Attribute(text(0...4) + String(number), value(level: 0)))
        }
        return Item(attributes.shuffled(using: &self))
    }

    private mutating func value(level: Int) -> AttributeValue {
        switch Int.random(in: 0..<(level < 4 ? 10 : 8), using: &self) {
        case 0: .s(text(0...30))
        case 1: .n(number())
        case 2: .b(bytes(0...20))
        case 3: .bool(Bool.random(using: &self))
        case 4: .null
        case 5: .ss((0..<Int.random(in: 1...5, using: &self)).map { "\($0)" + text(0...5) })
        case 6: .ns((1...Int.random(in: 1...5, using: &self)).map { String($0 * 7) })
        case 7: .bs((0..<UInt8.random(in: 1...4, using: &self)).map { [$0] + bytes(0...9) })
        case 8: .l((0..<Int.random(in: 0...4, using: &self)).map { _ in value(level: level + 1) })
        default:
            .m(Item((0..<Int.random(in: 0...4, using: &self)).map { Attribute("m\($0)" + text(0...3), value(level: level + 1)) }))
        }
    }
}
