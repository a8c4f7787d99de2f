/// The ten types of attribute values.
enum AttributeType: UInt8, Sendable {
    case string, number, binary, stringSet, numberSet, binarySet, map, list, null, bool

    /// - Parameter name: the type's name on the wire.
    init?(_ name: Span<UInt8>) {
        switch name.count {
        case 1:
            switch UnicodeScalar(name[0]) {
            case "S": self = .string
            case "N": self = .number
            case "B": self = .binary
            case "M": self = .map
            case "L": self = .list
            default: return nil
            }
        case 2 where name[1] == UInt8(ascii: "S"):
            switch UnicodeScalar(name[0]) {
            case "S": self = .stringSet
            case "N": self = .numberSet
            case "B": self = .binarySet
            default: return nil
            }
        case 4: self.init(word: name)
        default: return nil
        }
    }

    private init?(word name: Span<UInt8>) {
        if Self.equal(name, "NULL") {
            self = .null
        } else if Self.equal(name, "BOOL") {
            self = .bool
        } else {
            return nil
        }
    }

    private static func equal(_ name: Span<UInt8>, _ text: StaticString) -> Bool {
        for index in 0..<name.count where name[index] != text.utf8Start[index] { return false }
        return true
    }

    /// The type's name on the wire.
    var name: StaticString {
        switch self {
        case .string: "S"
        case .number: "N"
        case .binary: "B"
        case .stringSet: "SS"
        case .numberSet: "NS"
        case .binarySet: "BS"
        case .map: "M"
        case .list: "L"
        case .null: "NULL"
        case .bool: "BOOL"
        }
    }

    /// What a value of the type begins with in canonical form.
    var opening: StaticString {
        switch self {
        case .string: "{\"S\":"
        case .number: "{\"N\":"
        case .binary: "{\"B\":"
        case .stringSet: "{\"SS\":"
        case .numberSet: "{\"NS\":"
        case .binarySet: "{\"BS\":"
        case .map: "{\"M\":"
        case .list: "{\"L\":"
        case .null: "{\"NULL\":"
        case .bool: "{\"BOOL\":"
        }
    }
}
