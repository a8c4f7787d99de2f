import SaltmillBytes

extension ValueWriter {
    /// Appends the value that a JSON array or object means: a list, a map or a set; of another type, what its text means.
    mutating func append(
        document text: Span<UInt8>, _ form: DocumentForm, as attribute: EncodingPlan.Attribute, to output: inout [UInt8]
    ) throws(ValueFault) -> Int {
        switch attribute.type {
        case .L, .M: return try documents.append(text, form, isMap: attribute.type == .M, to: &output)
        case .SS, .NS, .BS: return try appendSet(array: text, attribute, to: &output)
        default: return try append(text, as: attribute, to: &output)
        }
    }

    /// Appends the members of a set from an array of strings and numbers.
    private mutating func appendSet(
        array text: Span<UInt8>, _ attribute: EncodingPlan.Attribute, to output: inout [UInt8]
    ) throws(ValueFault) -> Int {
        members.removeAll()
        var size = 0
        var scanner = JSONScanner()
        do {
            guard try scanner.peek(text) == UInt8(ascii: "[") else { throw ValueFault(.jsonKind) }
            guard try scanner.enterArray(text) else { throw ValueFault(.emptySet) }
            repeat {
                output.append(contentsOf: (size == 0 && members.count == 0 ? "\"" : ",\"").utf8)
                size += try appendElement(&scanner, text, attribute, to: &output)
                output.append(UInt8(ascii: "\""))
            } while try scanner.nextElement(text)
        } catch let error as JSONError {
            throw ValueFault(.json(error))
        } catch {
            throw error as? ValueFault ?? ValueFault(.jsonKind)
        }
        if let duplicate = members.duplicate(from: 0) { throw ValueFault(.setDuplicate, in: duplicate) }
        return size
    }

    private mutating func appendElement(
        _ scanner: inout JSONScanner, _ text: Span<UInt8>, _ attribute: EncodingPlan.Attribute, to output: inout [UInt8]
    ) throws -> Int {
        let range: Range<Int>
        var unescaped: [UInt8]?
        switch try scanner.peek(text) {
        case UInt8(ascii: "\""):
            let token = try scanner.string(text)
            range = token.range
            if token.isEscaped {
                var value: [UInt8] = []
                JSONScanner.appendValue(of: token, in: text, to: &value)
                unescaped = value
            }
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            range = try scanner.number(text)
        default:
            let start = scanner.index
            try scanner.skipValue(text)
            throw ValueFault(.setMember, in: start..<scanner.index)
        }
        do throws(ValueFault) {
            if let unescaped { return try appendMember(unescaped.span, attribute, at: range.lowerBound, to: &output) }
            return try appendMember(text.extracting(range), attribute, at: range.lowerBound, to: &output)
        } catch {
            throw ValueFault(error.kind, in: range)
        }
    }
}
