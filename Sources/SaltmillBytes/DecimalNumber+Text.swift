extension DecimalNumber {
    /// Appends the number as the store returns it: plain digits, no exponent, no needless zeros; `1.5E2` gives `150`, `-0` gives `0`.
    package func appendText(to output: inout [UInt8]) {
        guard digitCount > 0 else {
            output.append(UInt8(ascii: "0"))
            return
        }
        if isNegative { output.append(UInt8(ascii: "-")) }
        withDigits { digits in
            if exponent < 0 {
                output.append(UInt8(ascii: "0"))
                output.append(UInt8(ascii: "."))
                output.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -exponent - 1))
                output.append(contentsOf: digits)
            } else if digitCount <= exponent + 1 {
                output.append(contentsOf: digits)
                output.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: exponent + 1 - digitCount))
            } else {
                output.append(contentsOf: UnsafeBufferPointer(rebasing: digits[...exponent]))
                output.append(UInt8(ascii: "."))
                output.append(contentsOf: UnsafeBufferPointer(rebasing: digits[(exponent + 1)...]))
            }
        }
    }

    /// Appends `text` as ``appendText(to:)`` would write its number, and gives the number's ``size``.
    ///
    /// A short plain integer, the usual case, is copied as it stands.
    package static func appendText(normalizing text: Span<UInt8>, to output: inout [UInt8]) throws(DecimalError) -> Int {
        let isNegative = !text.isEmpty && text[0] == UInt8(ascii: "-")
        let first = isNegative ? 1 : 0
        let length = text.count - first
        if length > 0, length < maximumDigits, text[first] != UInt8(ascii: "0") {
            var last = first - 1
            var index = first
            while index < text.count, text[index] &- UInt8(ascii: "0") < 10 {
                if text[index] != UInt8(ascii: "0") { last = index }
                index += 1
            }
            if index == text.count {
                output.append(text)
                return size(digits: last - first + 1, exponent: length - 1, isNegative: isNegative)
            }
        }
        let number = try DecimalNumber(parsing: text)
        number.appendText(to: &output)
        return number.size
    }

    /// Appends bytes that sort, as unsigned bytes, like the numbers they stand for: what orders number keys, and what their hash
    /// positions are computed from (as dynalite found DynamoDB to do).
    ///
    /// A sign-and-exponent byte, then two digits a byte; a negative number's bytes are complemented and closed by 0x66.
    package func appendOrdered(to output: inout [UInt8]) {
        guard digitCount > 0 else {
            output.append(0x80)
            return
        }
        let isPadded = exponent & 1 == 0
        let magnitude = UInt8(truncatingIfNeeded: (exponent + (isPadded ? 2 : 1)) / 2 - 64)
        output.append(isNegative ? ~magnitude : magnitude)
        let start = output.count
        withDigits { digits in
            var index = isPadded ? -1 : 0
            while index < digits.count {
                let tens = index < 0 ? 0 : digits[index] - UInt8(ascii: "0")
                let ones = index + 1 < digits.count ? digits[index + 1] - UInt8(ascii: "0") : 0
                let pair = tens * 10 + ones
                output.append(isNegative ? 101 - pair : pair + 1)
                index += 2
            }
        }
        if isNegative, output.count - start < 20 { output.append(102) }
    }

    /// Lends the significant digits as ASCII.
    private func withDigits(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.maximumDigits) { buffer in
            let half: UInt128 = 10_000_000_000_000_000_000
            let (high, low) = significand < half ? (0, significand) : significand.quotientAndRemainder(dividingBy: half)
            var rest = UInt64(truncatingIfNeeded: low)
            for position in stride(from: digitCount - 1, through: 0, by: -1) {
                if position == digitCount - 20 { rest = UInt64(truncatingIfNeeded: high) }
                buffer[position] = UInt8(truncatingIfNeeded: rest % 10) + UInt8(ascii: "0")
                rest /= 10
            }
            body(UnsafeBufferPointer(rebasing: buffer[..<digitCount]))
        }
    }
}
