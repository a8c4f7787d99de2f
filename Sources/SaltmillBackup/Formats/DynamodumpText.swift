import SaltmillBytes

/// JSON as dynamodump writes it: two spaces for a level, one member on a line, nothing but printable ASCII.
enum DynamodumpText {
    private static let hexDigits: [UInt8] = Array("0123456789abcdef".utf8)

    /// Appends a JSON text in that shape.
    /// - Parameters:
    ///   - json: well-formed.
    ///   - level: how many levels are open around it.
    static func append(_ json: Span<UInt8>, level: Int, to output: inout [UInt8]) {
        var level = level
        var index = 0
        while index < json.count {
            let byte = json[index]
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                output.append(byte)
                var next = index + 1
                while next < json.count, isSpace(json[next]) { next += 1 }
                if next < json.count, json[next] == byte + 2 {
                    output.append(byte + 2)
                    index = next
                } else {
                    level += 1
                    breakLine(level, to: &output)
                }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                level -= 1
                breakLine(level, to: &output)
                output.append(byte)
            case UInt8(ascii: ","):
                output.append(byte)
                breakLine(level, to: &output)
            case UInt8(ascii: ":"):
                output.append(byte)
                output.append(0x20)
            case UInt8(ascii: "\""):
                index = appendString(json, at: index, to: &output)
                continue
            default:
                if !isSpace(byte) { output.append(byte) }
            }
            index += 1
        }
    }

    static func breakLine(_ level: Int, to output: inout [UInt8]) {
        output.append(0x0A)
        output.append(contentsOf: repeatElement(0x20, count: 2 * level))
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    /// Appends the string that begins at `start`, and gives the position behind it.
    private static func appendString(_ json: Span<UInt8>, at start: Int, to output: inout [UInt8]) -> Int {
        var scanner = JSONScanner(at: start)
        guard let token = try? scanner.string(json) else { return json.count }
        output.append(UInt8(ascii: "\""))
        if token.isEscaped {
            var value: [UInt8] = []
            JSONScanner.appendValue(of: token, in: json, to: &value)
            appendASCII(value.span, to: &output)
        } else {
            appendASCII(json.extracting(token.range), to: &output)
        }
        output.append(UInt8(ascii: "\""))
        return scanner.index
    }

    /// Appends well-formed UTF-8 as Python's `json.dumps` escapes it.
    private static func appendASCII(_ text: Span<UInt8>, to output: inout [UInt8]) {
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte < 0x7F {
                JSONText.appendEscaped(byte, to: &output)
                index += 1
            } else {
                index = appendScalar(text, at: index, to: &output)
            }
        }
    }

    /// Appends the escape of the scalar at `start`, one that is not printable ASCII, and gives the position behind it.
    private static func appendScalar(_ text: Span<UInt8>, at start: Int, to output: inout [UInt8]) -> Int {
        let lead = text[start]
        let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        var scalar = length == 1 ? UInt32(lead) : UInt32(lead) & (0xFF >> UInt32(length + 1))
        for offset in 1..<max(length, 1) where start + offset < text.count { scalar = scalar << 6 | UInt32(text[start + offset] & 0x3F) }
        if scalar >= 0x10000 {
            appendUnit(0xD800 + (scalar - 0x10000) >> 10, to: &output)
            appendUnit(0xDC00 + (scalar - 0x10000) & 0x3FF, to: &output)
        } else {
            appendUnit(scalar, to: &output)
        }
        return start + length
    }

    private static func appendUnit(_ unit: UInt32, to output: inout [UInt8]) {
        output.append(contentsOf: "\\u".utf8)
        for shift in stride(from: UInt32(12), through: 0, by: -4) { output.append(hexDigits[Int(unit >> shift & 15)]) }
    }
}
