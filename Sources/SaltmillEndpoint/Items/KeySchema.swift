import SaltmillBytes

/// The types that a key attribute may have.
enum KeyType: String, CaseIterable, Sendable {
    case binary = "B"
    case number = "N"
    case string = "S"

    var attributeType: AttributeType {
        switch self {
        case .string: .string
        case .number: .number
        case .binary: .binary
        }
    }
}

/// An attribute that is part of a key.
struct KeyAttribute: Equatable, Sendable {
    let name: String
    let type: KeyType
    /// The name as it stands in JSON, quotes excluded.
    let nameInJSON: [UInt8]

    init(_ name: String, _ type: KeyType) {
        self.name = name
        self.type = type
        var quoted: [UInt8] = []
        JSONText.appendQuoted(name, to: &quoted)
        nameInJSON = Array(quoted[1..<quoted.count - 1])
    }
}

/// A partition key and, perhaps, a sort key.
struct KeySchema: Equatable, Sendable {
    var hash: KeyAttribute
    var range: KeyAttribute?

    /// Hash key first.
    var attributes: [KeyAttribute] { range.map { [hash, $0] } ?? [hash] }
}
