import SaltmillBytes

/// A request's body: one JSON object, checked as a whole, with its members found but not yet read.
struct RequestBody {
    let bytes: [UInt8]
    private var members: [(name: String, start: Int)] = []

    /// - Throws: a SerializationException for anything that is not one JSON object.
    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        let span = bytes.span
        var scanner = JSONScanner()
        do {
            if try scanner.enterObject(span) {
                repeat {
                    let name = JSONScanner.value(of: try scanner.memberName(span), in: span)
                    let isNull = try scanner.peek(span) == UInt8(ascii: "n")
                    let start = scanner.index
                    try scanner.skipValue(span)
                    if !isNull { members.append((name, start)) }
                } while try scanner.nextMember(span)
            }
            try scanner.expectEnd(span)
        } catch {
            throw ServiceError.serialization("\(error)")
        }
    }

    /// Where a member's value begins; nil when there is none or it is null.
    func start(of name: String) -> Int? { members.last { $0.name == name }?.start }

    func has(_ name: String) -> Bool { start(of: name) != nil }

    /// A scanner at a member's value.
    func scanner(at name: String) -> JSONScanner? { start(of: name).map { JSONScanner(at: $0) } }

    /// A member's value as a tree.
    func value(_ name: String) throws -> JSONValue? {
        guard var scanner = scanner(at: name) else { return nil }
        return try JSONValue(&scanner, bytes.span)
    }

    func string(_ name: String) throws -> String? { try value(name)?.expectString() }

    func bool(_ name: String) throws -> Bool? { try value(name)?.expectBool() }

    func int(_ name: String) throws -> Int? { try value(name)?.expectInt() }

    /// Refuses what this endpoint does not do: ignoring it would be worse.
    /// - Throws: a ValidationException that names the parameter.
    func allowOnly(_ names: Set<String>, _ operation: Operation) throws {
        guard let other = members.first(where: { !names.contains($0.name) }) else { return }
        throw ServiceError.validation("\(operation.rawValue): this endpoint does not support the parameter \(other.name) yet; leave it out")
    }
}

extension JSONValue {
    func expectString() throws -> String {
        guard let string else { throw mismatch("String") }
        return string
    }

    func expectBool() throws -> Bool {
        guard let bool else { throw mismatch("Boolean") }
        return bool
    }

    func expectInt() throws -> Int {
        guard let int else { throw mismatch("Long") }
        return int
    }

    func expectArray() throws -> [JSONValue] {
        guard let array else { throw mismatch("List") }
        return array
    }

    func expectMembers() throws -> [Member] {
        guard let members else { throw mismatch("Map") }
        return members
    }

    /// A member that is there and not null.
    func member(_ name: String) -> JSONValue? {
        guard let value = self[name], value != .null else { return nil }
        return value
    }

    private func mismatch(_ type: String) -> ServiceError {
        switch self {
        case .null: .serialization("NULL_VALUE cannot be converted to \(type)")
        case .bool(let value): .serialization("\(value ? "TRUE" : "FALSE")_VALUE cannot be converted to \(type)")
        case .number: .serialization("NUMBER_VALUE cannot be converted to \(type)")
        case .string: .serialization("STRING_VALUE cannot be converted to \(type)")
        case .array: .serialization("Start of list found where not expected")
        case .object: .serialization("Start of structure or map found where not expected")
        }
    }
}
