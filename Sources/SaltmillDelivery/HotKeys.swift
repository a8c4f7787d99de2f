import SaltmillBytes

/// A global index as far as delivery knows it.
package struct IndexKey: Sendable, Equatable {
    package var name: String
    /// The attribute that is its hash key.
    package var attribute: String

    package init(name: String, attribute: String) {
        self.name = name
        self.attribute = attribute
    }
}

/// A value of a hash key that refusals concentrated on, as it is reported.
package struct HotKeyEntry: Sendable, Equatable, Codable {
    /// Attribute and physical value as DynamoDB JSON: `{"day":{"S":"2015-12-07.123"}}`.
    package var key: String
    /// The index whose hash key it is of; nil for the table's.
    package var index: String?
    /// How many tries of its items were refused, of how many.
    package var refusals: Int
    package var tries: Int
    /// Part of the rows that have the value, of 1.
    package var share: Double
    /// With how many shards it would be cured; nil while too little is known.
    package var shards: Int?
}

/// What the values are called that got a lane, in bounded memory.
struct KeyNames: Sendable {
    private var names: [UInt64: String] = [:]
    private static let capacity = 128

    subscript(lane: UInt64) -> String? { names[lane] }

    /// Notes a name, which is asked for only when it is new.
    mutating func note(_ lane: UInt64, name: () -> String) {
        guard names[lane] == nil, names.count < Self.capacity else { return }
        names[lane] = name()
    }

    /// One of an item's attributes as DynamoDB JSON; with no name given its first, which is the table's hash key.
    static func key(in item: some Sequence<UInt8>, _ attribute: String?) -> String {
        let members = (try? JSONValue(parsing: Array(item).span))?.members ?? []
        guard let member = attribute == nil ? members.first : members.first(where: { $0.name == attribute }) else { return "?" }
        return String(decoding: JSONValue.object([member]).bytes, as: UTF8.self)
    }
}
