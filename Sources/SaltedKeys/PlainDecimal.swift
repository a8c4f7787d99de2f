/// Decimal numbers in their one plain spelling, the one in which the store returns them.
enum PlainDecimal {
    private static let zero = UInt8(ascii: "0")

    /// The plain spelling of a number's text: no exponent, no plus sign, no needless zeros; `0` for zero.
    /// - Returns: nil for what is no number, has over 38 significant digits or is beyond 1E-130 to 9.99…E+125.
    static func text(of number: [UInt8]) -> [UInt8]? {
        var text = number[...]
        let isNegative = text.first == UInt8(ascii: "-")
        if isNegative || text.first == UInt8(ascii: "+") { text.removeFirst() }

        let mantissa = text.prefix { $0 | 0x20 != UInt8(ascii: "e") }
        guard let scale = exponent(text.dropFirst(mantissa.count)) else { return nil }
        let parts = mantissa.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        var digits = Array(parts.joined())
        guard !digits.isEmpty, digits.allSatisfy({ (zero...zero + 9).contains($0) }) else { return nil }

        // How many digits stand before the point; then without zeros at either end.
        var point = (parts.first?.count ?? 0) + scale
        let leading = digits.prefix { $0 == zero }.count
        guard leading < digits.count else { return [zero] }
        digits.removeFirst(leading)
        point -= leading
        while digits.last == zero { digits.removeLast() }
        guard digits.count <= 38, (-129...126).contains(point) else { return nil }

        if point <= 0 {
            digits.insert(contentsOf: [zero, UInt8(ascii: ".")] + Array(repeating: zero, count: -point), at: 0)
        } else if point >= digits.count {
            digits.append(contentsOf: repeatElement(zero, count: point - digits.count))
        } else {
            digits.insert(UInt8(ascii: "."), at: point)
        }
        return isNegative ? [UInt8(ascii: "-")] + digits : digits
    }

    /// The value of an exponent part such as `e-7`; 0 for none at all, nil for a malformed one.
    private static func exponent(_ part: ArraySlice<UInt8>) -> Int? {
        guard !part.isEmpty else { return 0 }
        var digits = part.dropFirst()
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
        guard !digits.isEmpty, digits.allSatisfy({ (zero...zero + 9).contains($0) }) else { return nil }
        // No text has so many digits that they could bring a greater exponent back into range.
        let value = digits.reduce(0) { min($0 * 10 + Int($1 - zero), 1_000_000_000_000_000) }
        return isNegative ? -value : value
    }
}
