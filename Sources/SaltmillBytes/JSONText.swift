/// Writing strings as JSON.
package enum JSONText {
    private static let hexDigits: [UInt8] = Array("0123456789abcdef".utf8)

    /// Appends a string in quotes, with only the escapes that JSON demands.
    package static func appendQuoted(_ text: String, to output: inout [UInt8]) {
        output.append(0x22)
        for byte in text.utf8 { appendEscaped(byte, to: &output) }
        output.append(0x22)
    }

    /// Appends well-formed UTF-8 in quotes, with only the escapes that JSON demands.
    package static func appendQuoted(_ text: Span<UInt8>, to output: inout [UInt8]) {
        output.append(0x22)
        for index in 0..<text.count { appendEscaped(text[index], to: &output) }
        output.append(0x22)
    }

    /// Appends one byte of a string's UTF-8, escaped where JSON demands it.
    @inline(__always)
    package static func appendEscaped(_ byte: UInt8, to output: inout [UInt8]) {
        if byte >= 0x20, byte != 0x22, byte != 0x5C {
            output.append(byte)
            return
        }
        output.append(0x5C)
        switch byte {
        case 0x22, 0x5C: output.append(byte)
        case 0x08: output.append(0x62)
        case 0x0C: output.append(0x66)
        case 0x0A: output.append(0x6E)
        case 0x0D: output.append(0x72)
        case 0x09: output.append(0x74)
        default:
            output.append(contentsOf: "u00".utf8)
            output.append(hexDigits[Int(byte >> 4)])
            output.append(hexDigits[Int(byte & 15)])
        }
    }
}
