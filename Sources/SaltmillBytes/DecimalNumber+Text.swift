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

    /// The ``size`` of the number that a text means, if ``appendText(to:)`` would write that very text; nil also where that is not plain to see.
    ///
    /// Plain to see are the usual cases: an integer, or a decimal fraction beyond one, without needless zeros.
    /// - Parameter range: where in the bytes the text stands.
    package static func sizeOfCanonical(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        let end = range.upperBound
        guard range.count <= maximumDigits, range.lowerBound < end else { return nil }
        let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
        let first = range.lowerBound + (isNegative ? 1 : 0)
        guard first < end, bytes[first] != UInt8(ascii: "0") else { return nil }
        var index = first
        var last = first
        while index < end, bytes[index] &- UInt8(ascii: "0") < 10 {
            if bytes[index] != UInt8(ascii: "0") { last = index }
            index += 1
        }
        let exponent = index - first - 1
        guard exponent >= 0 else { return nil }
        guard index < end else { return size(digits: last - first + 1, exponent: exponent, isNegative: isNegative) }
        guard bytes[index] == UInt8(ascii: "."), bytes[end - 1] != UInt8(ascii: "0"), index + 1 < end else { return nil }
        index += 1
        while index < end, bytes[index] &- UInt8(ascii: "0") < 10 { index += 1 }
        return index == end ? size(digits: end - first - 1, exponent: exponent, isNegative: isNegative) : nil
    }

    /// Appends `text` as ``appendText(to:)`` would write its number, and gives the number's ``size``.
    package static func appendText(normalizing text: Span<UInt8>, to output: inout [UInt8]) throws(DecimalError) -> Int {
        if let size = sizeOfCanonical(text, 0..<text.count) {
            output.append(text)
            return size
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
