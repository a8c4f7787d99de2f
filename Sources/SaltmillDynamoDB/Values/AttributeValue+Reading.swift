package import SaltmillBytes

extension AttributeValue {
    /// Reads a value in DynamoDB JSON (`{"S":"text"}`) at a scanner's position.
    /// - Throws: `JSONError` for what is not JSON, ``AttributeValueError`` for what is no value.
    package init(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws {
        self = try Self.read(&scanner, bytes, level: 0)
    }

    /// Reads a value out of a JSON tree.
    /// - Throws: ``AttributeValueError``.
    package init(_ json: JSONValue) throws {
        let text = json.bytes
        var scanner = JSONScanner(maximumDepth: .max)
        self = try Self.read(&scanner, text.span, level: 0)
    }

    /// - Parameter level: how many lists and maps are open around the value.
    fileprivate static func read(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>, level: Int) throws -> AttributeValue {
        guard try scanner.peek(bytes) == UInt8(ascii: "{") else { throw AttributeValueError.shape("an attribute value") }
        guard try scanner.enterObject(bytes) else { throw AttributeValueError.noType }
        let type = try scanner.memberName(bytes)
        let value: AttributeValue
        if type.matches("S", bytes) {
            value = .s(try text(&scanner, bytes))
        } else if type.matches("N", bytes) {
            value = .n(try number(&scanner, bytes))
        } else if type.matches("B", bytes) {
            value = .b(try binary(&scanner, bytes))
        } else if type.matches("BOOL", bytes) {
            value = .bool(try bool(&scanner, bytes))
        } else if type.matches("NULL", bytes) {
            guard try bool(&scanner, bytes) else { throw AttributeValueError.nullIsFalse }
            value = .null
        } else if type.matches("SS", bytes) {
            value = .ss(try set("SS", &scanner, bytes, text) { Set($0.map(ExactText.init)).count })
        } else if type.matches("NS", bytes) {
            value = .ns(try set("NS", &scanner, bytes, number) { Set($0).count })
        } else if type.matches("BS", bytes) {
            value = .bs(try set("BS", &scanner, bytes, binary) { Set($0).count })
        } else if type.matches("L", bytes) {
            guard level < maximumNesting else { throw AttributeValueError.tooDeep }
            value = .l(try elements(&scanner, bytes) { scanner, bytes in try read(&scanner, bytes, level: level + 1) })
        } else if type.matches("M", bytes) {
            guard level < maximumNesting else { throw AttributeValueError.tooDeep }
            value = .m(try Item.read(&scanner, bytes, level: level + 1))
        } else {
            throw AttributeValueError.unknownType(JSONScanner.value(of: type, in: bytes))
        }
        guard try !scanner.nextMember(bytes) else { throw AttributeValueError.severalTypes }
        return value
    }

    private static func token(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws -> JSONStringToken {
        guard try scanner.peek(bytes) == UInt8(ascii: "\"") else { throw AttributeValueError.shape("a JSON string") }
        return try scanner.string(bytes)
    }

    private static func text(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws -> String {
        JSONScanner.value(of: try token(&scanner, bytes), in: bytes)
    }

    private static func number(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws -> String {
        let token = try token(&scanner, bytes)
        var raw: [UInt8] = []
        JSONScanner.appendValue(of: token, in: bytes, to: &raw)
        var output: [UInt8] = []
        do throws(DecimalError) {
            _ = try DecimalNumber.appendText(normalizing: raw.span, to: &output)
        } catch {
            throw AttributeValueError.number(error, text: String(decoding: raw, as: UTF8.self))
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func binary(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws -> [UInt8] {
        let token = try token(&scanner, bytes)
        var raw: [UInt8] = []
        JSONScanner.appendValue(of: token, in: bytes, to: &raw)
        var output: [UInt8] = []
        do throws(BinaryTextError) {
            try Base64.append(decoding: raw.span, to: &output)
        } catch {
            throw AttributeValueError.binary(error)
        }
        return output
    }

    private static func bool(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws -> Bool {
        let byte = try scanner.peek(bytes)
        guard byte == UInt8(ascii: "t") || byte == UInt8(ascii: "f") else { throw AttributeValueError.shape("true or false") }
        return try scanner.bool(bytes)
    }

    private static func set<Element>(
        _ type: String, _ scanner: inout JSONScanner, _ bytes: Span<UInt8>,
        _ read: (inout JSONScanner, Span<UInt8>) throws -> Element, countDistinct: ([Element]) -> Int
    ) throws -> [Element] {
        let elements = try elements(&scanner, bytes, read)
        guard !elements.isEmpty else { throw AttributeValueError.emptySet(type) }
        guard countDistinct(elements) == elements.count else { throw AttributeValueError.duplicateElement(type) }
        return elements
    }

    private static func elements<Element>(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, _ read: (inout JSONScanner, Span<UInt8>) throws -> Element
    ) throws -> [Element] {
        guard try scanner.peek(bytes) == UInt8(ascii: "[") else { throw AttributeValueError.shape("a JSON array") }
        var elements: [Element] = []
        if try scanner.enterArray(bytes) {
            repeat { elements.append(try read(&scanner, bytes)) } while try scanner.nextElement(bytes)
        }
        return elements
    }
}

extension Item {
    /// Reads an item in DynamoDB JSON (`{"name":{"S":"text"},…}`) at a scanner's position.
    /// - Throws: `JSONError` for what is not JSON, ``AttributeValueError`` for what is no item.
    package init(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws {
        self = try Self.read(&scanner, bytes, level: 0)
    }

    /// Reads an item out of a JSON tree.
    /// - Throws: ``AttributeValueError``.
    package init(_ json: JSONValue) throws {
        let text = json.bytes
        var scanner = JSONScanner(maximumDepth: .max)
        self = try Self.read(&scanner, text.span, level: 0)
    }

    fileprivate static func read(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>, level: Int) throws -> Item {
        guard try scanner.peek(bytes) == UInt8(ascii: "{") else { throw AttributeValueError.shape("an object of attributes") }
        var attributes: [Attribute] = []
        if try scanner.enterObject(bytes) {
            repeat {
                let name = JSONScanner.value(of: try scanner.memberName(bytes), in: bytes)
                attributes.append(Attribute(name, try AttributeValue.read(&scanner, bytes, level: level)))
            } while try scanner.nextMember(bytes)
        }
        if attributes.count > 1 {
            var names = Set<ExactText>(minimumCapacity: attributes.count)
            for attribute in attributes where !names.insert(ExactText(attribute.name)).inserted {
                throw AttributeValueError.duplicateName(attribute.name)
            }
        }
        return Item(attributes)
    }
}
