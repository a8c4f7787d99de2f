/// Reading hexadecimal text; ``HexText`` writes it.
package enum Hex {
    /// Appends the bytes that `text` stands for, in upper or lower case.
    /// - Throws: ``BinaryTextError``; `output` is then as it was.
    package static func append(decoding text: Span<UInt8>, to output: inout [UInt8]) throws(BinaryTextError) {
        guard text.count & 1 == 0 else { throw .length }
        let start = output.count
        var index = 0
        while index < text.count {
            guard let high = value(of: text[index]), let low = value(of: text[index + 1]) else {
                let isFirst = value(of: text[index]) == nil
                output.removeLast(output.count - start)
                throw .character(at: isFirst ? index : index + 1)
            }
            output.append(high << 4 | low)
            index += 2
        }
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
