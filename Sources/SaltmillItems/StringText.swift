import SaltmillBytes

/// Strings on their way into JSON: checked, and escaped where it must be, a word at a time.
enum StringText {
    /// Appends the inside of a JSON string.
    /// - Throws: ``ValueFault/Kind/utf8(at:)``.
    static func appendEscaped(_ text: Span<UInt8>, to output: inout [UInt8]) throws(ValueFault) {
        if let offset = escape(text, to: &output) { throw ValueFault(.utf8(at: offset)) }
    }

    /// Writes the inside of a JSON string, of a text that was found to be well-formed.
    static func appendEscaped(checked text: Span<UInt8>, to output: inout ByteWriter) {
        _ = escape(text, 0..<text.count, to: &output)
    }

    /// Writes the inside of a JSON string, searched and copied in one pass; stops where the text is not well-formed, and tells where in it that is.
    static func escape(_ bytes: Span<UInt8>, _ range: Range<Int>, to output: inout ByteWriter) -> Int? {
        let raw = bytes.bytes
        let end = range.upperBound
        var index = range.lowerBound
        while index < end {
            output.makeRoom(ByteWriter.blockSize + 6)
            let block = raw.block(at: index)
            let plain = min(end - index, plainLength(block))
            output.store(block, length: plain)
            index += plain
            guard plain < ByteWriter.blockSize, index < end else { continue }
            if bytes[index] < 0x80 {
                appendEscape(of: bytes[index], to: &output)
                index += 1
            } else {
                let length = UTF8Rules.sequenceLength(bytes, at: index)
                guard length > 0, index + length <= end else { return index - range.lowerBound }
                output.store(raw.block(at: index), length: length)
                index += length
            }
        }
        return nil
    }

    /// How many bytes stand before the first that is not plain ASCII: a control character, a quote, a backslash, or part of a longer sequence.
    @inline(__always)
    private static func plainLength(_ block: SIMD16<UInt8>) -> Int {
        // As signed numbers, the bytes of longer sequences are below the space too. (The types are spelled out since only then the compiler
        // compares all sixteen at once.)
        let low = SIMD16<Int8>(truncatingIfNeeded: block) .< SIMD16<Int8>(repeating: 0x20)
        let special = low .| (block .== SIMD16<UInt8>(repeating: 0x22)) .| (block .== SIMD16<UInt8>(repeating: 0x5C))
        let marks = unsafeBitCast(special, to: SIMD2<UInt64>.self)
        if marks[0] != 0 { return marks[0].littleEndian.trailingZeroBitCount / 8 }
        return 8 + marks[1].littleEndian.trailingZeroBitCount / 8
    }

    /// Appends the inside of a JSON string; stops where the text is not well-formed, and tells where that is.
    private static func escape(_ text: Span<UInt8>, to output: inout [UInt8]) -> Int? {
        let raw = text.bytes
        var start = 0
        var index = 0
        while true {
            index = plainEnd(raw, from: index)
            guard index < text.count else { break }
            if text[index] >= 0x80 {
                let length = UTF8Rules.sequenceLength(text, at: index)
                guard length > 0 else { return index }
                index += length
            } else {
                output.append(text.extracting(start..<index))
                JSONText.appendEscaped(text[index], to: &output)
                index += 1
                start = index
            }
        }
        output.append(text.extracting(start..<text.count))
        return nil
    }

    /// Writes what a byte that must be escaped becomes; there is room for its six bytes.
    private static func appendEscape(of byte: UInt8, to output: inout ByteWriter) {
        let letter: UInt8
        switch byte {
        case 0x22, 0x5C: letter = byte
        case 0x08: letter = 0x62
        case 0x0C: letter = 0x66
        case 0x0A: letter = 0x6E
        case 0x0D: letter = 0x72
        case 0x09: letter = 0x74
        default: return output.store(0x3030_755C | UInt64(hexDigit(byte >> 4)) << 32 | UInt64(hexDigit(byte & 15)) << 40, length: 6)
        }
        output.store(0x5C | UInt64(letter) << 8, length: 2)
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10 }

    /// Checks that a text is well-formed UTF-8.
    /// - Throws: ``ValueFault/Kind/utf8(at:)``.
    static func check(_ text: Span<UInt8>) throws(ValueFault) {
        let raw = text.bytes
        var index = 0
        while true {
            index = plainEnd(raw, from: index)
            guard index < text.count else { return }
            let length = text[index] < 0x80 ? 1 : UTF8Rules.sequenceLength(text, at: index)
            guard length > 0 else { throw ValueFault(.utf8(at: index)) }
            index += length
        }
    }

    /// The first byte from `start` on that is not plain ASCII: a control character, a quote, a backslash, or part of a longer sequence.
    @inline(__always)
    private static func plainEnd(_ raw: RawSpan, from start: Int) -> Int {
        let count = raw.byteCount
        var index = start
        while index + 8 <= count {
            let marks = special(UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)))
            guard marks == 0 else { return index + marks.trailingZeroBitCount / 8 }
            index += 8
        }
        guard index < count else { return count }
        if count >= 8 {
            // The last word, moved so that it begins with the byte at `index`; the zeros that follow the text are marked, but lie behind it.
            let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: count - 8, as: UInt64.self))
            return min(count, index + special(word >> UInt64(8 * (8 - (count - index)))).trailingZeroBitCount / 8)
        }
        while index < count {
            let byte = raw.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            guard byte >= 0x20, byte < 0x80, byte != 0x22, byte != 0x5C else { return index }
            index += 1
        }
        return count
    }

    /// Marks bytes that are not plain ASCII by their highest bit. Marks above the lowest one may be wrong.
    @inline(__always)
    private static func special(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let quote = word ^ ones &* 0x22
        let backslash = word ^ ones &* 0x5C
        let control = (word &- ones &* 0x20) & ~word
        return (word | control | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash) & tops
    }
}
