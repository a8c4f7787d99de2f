/// Bytes as hexadecimal text.
package enum HexText {
    /// Appends two lower-case digits for each byte.
    package static func append(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        for index in 0..<bytes.count { append(bytes[index], to: &output) }
    }

    /// Appends one byte's two lower-case digits.
    @inline(__always)
    package static func append(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(digit(byte >> 4))
        output.append(digit(byte & 15))
    }

    /// The bytes as lower-case digits.
    package static func text(_ bytes: Span<UInt8>) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(2 * bytes.count)
        append(bytes, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @inline(__always)
    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}
