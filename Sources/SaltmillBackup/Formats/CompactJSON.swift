import SaltmillBytes

/// Takes white space out of JSON, in place.
enum CompactJSON {
    /// Moves the text's bytes together at the start of `range` and gives their number.
    static func compact(_ bytes: inout [UInt8], _ range: Range<Int>) -> Int {
        var bytes = bytes.mutableSpan
        var target = range.lowerBound
        var isString = false
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            if isString {
                if byte == UInt8(ascii: "\\"), index + 1 < range.upperBound {
                    bytes[target] = byte
                    target += 1
                    index += 1
                } else if byte == UInt8(ascii: "\"") {
                    isString = false
                }
            } else if byte <= 0x20 {
                index += 1
                continue
            } else if byte == UInt8(ascii: "\"") {
                isString = true
            }
            bytes[target] = bytes[index]
            target += 1
            index += 1
        }
        return target - range.lowerBound
    }
}
