/// A JSON value as a tree: for requests, answers and files that are not on a row's path.
///
/// Numbers keep their text, so that none of a 38-digit number is lost; objects keep their members' order, and of two members of one name both.
package indirect enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    package struct Member: Equatable, Sendable {
        package var name: String
        package var value: JSONValue

        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// Parses a whole text.
    /// - Throws: ``JSONError`` for anything that is not strict JSON in UTF-8, or is nested over `maximumDepth` levels.
    package init(parsing bytes: Span<UInt8>, maximumDepth: Int = 128) throws(JSONError) {
        var scanner = JSONScanner(maximumDepth: maximumDepth)
        try self.init(&scanner, bytes)
        try scanner.expectEnd(bytes)
    }

    /// Parses the value at a scanner's position.
    package init(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws(JSONError) {
        switch try scanner.peek(bytes) {
        case 0x22: self = .string(JSONScanner.value(of: try scanner.string(bytes), in: bytes))
        case 0x7B:
            var members: [Member] = []
            if try scanner.enterObject(bytes) {
                repeat {
                    let name = JSONScanner.value(of: try scanner.memberName(bytes), in: bytes)
                    members.append(Member(name, try JSONValue(&scanner, bytes)))
                } while try scanner.nextMember(bytes)
            }
            self = .object(members)
        case 0x5B:
            var elements: [JSONValue] = []
            if try scanner.enterArray(bytes) {
                repeat { elements.append(try JSONValue(&scanner, bytes)) } while try scanner.nextElement(bytes)
            }
            self = .array(elements)
        case 0x74, 0x66: self = .bool(try scanner.bool(bytes))
        case 0x6E:
            try scanner.null(bytes)
            self = .null
        default:
            let range = try scanner.number(bytes)
            self = .number(String(decoding: bytes.extracting(range).array, as: UTF8.self))
        }
    }

    /// The value of an object's first member of that name; nil for other values and where there is none.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    package var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    package var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// A number's value when it is a whole one.
    package var int: Int? {
        guard case .number(let text) = self else { return nil }
        return Int(text) ?? Double(text).flatMap { Int(exactly: $0) }
    }

    package var double: Double? {
        guard case .number(let text) = self else { return nil }
        return Double(text)
    }

    package var array: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    package var members: [Member]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// Appends the value as compact JSON.
    package func write(to output: inout [UInt8]) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .number(let text): output.append(contentsOf: text.utf8)
        case .string(let text): JSONText.appendQuoted(text, to: &output)
        case .array(let elements):
            output.append(0x5B)
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(0x2C) }
                element.write(to: &output)
            }
            output.append(0x5D)
        case .object(let members):
            output.append(0x7B)
            for (index, member) in members.enumerated() {
                if index > 0 { output.append(0x2C) }
                JSONText.appendQuoted(member.name, to: &output)
                output.append(0x3A)
                member.value.write(to: &output)
            }
            output.append(0x7D)
        }
    }

    /// The value as compact JSON.
    package var bytes: [UInt8] {
        var output: [UInt8] = []
        write(to: &output)
        return output
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int) { self = .number(String(value)) }
    package init(floatLiteral value: Double) { self = .number(String(value)) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }

    /// A whole number.
    package static func integer(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }
}

extension Span<UInt8> {
    /// The bytes as an array.
    package var array: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in 0..<count { buffer[index] = self[index] }
            initialized = count
        }
    }
}
