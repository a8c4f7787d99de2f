import SaltmillBytes

/// Writes the values of attributes from their text, checked and measured.
///
/// A value's size is what it counts for in an item, in bytes (Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats").
struct ValueWriter: Sendable {
    let pool: EncodingPlan.Pool
    private var binary: [UInt8] = []
    /// A value of a type that is not written in place.
    private var scratch: [UInt8] = []
    var members = MemberList()
    var documents = DocumentWriter()

    init(pool: EncodingPlan.Pool) { self.pool = pool }

    /// Writes what stands before an attribute's value: its name and `{"S":"` or its like.
    @inline(__always)
    func appendPrefix(_ prefix: Range<Int>, to output: inout ByteWriter) { output.append(pool.bytes.span, prefix) }

    /// Writes the value that `text` means, or the document that it is, and gives its size; prefix and closing are the caller's.
    mutating func append(
        _ text: Span<UInt8>, _ document: DocumentForm?, as attribute: EncodingPlan.Attribute, to output: inout ByteWriter
    ) throws(ValueFault) -> Int {
        var value: [UInt8] = []
        swap(&value, &scratch)
        defer { swap(&value, &scratch) }
        value.removeAll(keepingCapacity: true)
        let size =
            if let document {
                try append(document: text, document, as: attribute, to: &value)
            } else {
                try append(text, as: attribute, to: &value)
            }
        output.append(value.span)
        return size
    }

    /// Appends the value that `text` means and gives its size; prefix and closing are the caller's.
    mutating func append(
        _ text: Span<UInt8>, as attribute: EncodingPlan.Attribute, to output: inout [UInt8]
    ) throws(ValueFault) -> Int {
        switch attribute.type {
        case .S:
            try StringText.appendEscaped(text, to: &output)
            return text.count
        case .N:
            return try Self.appendNumber(text, to: &output)
        case .B:
            binary.removeAll(keepingCapacity: true)
            try Self.appendBinary(text, attribute.encoding, to: &binary)
            Base64.append(encoding: binary.span, to: &output)
            return binary.count
        case .BOOL:
            guard let value = pool.bool(text, at: attribute.position) else { throw ValueFault(.bool) }
            output.append(contentsOf: (value ? "true" : "false").utf8)
            return 1
        case .NULL:
            guard text.isEmpty else { throw ValueFault(.notNull) }
            output.append(contentsOf: "true".utf8)
            return 1
        case .SS, .NS, .BS:
            return try appendSet(text, attribute, to: &output)
        case .L, .M:
            return try documents.append(text, .plain, isMap: attribute.type == .M, to: &output)
        }
    }

    /// Appends a number's canonical text and gives its size.
    static func appendNumber(_ text: Span<UInt8>, to output: inout [UInt8]) throws(ValueFault) -> Int {
        do throws(DecimalError) {
            return try DecimalNumber.appendText(normalizing: text, to: &output)
        } catch {
            throw ValueFault(.number(error))
        }
    }

    /// Appends the bytes that a text stands for.
    static func appendBinary(_ text: Span<UInt8>, _ encoding: BinaryEncoding, to output: inout [UInt8]) throws(ValueFault) {
        switch encoding {
        case .utf8:
            try StringText.check(text)
            output.append(text)
        case .base64:
            do throws(BinaryTextError) { try Base64.append(decoding: text, to: &output) } catch { throw ValueFault(.base64(error)) }
        case .hex:
            do throws(BinaryTextError) { try Hex.append(decoding: text, to: &output) } catch { throw ValueFault(.hex(error)) }
        }
    }

    private mutating func appendSet(
        _ text: Span<UInt8>, _ attribute: EncodingPlan.Attribute, to output: inout [UInt8]
    ) throws(ValueFault) -> Int {
        guard !text.isEmpty else { throw ValueFault(.emptySet) }
        let separator = pool.words[attribute.position].separator
        members.removeAll()
        var size = 0
        var start = 0
        while true {
            let end = separatorStart(text, from: start, separator)
            output.append(contentsOf: (start == 0 ? "\"" : ",\"").utf8)
            do throws(ValueFault) {
                size += try appendMember(text.extracting(start..<end), attribute, at: start, to: &output)
            } catch {
                throw ValueFault(error.kind, in: start..<end)
            }
            output.append(UInt8(ascii: "\""))
            guard end < text.count else { break }
            start = end + separator.count
        }
        if let duplicate = members.duplicate(from: 0) { throw ValueFault(.setDuplicate, in: duplicate) }
        return size
    }

    mutating func appendMember(
        _ text: Span<UInt8>, _ attribute: EncodingPlan.Attribute, at offset: Int, to output: inout [UInt8]
    ) throws(ValueFault) -> Int {
        let start = members.bytes.count
        var size = 0
        switch attribute.type {
        case .NS:
            size = try Self.appendNumber(text, to: &members.bytes)
            output.append(members.bytes.span.extracting(start..<members.bytes.count))
        case .BS:
            try Self.appendBinary(text, attribute.encoding, to: &members.bytes)
            size = members.bytes.count - start
            Base64.append(encoding: members.bytes.span.extracting(start..<members.bytes.count), to: &output)
        default:
            members.bytes.append(text)
            size = text.count
            try StringText.appendEscaped(text, to: &output)
        }
        members.close(from: start, origin: offset..<(offset + text.count))
        return size
    }

    /// Where the next separator begins, or the end of the text.
    private func separatorStart(_ text: Span<UInt8>, from start: Int, _ separator: Range<Int>) -> Int {
        guard !separator.isEmpty else { return text.count }
        var index = start
        while index + separator.count <= text.count {
            var length = 0
            while length < separator.count, text[index + length] == pool.bytes[separator.lowerBound + length] { length += 1 }
            if length == separator.count { return index }
            index += 1
        }
        return text.count
    }
}
