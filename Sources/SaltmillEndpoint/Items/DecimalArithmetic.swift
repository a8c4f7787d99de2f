import SaltmillBytes

extension DecimalNumber {
    /// The power of ten of the last significant digit.
    private var lastExponent: Int { exponent - max(digitCount, 1) + 1 }

    /// The exact sum, or difference.
    /// - Throws: ``DecimalError`` where the result is not a number that the store takes.
    func adding(_ other: DecimalNumber, negated: Bool = false) throws(DecimalError) -> DecimalNumber {
        guard other.digitCount > 0 else { return self }
        let last = digitCount > 0 ? min(lastExponent, other.lastExponent) : other.lastExponent
        let width = max(exponent, other.exponent) - last + 1
        let (left, right) = (digits(from: last, width: width), other.digits(from: last, width: width))
        let isOtherNegative = other.isNegative != negated
        var result: [UInt8]
        var isNegative = self.isNegative
        if isNegative == isOtherNegative || digitCount == 0 {
            isNegative = isOtherNegative
            result = Self.sum(left, right)
        } else if left.reversed().lexicographicallyPrecedes(right.reversed()) {
            isNegative = isOtherNegative
            result = Self.difference(right, left)
        } else {
            result = Self.difference(left, right)
        }
        var text: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        for digit in result.reversed() { text.append(digit + UInt8(ascii: "0")) }
        text.append(contentsOf: "e\(last)".utf8)
        return try DecimalNumber(parsing: text.span)
    }

    /// Digits, lowest first, beginning with the one of a power of ten.
    private func digits(from last: Int, width: Int) -> [UInt8] {
        var digits = [UInt8](repeating: 0, count: width)
        guard digitCount > 0 else { return digits }
        for (index, digit) in String(significand).utf8.reversed().enumerated() {
            digits[lastExponent - last + index] = digit - UInt8(ascii: "0")
        }
        return digits
    }

    private static func sum(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var carry: UInt8 = 0
        var sum: [UInt8] = []
        for (one, other) in zip(left, right) {
            let digit = one + other + carry
            sum.append(digit % 10)
            carry = digit / 10
        }
        sum.append(carry)
        return sum
    }

    /// - Parameter left: not less than `right`.
    private static func difference(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var borrow: UInt8 = 0
        return zip(left, right).map { one, other in
            let taken = other + borrow
            borrow = one < taken ? 1 : 0
            return one + 10 * borrow - taken
        }
    }
}
