import SaltmillBytes

extension ItemScanner {
    /// The next byte that is not white space, without consuming it.
    @inline(__always)
    mutating func peek(_ json: Span<UInt8>) throws(ItemFault) -> UInt8 {
        while index < json.count {
            let byte = json[index]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            hasSpace = true
            index += 1
        }
        throw ItemFault(.json(.unexpectedEnd), at: index)
    }

    /// Consumes one given byte behind white space.
    @inline(__always)
    mutating func expect(_ byte: UInt8, _ json: Span<UInt8>, _ what: StaticString) throws(ItemFault) {
        guard try peek(json) == byte else { throw ItemFault(.shape("\(what)"), at: index) }
        index += 1
    }

    /// Behind a member or an element: true when another follows, false when `close` was consumed.
    @inline(__always)
    mutating func next(_ close: UInt8, _ json: Span<UInt8>) throws(ItemFault) -> Bool {
        let byte = try peek(json)
        guard byte == UInt8(ascii: ",") || byte == close else { throw ItemFault(.json(.unexpectedByte), at: index) }
        index += 1
        return byte != close
    }

    /// Reads a string and writes its length as four bytes and its UTF-8; gives where the UTF-8 is.
    mutating func string(_ json: Span<UInt8>, _ what: StaticString) throws(ItemFault) -> Range<Int> {
        try expect(UInt8(ascii: "\""), json, what)
        let start = index
        while true {
            index = Self.endOfPlainText(json, from: index)
            guard index < json.count else { throw ItemFault(.json(.unexpectedEnd), at: index) }
            let byte = json[index]
            if byte == UInt8(ascii: "\"") { break }
            guard byte != UInt8(ascii: "\\") else { return try escapedString(json, from: start) }
            guard byte >= 0x20 else { throw ItemFault(.json(.controlCharacter), at: index) }
            let length = UTF8Rules.sequenceLength(json, at: index)
            guard length > 0 else { throw ItemFault(.json(.badUTF8), at: index) }
            index += length
        }
        output.append(UInt32(truncatingIfNeeded: index - start))
        let position = output.count
        output.append(json.extracting(start..<index))
        index += 1
        return position..<output.count
    }

    /// Reads a string that begins at `start` and holds escapes.
    private mutating func escapedString(_ json: Span<UInt8>, from start: Int) throws(ItemFault) -> Range<Int> {
        var scanner = JSONScanner(at: start - 1)
        let token: JSONStringToken
        do throws(JSONError) {
            token = try scanner.string(json)
        } catch {
            throw ItemFault(.json(error.kind), at: error.offset)
        }
        text.removeAll(keepingCapacity: true)
        JSONScanner.appendValue(of: token, in: json, to: &text)
        index = scanner.index
        output.append(UInt32(truncatingIfNeeded: text.count))
        let position = output.count
        output.append(text)
        return position..<output.count
    }

    /// The first byte from `start` on that is a quote, a backslash, a control character or not ASCII; eight are looked at together.
    @inline(__always)
    private static func endOfPlainText(_ json: Span<UInt8>, from start: Int) -> Int {
        var index = start
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        while index + 8 <= json.count {
            let word = UInt64(littleEndian: json.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let found = ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word | word) & high
            if found != 0 { return index + found.trailingZeroBitCount >> 3 }
            index += 8
        }
        while index < json.count {
            let byte = json[index]
            if byte == 0x22 || byte == 0x5C || byte < 0x20 || byte >= 0x80 { break }
            index += 1
        }
        return index
    }
}
