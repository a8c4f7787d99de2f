import SaltmillBytes

/// An attribute value as a tree, for what cannot be done on its JSON: comparing, counting, changing.
///
/// Names and strings are bytes of UTF-8: the service knows no equivalence of differently composed characters.
indirect enum ItemValue {
    case string([UInt8])
    case number(DecimalNumber)
    case binary([UInt8])
    case stringSet([[UInt8]])
    case numberSet([DecimalNumber])
    case binarySet([[UInt8]])
    case map(Members)
    case list([ItemValue])
    case null
    case bool(Bool)

    /// A map's members, in the order in which they came.
    typealias Members = [(name: [UInt8], value: ItemValue)]

    var type: AttributeType {
        switch self {
        case .string: .string
        case .number: .number
        case .binary: .binary
        case .stringSet: .stringSet
        case .numberSet: .numberSet
        case .binarySet: .binarySet
        case .map: .map
        case .list: .list
        case .null: .null
        case .bool: .bool
        }
    }

    /// What `size` gives; nil for types that have none (Developer Guide, "Condition and filter expressions").
    var count: Int? {
        switch self {
        case .string(let bytes), .binary(let bytes): bytes.count
        case .stringSet(let elements), .binarySet(let elements): elements.count
        case .numberSet(let elements): elements.count
        case .map(let members): members.count
        case .list(let elements): elements.count
        case .number, .null, .bool: nil
        }
    }

    /// The bytes by which a string, number or binary is ordered, and hashed as a key; nil for other types.
    var orderedBytes: [UInt8]? {
        switch self {
        case .string(let bytes), .binary(let bytes): return bytes
        case .number(let number):
            var bytes: [UInt8] = []
            number.appendOrdered(to: &bytes)
            return bytes
        default: return nil
        }
    }

    /// Whether the value comes before another one; nil where their types have no common order.
    func precedes(_ other: ItemValue) -> Bool? {
        guard type == other.type, let left = orderedBytes, let right = other.orderedBytes else { return nil }
        return left.lexicographicallyPrecedes(right)
    }
}

extension ItemValue: Equatable {
    /// Sets and maps have no order.
    static func == (left: ItemValue, right: ItemValue) -> Bool {
        switch (left, right) {
        case (.string(let one), .string(let other)), (.binary(let one), .binary(let other)): one == other
        case (.number(let one), .number(let other)): one == other
        case (.stringSet(let one), .stringSet(let other)), (.binarySet(let one), .binarySet(let other)): Set(one) == Set(other)
        case (.numberSet(let one), .numberSet(let other)): Set(one) == Set(other)
        case (.list(let one), .list(let other)): one == other
        case (.map(let one), .map(let other)):
            one.count == other.count && one.allSatisfy { member in other.value(of: member.name) == member.value }
        case (.null, .null): true
        case (.bool(let one), .bool(let other)): one == other
        default: false
        }
    }
}

extension ItemValue.Members {
    func value(of name: [UInt8]) -> ItemValue? { first { $0.name == name }?.value }
}

// MARK: - JSON

extension ItemValue {
    /// Reads a value in canonical form, as ``ItemReader`` writes it.
    init(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws {
        guard try scanner.enterObject(bytes), let type = AttributeType(bytes.extracting(try scanner.memberName(bytes).range)) else {
            throw ServiceError.internalError("A stored item cannot be read")
        }
        switch type {
        case .string: self = .string(Self.text(try scanner.string(bytes), bytes))
        case .number: self = .number(try Self.number(try scanner.string(bytes), bytes))
        case .binary: self = .binary(try Self.binary(try scanner.string(bytes), bytes))
        case .stringSet: self = .stringSet(try Self.elements(&scanner, bytes) { Self.text(try $0.string(bytes), bytes) })
        case .numberSet: self = .numberSet(try Self.elements(&scanner, bytes) { try Self.number(try $0.string(bytes), bytes) })
        case .binarySet: self = .binarySet(try Self.elements(&scanner, bytes) { try Self.binary(try $0.string(bytes), bytes) })
        case .map: self = .map(try Self.members(&scanner, bytes))
        case .list: self = .list(try Self.elements(&scanner, bytes) { try ItemValue(&$0, bytes) })
        case .null:
            _ = try scanner.bool(bytes)
            self = .null
        case .bool: self = .bool(try scanner.bool(bytes))
        }
        _ = try scanner.nextMember(bytes)
    }

    /// Reads an item in canonical form.
    /// - Parameter names: the attributes that are wanted, as their names stand in JSON; nil for all.
    static func members(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>, only names: [[UInt8]]? = nil) throws -> Members {
        var members: Members = []
        guard try scanner.enterObject(bytes) else { return members }
        repeat {
            let name = try scanner.memberName(bytes)
            if let names, !names.contains(where: { bytes.extracting(name.range).equals($0) }) {
                try scanner.skipValue(bytes)
            } else {
                members.append((text(name, bytes), try ItemValue(&scanner, bytes)))
            }
        } while try scanner.nextMember(bytes)
        return members
    }

    private static func elements<Element>(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, _ read: (inout JSONScanner) throws -> Element
    ) throws -> [Element] {
        var elements: [Element] = []
        guard try scanner.enterArray(bytes) else { return elements }
        repeat { elements.append(try read(&scanner)) } while try scanner.nextElement(bytes)
        return elements
    }

    private static func text(_ token: JSONStringToken, _ bytes: Span<UInt8>) -> [UInt8] {
        guard token.isEscaped else { return bytes.extracting(token.range).array }
        var text: [UInt8] = []
        JSONScanner.appendValue(of: token, in: bytes, to: &text)
        return text
    }

    private static func number(_ token: JSONStringToken, _ bytes: Span<UInt8>) throws -> DecimalNumber {
        try DecimalNumber(parsing: bytes.extracting(token.range))
    }

    private static func binary(_ token: JSONStringToken, _ bytes: Span<UInt8>) throws -> [UInt8] {
        var content: [UInt8] = []
        try Base64.append(decoding: text(token, bytes).span, to: &content)
        return content
    }

    /// Appends the value's DynamoDB JSON.
    func write(to output: inout [UInt8]) {
        output.append("{\"")
        output.append(type.name)
        output.append("\":")
        switch self {
        case .string(let text): JSONText.appendQuoted(text.span, to: &output)
        case .number(let number): Self.write(number, to: &output)
        case .binary(let bytes): Self.write(binary: bytes, to: &output)
        case .stringSet(let elements): Self.write(elements, to: &output) { JSONText.appendQuoted($0.span, to: &$1) }
        case .numberSet(let elements): Self.write(elements, to: &output) { Self.write($0, to: &$1) }
        case .binarySet(let elements): Self.write(elements, to: &output) { Self.write(binary: $0, to: &$1) }
        case .map(let members): Self.write(members, to: &output)
        case .list(let elements): Self.write(elements, to: &output) { $0.write(to: &$1) }
        case .null: output.append("true")
        case .bool(let value): output.append(value ? "true" : "false")
        }
        output.append(UInt8(ascii: "}"))
    }

    /// Appends an item, or what stands behind a map's type.
    static func write(_ members: Members, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        for (index, member) in members.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            JSONText.appendQuoted(member.name.span, to: &output)
            output.append(UInt8(ascii: ":"))
            member.value.write(to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    private static func write<Element>(_ elements: [Element], to output: inout [UInt8], _ write: (Element, inout [UInt8]) -> Void) {
        output.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            write(element, &output)
        }
        output.append(UInt8(ascii: "]"))
    }

    private static func write(_ number: DecimalNumber, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        number.appendText(to: &output)
        output.append(UInt8(ascii: "\""))
    }

    private static func write(binary bytes: [UInt8], to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        Base64.append(encoding: bytes.span, to: &output)
        output.append(UInt8(ascii: "\""))
    }
}

extension Span<UInt8> {
    /// Whether the bytes are the given ones.
    func equals(_ other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where self[index] != other[index] { return false }
        return true
    }
}
