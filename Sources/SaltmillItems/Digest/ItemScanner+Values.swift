import SaltmillBytes

extension ItemScanner {
    /// Reads `{"TYPE":…}` and writes the value's canonical form.
    /// - Parameter level: how many lists and maps are open around the value.
    mutating func value(_ json: Span<UInt8>, level: Int) throws(ItemFault) {
        try expect(UInt8(ascii: "{"), json, "an attribute value such as {\"S\":\"text\"}")
        try expect(UInt8(ascii: "\""), json, "the name of a type")
        let start = index
        while index < json.count, json[index] != UInt8(ascii: "\""), index - start < 5 { index += 1 }
        var type: UInt32 = 0
        for position in start..<index { type = type << 8 | UInt32(json[position]) }
        let length = index - start
        try expect(UInt8(ascii: "\""), json, "the name of a type: S, N, B, BOOL, NULL, SS, NS, BS, L or M")
        try expect(UInt8(ascii: ":"), json, "a colon")
        switch (length, type) {
        case (1, 0x53): size += try string(json, type: UInt8(ascii: "S"))
        case (1, 0x4E): size += try number(json, type: UInt8(ascii: "N"))
        case (1, 0x42): size += try binary(json, type: UInt8(ascii: "B"))
        case (4, 0x424F_4F4C):
            output.append(try bool(json) ? UInt8(ascii: "T") : UInt8(ascii: "F"))
            size += 1
        case (4, 0x4E55_4C4C):
            let place = index
            guard try bool(json) else { throw ItemFault(.shape("true"), at: place) }
            output.append(UInt8(ascii: "Z"))
            size += 1
        case (2, 0x5353): try set(json, type: UInt8(ascii: "s"))
        case (2, 0x4E53): try set(json, type: UInt8(ascii: "n"))
        case (2, 0x4253): try set(json, type: UInt8(ascii: "b"))
        case (1, 0x4C): try list(json, level: level)
        case (1, 0x4D): try map(json, level: level)
        default:
            throw ItemFault(.unknownType(String(decoding: json.extracting(start..<(start + length)).array, as: UTF8.self)), at: start)
        }
        guard try peek(json) == UInt8(ascii: "}") else { throw ItemFault(.shape("the end of the attribute value"), at: index) }
        index += 1
    }

    private mutating func map(_ json: Span<UInt8>, level: Int) throws(ItemFault) {
        guard level < Self.maximumNesting else { throw ItemFault(.tooDeep, at: index) }
        let header = output.count
        let first = attributes.count
        if try !members(json, level: level + 1) { takeOrdered(header: header) }
        size += 3 + attributes.count - first
        attributes.removeLast(attributes.count - first)
    }

    private mutating func list(_ json: Span<UInt8>, level: Int) throws(ItemFault) {
        guard level < Self.maximumNesting else { throw ItemFault(.tooDeep, at: index) }
        let header = output.count
        output.append(UInt8(ascii: "L"))
        output.append(UInt32(0))
        var count = 0
        try expect(UInt8(ascii: "["), json, "an array")
        if try peek(json) == UInt8(ascii: "]") {
            index += 1
        } else {
            repeat {
                try value(json, level: level + 1)
                count += 1
            } while try next(UInt8(ascii: "]"), json)
        }
        output.set(UInt32(truncatingIfNeeded: count), at: header + 1)
        size += 3 + count
    }

    /// Reads a set's array; `type` is the letter of its canonical form.
    private mutating func set(_ json: Span<UInt8>, type: UInt8) throws(ItemFault) {
        let header = output.count
        output.append(type)
        output.append(UInt32(0))
        let first = attributes.count
        try expect(UInt8(ascii: "["), json, "an array")
        guard try peek(json) != UInt8(ascii: "]") else { throw ItemFault(.emptySet, at: index) }
        repeat {
            let start = output.count + 4
            switch type {
            case UInt8(ascii: "s"): size += try string(json, type: nil)
            case UInt8(ascii: "n"): size += try number(json, type: nil)
            default: size += try binary(json, type: nil)
            }
            let element = start..<output.count
            attributes.append(
                ScannedAttribute(
                    name: element, value: element.upperBound..<element.upperBound, member: 0..<0, prefix: output.prefix(element)))
        } while try next(UInt8(ascii: "]"), json)
        closeSet(from: first, header: header)
    }

    /// Writes a string as text behind its letter, and gives its size.
    private mutating func string(_ json: Span<UInt8>, type: UInt8?) throws(ItemFault) -> Int {
        if let type { output.append(type) }
        return try string(json, "a string").count
    }

    private mutating func bool(_ json: Span<UInt8>) throws(ItemFault) -> Bool {
        let isTrue = try peek(json) == UInt8(ascii: "t")
        let literal: StaticString = isTrue ? "true" : "false"
        guard index + literal.utf8CodeUnitCount <= json.count else { throw ItemFault(.shape("true or false"), at: index) }
        for offset in 0..<literal.utf8CodeUnitCount where json[index + offset] != literal.utf8Start[offset] {
            throw ItemFault(.shape("true or false"), at: index)
        }
        index += literal.utf8CodeUnitCount
        return isTrue
    }

    /// Writes a binary's bytes behind its letter, and gives their number.
    private mutating func binary(_ json: Span<UInt8>, type: UInt8?) throws(ItemFault) -> Int {
        if let type { output.append(type) }
        guard try peek(json) != UInt8(ascii: "n") else { throw ItemFault(.nullBinary, at: index) }
        let start = index
        let base64 = try string(json, "a binary in Base64")
        text.removeAll(keepingCapacity: true)
        do throws(BinaryTextError) {
            try output.withBytes(base64) { bytes throws(BinaryTextError) in try Base64.append(decoding: bytes, to: &text) }
        } catch {
            throw ItemFault(.binary(error), at: start)
        }
        output.cut(to: base64.lowerBound)
        output.set(UInt32(truncatingIfNeeded: text.count), at: base64.lowerBound - 4)
        output.append(text)
        return text.count
    }

    /// Writes a number's normal text behind its letter, and gives its size.
    private mutating func number(_ json: Span<UInt8>, type: UInt8?) throws(ItemFault) -> Int {
        if let type { output.append(type) }
        let start = index
        let token = try string(json, "a number in quotes")
        if let size = output.withBytes(token, { PlainNumber.size($0) }) { return size }
        var given: [UInt8] = []
        output.withBytes(token) { given.append($0) }
        text.removeAll(keepingCapacity: true)
        let size: Int
        do throws(DecimalError) {
            size = try DecimalNumber.appendText(normalizing: given.span, to: &text)
        } catch {
            throw ItemFault(.number(error), at: start)
        }
        output.cut(to: token.lowerBound)
        output.set(UInt32(truncatingIfNeeded: text.count), at: token.lowerBound - 4)
        output.append(text)
        return size
    }
}
