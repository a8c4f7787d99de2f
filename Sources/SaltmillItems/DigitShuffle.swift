import SaltmillBytes

/// A permutation of texts that changes digits alone: a Feistel network over the digits, keyed, and tweaked by everything that is no digit.
///
/// The construction is that of format-preserving encryption (NIST SP 800-38G), with halves added digit by digit instead of as numbers.
struct DigitShuffle: Sendable {
    let secret: [UInt8]

    private static let rounds: UInt8 = 10
    private static let zero = UInt8(ascii: "0")

    /// Replaces the digits of `text`.
    /// - Parameter isNumber: the text is a number in plain spelling, which the result is then too.
    func apply(to text: inout [UInt8], isNumber: Bool) {
        let places = text.indices.filter { (Self.zero...(Self.zero + 9)).contains(text[$0]) }
        guard !places.isEmpty else { return }
        var tweak = text
        for place in places { tweak[place] = Self.zero }
        var digits = places.map { text[$0] - Self.zero }
        // Walking on until the digits spell a number again keeps it a permutation of such numbers.
        repeat { permute(&digits, tweak) } while isNumber && !Self.isPlain(digits, tweak)
        for (place, digit) in zip(places, digits) { text[place] = Self.zero + digit }
    }

    /// Whether these digits in these places are the plain spelling of a number: no zero that could be left out, no `-0`.
    private static func isPlain(_ digits: [UInt8], _ shape: [UInt8]) -> Bool {
        let isNegative = shape.first == UInt8(ascii: "-")
        let point = shape.firstIndex(of: UInt8(ascii: "."))
        let whole = (point ?? shape.count) - (isNegative ? 1 : 0)
        if whole > 1, digits.first == 0 { return false }
        if point != nil { return digits.last != 0 }
        return !isNegative || digits != [0]
    }

    private func permute(_ digits: inout [UInt8], _ tweak: [UInt8]) {
        let half = digits.count / 2
        guard half > 0 else {
            digits[0] = singleDigits(tweak)[Int(digits[0])]
            return
        }
        for round in 0..<Self.rounds {
            let (changed, fixed) = round % 2 == 0 ? (0..<half, half..<digits.count) : (half..<digits.count, 0..<half)
            let added = stream(round, Array(digits[fixed]), tweak, count: changed.count)
            for (place, digit) in zip(changed, added) { digits[place] = (digits[place] + digit) % 10 }
        }
    }

    /// A permutation of the ten digits (Fisher and Yates's shuffle).
    private func singleDigits(_ tweak: [UInt8]) -> [UInt8] {
        var result = [UInt8](0..<10)
        let random = Digests.hmacSHA256(key: secret.span, tweak.span).bytes
        for place in (1..<10).reversed() {
            // Two bytes for each choice of at most ten: no choice is favoured by more than one in 6,500.
            let choice = (Int(random[2 * place]) << 8 | Int(random[2 * place + 1])) % (place + 1)
            result.swapAt(place, choice)
        }
        return result
    }

    /// As many digits, each as likely as any other, as `count` says.
    private func stream(_ round: UInt8, _ half: [UInt8], _ tweak: [UInt8], count: Int) -> [UInt8] {
        // What everything depends on is hashed once, so that long texts take time in proportion to their length.
        let seed = Digests.hmacSHA256(key: secret.span, ([round] + half + tweak).span).bytes
        var result: [UInt8] = []
        var block: UInt32 = 0
        while result.count < count {
            let number = withUnsafeBytes(of: block.bigEndian, Array.init)
            for byte in Digests.hmacSHA256(key: seed.span, number.span).bytes where byte < 250 { result.append(byte % 10) }
            block += 1
        }
        return Array(result.prefix(count))
    }
}
