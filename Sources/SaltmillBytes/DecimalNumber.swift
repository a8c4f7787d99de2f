/// Why a text is no number that the store takes.
package enum DecimalError: Error, Sendable, Equatable {
    case syntax
    case tooManyDigits
    case overflow
    case underflow

    /// The sentence with which DynamoDB refuses `text` (as dynalite's validations record it).
    package func serviceMessage(for text: String) -> String {
        switch self {
        case .syntax: "The parameter cannot be converted to a numeric value: \(text)"
        case .tooManyDigits: "Attempting to store more than 38 significant digits in a Number"
        case .overflow: "Number overflow. Attempting to store a number with magnitude larger than supported range"
        case .underflow: "Number underflow. Attempting to store a number with magnitude smaller than supported range"
        }
    }
}

/// An exact decimal number as the store has them: up to 38 significant digits, magnitude 1E-130 to 9.99…E+125, or zero
/// (Amazon DynamoDB Developer Guide, "Supported data types and naming rules").
///
/// Two texts that mean the same number give equal values: `1000`, `1e3` and `+1000.0` are one.
package struct DecimalNumber: Hashable, Sendable {
    /// Zero is not negative.
    package let isNegative: Bool
    /// The digits without leading and trailing zeros, as an integer; 0 for zero.
    package let significand: UInt128
    /// How many digits ``significand`` has; 0 for zero.
    package let digitCount: Int
    /// The power of ten of the first digit; 0 for zero.
    package let exponent: Int

    package static let maximumDigits = 38
    package static let exponents = -130...125

    /// Reads a whole text: an optional sign, digits with an optional point among or beside them, an optional exponent.
    /// - Throws: ``DecimalError``; a text that is wrong in several ways is first of all no number, then out of range, then too long.
    package init(parsing text: Span<UInt8>) throws(DecimalError) {
        var index = 0
        let sign = text.isEmpty ? 0 : text[0]
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { index = 1 }
        var significand: UInt128 = 0
        var digits = 0
        var zeros = 0
        var fraction = 0
        var hasDigits = false
        var hasPoint = false
        while index < text.count {
            let digit = text[index] &- UInt8(ascii: "0")
            if digit > 9 {
                guard text[index] == UInt8(ascii: "."), !hasPoint else { break }
                hasPoint = true
            } else {
                hasDigits = true
                if hasPoint { fraction += 1 }
                if digit != 0 {
                    if digits + zeros < Self.maximumDigits {
                        for _ in 0..<zeros { significand &*= 10 }
                        significand = significand &* 10 &+ UInt128(digit)
                    }
                    digits += zeros + 1
                    zeros = 0
                } else if digits > 0 {
                    zeros += 1
                }
            }
            index += 1
        }
        guard hasDigits else { throw .syntax }
        let scale = try Self.scale(text, from: index)
        guard digits > 0 else {
            (isNegative, self.significand, digitCount, exponent) = (false, 0, 0, 0)
            return
        }
        let exponent = digits - 1 + zeros - fraction + scale
        guard exponent <= Self.exponents.upperBound else { throw .overflow }
        guard exponent >= Self.exponents.lowerBound else { throw .underflow }
        guard digits <= Self.maximumDigits else { throw .tooManyDigits }
        isNegative = sign == UInt8(ascii: "-")
        self.significand = significand
        digitCount = digits
        self.exponent = exponent
    }

    /// Reads the exponent part, from `e` to the end of the text.
    ///
    /// Beyond ±10^15 its value is cut, which no text's digits can make up for.
    private static func scale(_ text: Span<UInt8>, from start: Int) throws(DecimalError) -> Int {
        guard start < text.count else { return 0 }
        guard text[start] | 0x20 == UInt8(ascii: "e") else { throw .syntax }
        var index = start + 1
        let sign = index < text.count ? text[index] : 0
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { index += 1 }
        guard index < text.count else { throw .syntax }
        var value = 0
        while index < text.count {
            let digit = text[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { throw .syntax }
            value = min(value * 10 + Int(digit), 1_000_000_000_000_000)
            index += 1
        }
        return sign == UInt8(ascii: "-") ? -value : value
    }

    /// Size in bytes that the number counts for in an item: about one byte for two digits, and one.
    ///
    /// The Developer Guide gives the rule approximately ("Item sizes and formats"); the exact one is dynalite's.
    package var size: Int { Self.size(digits: digitCount, exponent: exponent, isNegative: isNegative) }

    @inline(__always)
    package static func size(digits: Int, exponent: Int, isNegative: Bool) -> Int {
        guard digits > 0 else { return 1 }
        return 1 + (digits + 1) / 2 + ((digits | exponent) & 1 == 0 ? 1 : 0) + (isNegative ? 1 : 0)
    }
}
