import SaltmillBytes

/// Reads maps of attribute values out of a request, checks them by all rules that need no table, and writes them in canonical form.
struct ItemReader {
    /// How deep a value may lie; a top-level attribute's is at 1 (Developer Guide, "Naming rules and data types").
    private static let maximumLevel = 32

    private(set) var buffer = ItemBuffer()
    /// A binary's bytes.
    private var scratch: [UInt8] = []

    mutating func removeAll() { buffer.removeAll() }

    /// Reads a map of attribute values at the scanner's position.
    /// - Throws: ``ServiceError`` or, where the JSON is of another shape, `JSONError`.
    mutating func readMap(_ scanner: inout JSONScanner, _ body: Span<UInt8>) throws -> ItemBuffer.Item {
        let start = buffer.bytes.count
        let first = buffer.attributes.count
        var size = 0
        buffer.bytes.append(UInt8(ascii: "{"))
        if try scanner.enterObject(body) {
            repeat {
                if buffer.bytes.count > start + 1 { buffer.bytes.append(UInt8(ascii: ",")) }
                let name = try scanner.memberName(body)
                let attribute = try copyPlain(name, &scanner, body) ?? readAttribute(name, &scanner, body)
                buffer.attributes.append(attribute)
                size += attribute.size
            } while try scanner.nextMember(body)
        }
        buffer.bytes.append(UInt8(ascii: "}"))
        let attributes = first..<buffer.attributes.count
        try rejectDuplicates(attributes.count) { buffer.attributes[first + $0].name }
        return ItemBuffer.Item(json: start..<buffer.bytes.count, attributes: attributes, size: size)
    }

    /// Copies a string attribute at once, if it stands in the request as it is to be written: most do.
    /// - Returns: nil, with nothing read or written, where it stands otherwise.
    private mutating func copyPlain(_ name: JSONStringToken, _ scanner: inout JSONScanner, _ body: Span<UInt8>) throws -> ItemBuffer
        .Attribute?
    {
        let start = name.range.lowerBound - 1
        let opening: StaticString = "\":{\"S\":\""
        let value = name.range.upperBound + opening.utf8CodeUnitCount
        guard !name.isEscaped, value < body.count else { return nil }
        for index in 0..<opening.utf8CodeUnitCount where body[name.range.upperBound + index] != opening.utf8Start[index] { return nil }
        var behind = scanner
        behind.index = value - 1
        let text = try behind.string(body)
        guard !text.isEscaped, behind.index < body.count, body[behind.index] == UInt8(ascii: "}") else { return nil }
        behind.index += 1
        scanner = behind
        let shift = buffer.bytes.count - start
        buffer.bytes.append(body.extracting(start..<scanner.index))
        return ItemBuffer.Attribute(
            name: name.range.lowerBound + shift..<name.range.upperBound + shift, type: .string,
            value: text.range.lowerBound + shift..<text.range.upperBound + shift, size: name.range.count + text.range.count)
    }

    private mutating func readAttribute(
        _ token: JSONStringToken, _ scanner: inout JSONScanner, _ body: Span<UInt8>
    ) throws -> ItemBuffer.Attribute {
        let name = appendName(token, body)
        let value = try readValue(&scanner, body, level: 1)
        return ItemBuffer.Attribute(name: name.range, type: value.type, value: value.range, size: name.size + value.size)
    }

    /// Writes a member's name and the colon.
    private mutating func appendName(_ token: JSONStringToken, _ body: Span<UInt8>) -> (range: Range<Int>, size: Int) {
        let start = buffer.bytes.count + 1
        let size = appendString(token, body)
        let range = start..<buffer.bytes.count - 1
        buffer.bytes.append(UInt8(ascii: ":"))
        return (range, size)
    }

    /// Reads one attribute value.
    private mutating func readValue(
        _ scanner: inout JSONScanner, _ body: Span<UInt8>, level: Int
    ) throws -> (type: AttributeType, range: Range<Int>, size: Int) {
        guard level <= Self.maximumLevel else {
            throw ServiceError.validation(
                "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit")
        }
        try expect("{", &scanner, body, "Structure")
        guard try scanner.enterObject(body) else { throw Self.emptyValue }
        let name = try scanner.memberName(body)
        guard let type = AttributeType(body.extracting(name.range)) else { throw Self.emptyValue }
        buffer.bytes.append(type.opening)
        let start = buffer.bytes.count
        let size = try readContent(type, &scanner, body, level: level)
        let end = buffer.bytes.count
        buffer.bytes.append(UInt8(ascii: "}"))
        guard try !scanner.nextMember(body) else {
            throw ServiceError.validation(
                "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
        }
        switch type {
        case .string, .number, .binary: return (type, start + 1..<end - 1, size)
        default: return (type, start..<end, size)
        }
    }

    private static var emptyValue: ServiceError {
        .validation("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
    }

    /// Reads what stands behind a value's type, and gives its size.
    private mutating func readContent(
        _ type: AttributeType, _ scanner: inout JSONScanner, _ body: Span<UInt8>, level: Int
    ) throws -> Int {
        switch type {
        case .string:
            try expect("\"", &scanner, body, "String")
            return appendString(try scanner.string(body), body)
        case .number:
            try expect("\"", &scanner, body, "String")
            return try appendNumber(try scanner.string(body), body)
        case .binary:
            try expect("\"", &scanner, body, "ByteBuffer")
            return try appendBinary(try scanner.string(body), body)
        case .stringSet, .numberSet, .binarySet: return try readSet(type, &scanner, body)
        case .map: return try readNestedMap(&scanner, body, level: level)
        case .list: return try readList(&scanner, body, level: level)
        case .null:
            guard try scanner.bool(body) else {
                throw ServiceError.invalidParameter("Null attribute value types must have the value of true")
            }
            buffer.bytes.append("true")
            return 1
        case .bool:
            let value = try scanner.bool(body)
            buffer.bytes.append(value ? "true" : "false")
            return 1
        }
    }

    private mutating func readNestedMap(_ scanner: inout JSONScanner, _ body: Span<UInt8>, level: Int) throws -> Int {
        let start = buffer.bytes.count
        var size = 3
        var names: [Range<Int>] = []
        buffer.bytes.append(UInt8(ascii: "{"))
        if try scanner.enterObject(body) {
            repeat {
                if buffer.bytes.count > start + 1 { buffer.bytes.append(UInt8(ascii: ",")) }
                let name = appendName(try scanner.memberName(body), body)
                names.append(name.range)
                size += 1 + name.size + (try readValue(&scanner, body, level: level + 1).size)
            } while try scanner.nextMember(body)
        }
        buffer.bytes.append(UInt8(ascii: "}"))
        try rejectDuplicates(names.count) { names[$0] }
        return size
    }

    private mutating func readList(_ scanner: inout JSONScanner, _ body: Span<UInt8>, level: Int) throws -> Int {
        let start = buffer.bytes.count
        var size = 3
        buffer.bytes.append(UInt8(ascii: "["))
        if try scanner.enterArray(body) {
            repeat {
                if buffer.bytes.count > start + 1 { buffer.bytes.append(UInt8(ascii: ",")) }
                size += 1 + (try readValue(&scanner, body, level: level + 1).size)
            } while try scanner.nextElement(body)
        }
        buffer.bytes.append(UInt8(ascii: "]"))
        return size
    }

    private mutating func readSet(_ type: AttributeType, _ scanner: inout JSONScanner, _ body: Span<UInt8>) throws -> Int {
        let start = buffer.bytes.count
        var size = 0
        var elements: [Range<Int>] = []
        buffer.bytes.append(UInt8(ascii: "["))
        guard try scanner.enterArray(body) else {
            switch type {
            case .binarySet: throw ServiceError.invalidParameter("Binary sets should not be empty")
            case .numberSet: throw ServiceError.invalidParameter("An number set  may not be empty")
            default: throw ServiceError.invalidParameter("An string set  may not be empty")
            }
        }
        repeat {
            if buffer.bytes.count > start + 1 { buffer.bytes.append(UInt8(ascii: ",")) }
            try expect("\"", &scanner, body, type == .binarySet ? "ByteBuffer" : "String")
            let token = try scanner.string(body)
            let first = buffer.bytes.count + 1
            switch type {
            case .stringSet: size += appendString(token, body)
            case .numberSet: size += try appendNumber(token, body)
            default: size += try appendBinary(token, body)
            }
            elements.append(first..<buffer.bytes.count - 1)
        } while try scanner.nextElement(body)
        buffer.bytes.append(UInt8(ascii: "]"))
        if hasDuplicates(elements.count, { elements[$0] }) {
            let list = elements.map { buffer.text($0) }.joined(separator: ", ")
            throw ServiceError.invalidParameter("Input collection [\(list)]\(type == .binarySet ? "of type BS" : "") contains duplicates.")
        }
        return size
    }
}

// MARK: - Scalars

extension ItemReader {
    /// Writes a string in quotes and gives its length in UTF-8.
    private mutating func appendString(_ token: JSONStringToken, _ body: Span<UInt8>) -> Int {
        guard token.isEscaped else {
            buffer.bytes.append(UInt8(ascii: "\""))
            buffer.bytes.append(body.extracting(token.range))
            buffer.bytes.append(UInt8(ascii: "\""))
            return token.range.count
        }
        let text = resolve(token, body)
        JSONText.appendQuoted(text.span, to: &buffer.bytes)
        return text.count
    }

    private mutating func appendNumber(_ token: JSONStringToken, _ body: Span<UInt8>) throws -> Int {
        buffer.bytes.append(UInt8(ascii: "\""))
        let size: Int
        do {
            if token.isEscaped {
                let text = resolve(token, body)
                size = try DecimalNumber.appendText(normalizing: text.span, to: &buffer.bytes)
            } else {
                size = try DecimalNumber.appendText(normalizing: body.extracting(token.range), to: &buffer.bytes)
            }
        } catch {
            throw ServiceError.validation(error.serviceMessage(for: JSONScanner.value(of: token, in: body)))
        }
        buffer.bytes.append(UInt8(ascii: "\""))
        return size
    }

    private mutating func appendBinary(_ token: JSONStringToken, _ body: Span<UInt8>) throws -> Int {
        guard token.isEscaped else { return try appendBinary(body.extracting(token.range)) }
        let text = resolve(token, body)
        return try appendBinary(text.span)
    }

    private mutating func appendBinary(_ text: Span<UInt8>) throws -> Int {
        scratch.removeAll(keepingCapacity: true)
        do {
            try Base64.append(decoding: text, to: &scratch)
        } catch {
            throw ServiceError.serialization("A binary value is not Base64: \(error)")
        }
        buffer.bytes.append(UInt8(ascii: "\""))
        buffer.bytes.append(text)
        buffer.bytes.append(UInt8(ascii: "\""))
        return scratch.count
    }

    /// A string's value, escapes resolved.
    private func resolve(_ token: JSONStringToken, _ body: Span<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        JSONScanner.appendValue(of: token, in: body, to: &text)
        return text
    }
}

// MARK: - Checks

extension ItemReader {
    /// Checks what kind of JSON value comes next.
    private func expect(_ byte: UnicodeScalar, _ scanner: inout JSONScanner, _ body: Span<UInt8>, _ type: String) throws {
        let found = try scanner.peek(body)
        guard found != UInt8(ascii: byte) else { return }
        let what =
            switch UnicodeScalar(found) {
            case "\"": "STRING_VALUE cannot be converted to \(type)"
            case "{": "Start of structure or map found where not expected"
            case "[": "Start of list found where not expected"
            case "t": "TRUE_VALUE cannot be converted to \(type)"
            case "f": "FALSE_VALUE cannot be converted to \(type)"
            case "n": "NULL_VALUE cannot be converted to \(type)"
            default: "NUMBER_VALUE cannot be converted to \(type)"
            }
        throw ServiceError.serialization(what)
    }

    private func rejectDuplicates(_ count: Int, _ name: (Int) -> Range<Int>) throws {
        guard hasDuplicates(count, name) else { return }
        throw ServiceError.serialization("A map of attribute values names one attribute twice")
    }

    /// Whether two of `count` ranges hold the same bytes.
    private func hasDuplicates(_ count: Int, _ range: (Int) -> Range<Int>) -> Bool {
        guard count > 1 else { return false }
        if count <= 32 {
            for index in 1..<count {
                let one = range(index)
                for other in 0..<index where buffer.equal(one, range(other)) { return true }
            }
            return false
        }
        var seen = Set<[UInt8]>(minimumCapacity: count)
        return (0..<count).contains { !seen.insert(Array(buffer.bytes[range($0)])).inserted }
    }
}
