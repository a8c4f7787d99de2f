import SaltmillBytes

/// Numbers whose text needs no work, which are nearly all.
enum PlainNumber {
    /// The size of a number whose text already is the one that ``SaltmillBytes/DecimalNumber`` writes; nil where that is not obvious.
    static func size(_ text: Span<UInt8>) -> Int? {
        let isNegative = !text.isEmpty && text[0] == UInt8(ascii: "-")
        let start = isNegative ? 1 : 0
        guard text.count > start, text.count - start <= DecimalNumber.maximumDigits else { return nil }
        var point = text.count
        var first = -1
        var last = -1
        for index in start..<text.count {
            let byte = text[index]
            if byte == UInt8(ascii: ".") {
                guard point == text.count, index > start else { return nil }
                point = index
            } else {
                guard byte &- 0x30 < 10 else { return nil }
                if byte != UInt8(ascii: "0") {
                    if first < 0 { first = index }
                    last = index
                }
            }
        }
        if text[start] == UInt8(ascii: "0"), point != start + 1 { return nil }
        guard first >= 0, point == text.count || last == text.count - 1 else { return nil }
        let digits = last - first + 1 - (first < point && point < last ? 1 : 0)
        let exponent = first < point ? point - first - 1 : point - first
        return DecimalNumber.size(digits: digits, exponent: exponent, isNegative: isNegative)
    }
}
