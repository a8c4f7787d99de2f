/// A fault in JSON text, with where it is.
package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        case unexpectedEnd = "the text ends too early"
        case unexpectedByte = "unexpected character"
        case controlCharacter = "control character in a string"
        case badEscape = "invalid escape in a string"
        case badUTF8 = "invalid UTF-8 in a string"
        case badNumber = "invalid number"
        case tooDeep = "nested too deeply"
        case trailing = "text behind the end of the value"
    }

    package var kind: Kind
    /// Offset in bytes from the start of the text.
    package var offset: Int

    package init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    package var description: String { "\(kind.rawValue) at byte \(offset)" }
}

/// A string as it stands in JSON text, quotes excluded.
package struct JSONStringToken: Equatable, Sendable {
    package var range: Range<Int>
    /// The text holds backslash escapes, so its bytes are not yet its value.
    package var isEscaped: Bool

    package init(range: Range<Int>, isEscaped: Bool) {
        self.range = range
        self.isEscaped = isEscaped
    }
}

/// A strict cursor over JSON text (RFC 8259, UTF-8 only) that allocates nothing.
///
/// The bytes are passed to every call rather than stored. After an error the scanner's position has no meaning.
///
/// ```swift
/// if try scanner.enterObject(bytes) {
///     repeat {
///         let name = try scanner.memberName(bytes)
///         try scanner.skipValue(bytes)
///     } while try scanner.nextMember(bytes)
/// }
/// ```
package struct JSONScanner: Sendable {
    /// Position of the next byte to read.
    package var index: Int
    private var depth = 0
    private let maximumDepth: Int

    /// - Parameters:
    ///   - index: where to begin, in bytes.
    ///   - maximumDepth: how many objects and arrays may be open at once.
    package init(at index: Int = 0, maximumDepth: Int = 128) {
        self.index = index
        self.maximumDepth = maximumDepth
    }

    /// The next byte that is not white space, without consuming it.
    @inline(__always)
    package mutating func peek(_ bytes: Span<UInt8>) throws(JSONError) -> UInt8 {
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            index += 1
        }
        throw JSONError(.unexpectedEnd, at: index)
    }

    /// Consumes one given byte behind white space.
    package mutating func expect(_ byte: UInt8, _ bytes: Span<UInt8>) throws(JSONError) {
        guard try peek(bytes) == byte else { throw JSONError(.unexpectedByte, at: index) }
        index += 1
    }

    /// Checks that nothing but white space is left.
    package mutating func expectEnd(_ bytes: Span<UInt8>) throws(JSONError) {
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { throw JSONError(.trailing, at: index) }
            index += 1
        }
    }

    /// Opens an object; true when it has a first member, false when it was `{}` (and is closed again).
    package mutating func enterObject(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        try enter(0x7B, 0x7D, bytes)
    }

    /// Opens an array; true when it has a first element, false when it was `[]` (and is closed again).
    package mutating func enterArray(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        try enter(0x5B, 0x5D, bytes)
    }

    private mutating func enter(_ open: UInt8, _ close: UInt8, _ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        try expect(open, bytes)
        guard depth < maximumDepth else { throw JSONError(.tooDeep, at: index - 1) }
        guard try peek(bytes) != close else {
            index += 1
            return false
        }
        depth += 1
        return true
    }

    /// Reads a member's name and the colon behind it.
    package mutating func memberName(_ bytes: Span<UInt8>) throws(JSONError) -> JSONStringToken {
        let name = try string(bytes)
        try expect(0x3A, bytes)
        return name
    }

    /// Behind a member's value: true when another member follows, false when the object was closed.
    package mutating func nextMember(_ bytes: Span<UInt8>) throws(JSONError) -> Bool { try next(0x7D, bytes) }

    /// Behind an element: true when another element follows, false when the array was closed.
    package mutating func nextElement(_ bytes: Span<UInt8>) throws(JSONError) -> Bool { try next(0x5D, bytes) }

    private mutating func next(_ close: UInt8, _ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        let byte = try peek(bytes)
        guard byte == 0x2C || byte == close else { throw JSONError(.unexpectedByte, at: index) }
        index += 1
        if byte == close { depth -= 1 }
        return byte != close
    }

    /// Reads a string and checks it: control characters, escapes (lone surrogates are refused) and UTF-8.
    package mutating func string(_ bytes: Span<UInt8>) throws(JSONError) -> JSONStringToken {
        try expect(0x22, bytes)
        let start = index
        var isEscaped = false
        while true {
            index = PlainText.end(bytes, from: index)
            guard index < bytes.count else { break }
            let byte = bytes[index]
            if byte == 0x22 {
                index += 1
                return JSONStringToken(range: start..<(index - 1), isEscaped: isEscaped)
            }
            if byte == 0x5C {
                isEscaped = true
                _ = try escape(bytes)
            } else if byte < 0x20 {
                throw JSONError(.controlCharacter, at: index)
            } else {
                let length = UTF8Rules.sequenceLength(bytes, at: index)
                guard length > 0 else { throw JSONError(.badUTF8, at: index) }
                index += length
            }
        }
        throw JSONError(.unexpectedEnd, at: index)
    }

    /// Reads one escape sequence at the backslash; a surrogate pair counts as one.
    private mutating func escape(_ bytes: Span<UInt8>) throws(JSONError) -> UInt32 {
        let start = index
        guard index + 1 < bytes.count else { throw JSONError(.unexpectedEnd, at: index) }
        let kind = bytes[index + 1]
        index += 2
        switch kind {
        case 0x22, 0x5C, 0x2F: return UInt32(kind)
        case 0x62: return 0x08
        case 0x66: return 0x0C
        case 0x6E: return 0x0A
        case 0x72: return 0x0D
        case 0x74: return 0x09
        case 0x75: break
        default: throw JSONError(.badEscape, at: start)
        }
        let first = try hex4(bytes)
        guard (0xD800..<0xE000).contains(first) else { return first }
        guard first < 0xDC00, index + 1 < bytes.count, bytes[index] == 0x5C, bytes[index + 1] == 0x75 else {
            throw JSONError(.badEscape, at: start)
        }
        index += 2
        let second = try hex4(bytes)
        guard (0xDC00..<0xE000).contains(second) else { throw JSONError(.badEscape, at: start) }
        return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
    }

    private mutating func hex4(_ bytes: Span<UInt8>) throws(JSONError) -> UInt32 {
        guard index + 4 <= bytes.count else { throw JSONError(.unexpectedEnd, at: index) }
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = bytes[index]
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x41...0x46: value = value << 4 | UInt32(byte - 0x37)
            case 0x61...0x66: value = value << 4 | UInt32(byte - 0x57)
            default: throw JSONError(.badEscape, at: index)
            }
            index += 1
        }
        return value
    }

    /// Appends a token's value to `output`, escapes resolved.
    package static func appendValue(of token: JSONStringToken, in bytes: Span<UInt8>, to output: inout [UInt8]) {
        var scanner = JSONScanner(at: token.range.lowerBound)
        while scanner.index < token.range.upperBound {
            let byte = bytes[scanner.index]
            if byte == 0x5C, let scalar = try? scanner.escape(bytes) {
                UTF8Rules.append(scalar, to: &output)
            } else {
                output.append(byte)
                scanner.index += 1
            }
        }
    }

    /// A token's value as a string.
    package static func value(of token: JSONStringToken, in bytes: Span<UInt8>) -> String {
        var value: [UInt8] = []
        value.reserveCapacity(token.range.count)
        appendValue(of: token, in: bytes, to: &value)
        return String(decoding: value, as: UTF8.self)
    }

    /// Reads a number of JSON's grammar and gives its text's range.
    package mutating func number(_ bytes: Span<UInt8>) throws(JSONError) -> Range<Int> {
        _ = try peek(bytes)
        let start = index
        if bytes[index] == 0x2D { index += 1 }
        if index < bytes.count, bytes[index] == 0x30 { index += 1 } else { try digits(bytes, from: start) }
        if index < bytes.count, bytes[index] == 0x2E {
            index += 1
            try digits(bytes, from: start)
        }
        if index < bytes.count, bytes[index] | 0x20 == 0x65 {
            index += 1
            if index < bytes.count, bytes[index] == 0x2B || bytes[index] == 0x2D { index += 1 }
            try digits(bytes, from: start)
        }
        return start..<index
    }

    private mutating func digits(_ bytes: Span<UInt8>, from start: Int) throws(JSONError) {
        let first = index
        while index < bytes.count, bytes[index] &- 0x30 < 10 { index += 1 }
        guard index > first else { throw JSONError(.badNumber, at: start) }
    }

    /// Reads `true` or `false`.
    package mutating func bool(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        let isTrue = try peek(bytes) == 0x74
        try literal(isTrue ? "true" : "false", bytes)
        return isTrue
    }

    /// Reads `null`.
    package mutating func null(_ bytes: Span<UInt8>) throws(JSONError) { try literal("null", bytes) }

    private mutating func literal(_ text: StaticString, _ bytes: Span<UInt8>) throws(JSONError) {
        _ = try peek(bytes)
        guard index + text.utf8CodeUnitCount <= bytes.count else { throw JSONError(.unexpectedEnd, at: index) }
        for offset in 0..<text.utf8CodeUnitCount where bytes[index + offset] != text.utf8Start[offset] {
            throw JSONError(.unexpectedByte, at: index + offset)
        }
        index += text.utf8CodeUnitCount
    }

    /// Reads over one value of any kind, checking it.
    package mutating func skipValue(_ bytes: Span<UInt8>) throws(JSONError) {
        switch try peek(bytes) {
        case 0x22: _ = try string(bytes)
        case 0x7B:
            guard try enterObject(bytes) else { return }
            repeat {
                _ = try memberName(bytes)
                try skipValue(bytes)
            } while try nextMember(bytes)
        case 0x5B:
            guard try enterArray(bytes) else { return }
            repeat { try skipValue(bytes) } while try nextElement(bytes)
        case 0x74, 0x66: _ = try bool(bytes)
        case 0x6E: try null(bytes)
        default: _ = try number(bytes)
        }
    }
}
