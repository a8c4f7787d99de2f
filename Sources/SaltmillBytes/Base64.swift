/// Base64 with the standard alphabet and padding (RFC 4648, section 4), without line breaks.
package enum Base64 {
    private static let alphabet: [UInt8] = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")
    /// The value of each character; 0xFF where there is none.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    /// Appends the text of `bytes`.
    package static func append(encoding bytes: Span<UInt8>, to output: inout [UInt8]) {
        alphabet.withUnsafeBufferPointer { alphabet in
            var index = 0
            while index < bytes.count {
                let left = bytes.count - index
                let second = left > 1 ? bytes[index + 1] : 0
                let third = left > 2 ? bytes[index + 2] : 0
                let group = Int(bytes[index]) << 16 | Int(second) << 8 | Int(third)
                output.append(alphabet[group >> 18])
                output.append(alphabet[group >> 12 & 63])
                output.append(left > 1 ? alphabet[group >> 6 & 63] : padding)
                output.append(left > 2 ? alphabet[group & 63] : padding)
                index += 3
            }
        }
    }

    /// Appends the bytes that `text` stands for.
    /// - Throws: ``BinaryTextError`` for anything but the one text that encoding gives; `output` is then as it was.
    package static func append(decoding text: Span<UInt8>, to output: inout [UInt8]) throws(BinaryTextError) {
        guard text.count & 3 == 0 else { throw .length }
        guard !text.isEmpty else { return }
        let padded = text[text.count - 1] != padding ? 0 : text[text.count - 2] != padding ? 1 : 2
        let start = output.count
        let fault: BinaryTextError? = values.withUnsafeBufferPointer { values in
            let end = text.count - padded
            var group: UInt32 = 0
            for index in 0..<end {
                let value = values[Int(text[index])]
                guard value != 0xFF else { return .character(at: index) }
                group = group << 6 | UInt32(value)
                if index & 3 == 3 {
                    output.append(UInt8(truncatingIfNeeded: group >> 16))
                    output.append(UInt8(truncatingIfNeeded: group >> 8))
                    output.append(UInt8(truncatingIfNeeded: group))
                    group = 0
                }
            }
            if padded == 1 {
                output.append(UInt8(truncatingIfNeeded: group >> 10))
                output.append(UInt8(truncatingIfNeeded: group >> 2))
                return group & 3 == 0 ? nil : .looseBits
            }
            if padded == 2 {
                output.append(UInt8(truncatingIfNeeded: group >> 4))
                return group & 15 == 0 ? nil : .looseBits
            }
            return nil
        }
        if let fault {
            output.removeLast(output.count - start)
            throw fault
        }
    }
}
