package import SaltmillBytes

extension AttributeValue {
    /// Appends the value in DynamoDB JSON, compact.
    package func write(to output: inout [UInt8]) {
        output.append(contentsOf: "{\"".utf8)
        output.append(contentsOf: typeName.utf8)
        output.append(contentsOf: "\":".utf8)
        switch self {
        case .s(let text), .n(let text): JSONText.appendQuoted(text, to: &output)
        case .b(let bytes): Self.append(bytes, to: &output)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .null: output.append(contentsOf: "true".utf8)
        case .ss(let texts), .ns(let texts): Self.append(texts, to: &output) { JSONText.appendQuoted($0, to: &$1) }
        case .bs(let values): Self.append(values, to: &output) { Self.append($0, to: &$1) }
        case .l(let elements): Self.append(elements, to: &output) { $0.write(to: &$1) }
        case .m(let members): members.write(to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    private static func append(_ bytes: [UInt8], to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        Base64.append(encoding: bytes.span, to: &output)
        output.append(UInt8(ascii: "\""))
    }

    private static func append<Element>(_ elements: [Element], to output: inout [UInt8], _ write: (Element, inout [UInt8]) -> Void) {
        output.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            write(element, &output)
        }
        output.append(UInt8(ascii: "]"))
    }

    /// The value as a JSON tree.
    package var json: JSONValue {
        let content: JSONValue =
            switch self {
            case .s(let text), .n(let text): .string(text)
            case .b(let bytes): Self.base64(bytes)
            case .bool(let value): .bool(value)
            case .null: true
            case .ss(let texts), .ns(let texts): .array(texts.map { .string($0) })
            case .bs(let values): .array(values.map(Self.base64))
            case .l(let elements): .array(elements.map(\.json))
            case .m(let members): members.json
            }
        return .object([JSONValue.Member(typeName, content)])
    }

    private static func base64(_ bytes: [UInt8]) -> JSONValue {
        var output: [UInt8] = []
        Base64.append(encoding: bytes.span, to: &output)
        return .string(String(decoding: output, as: UTF8.self))
    }
}

extension Item {
    /// Appends the item in DynamoDB JSON, compact.
    package func write(to output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        for (index, attribute) in attributes.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            JSONText.appendQuoted(attribute.name, to: &output)
            output.append(UInt8(ascii: ":"))
            attribute.value.write(to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    /// The item as a JSON tree.
    package var json: JSONValue { .object(attributes.map { JSONValue.Member($0.name, $0.value.json) }) }
}
