import SaltmillBytes
import SaltmillDispatching

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
    /// With how many at a ceiling of ``ShardAdvice/relaxedCeiling``, where those are less than half as many.
    package var relaxedShards: Int?

    package init(key: String, index: String?, refusals: Int, tries: Int, share: Double, shards: Int?, relaxedShards: Int? = nil) {
        self.key = key
        self.index = index
        self.refusals = refusals
        self.tries = tries
        self.share = share
        self.shards = shards
        self.relaxedShards = relaxedShards
    }
}

extension HotKeyEntry {
    /// Its attribute, and its physical value as text.
    package var name: (attribute: String, value: String) { Self.name(ofKey: key) }

    static func name(ofKey key: String) -> (attribute: String, value: String) {
        let member = (try? JSONValue(parsing: Array(key.utf8).span))?.members?.first
        return (member?.name ?? "", member?.value.members?.first?.value.string ?? "")
    }

    /// What it is, what it cost and what would cure it, in one line.
    package var advice: String {
        var text = "\(name.attribute) = \(name.value)\(index.map { " of index \($0)" } ?? ""): \(refusals) of \(tries) tries refused"
        text += ", \((share * 1000).rounded() / 10) % of the rows"
        if let shards, shards > 1 {
            text += "; a salt of \(shards) shards would cure it"
            if let relaxedShards { text += ", or of \(relaxedShards) with a ceiling of \(Int(ShardAdvice.relaxedCeiling * 100)) %" }
        }
        return text
    }
}

/// What the values are called that got a lane, in bounded memory.
struct KeyNames: Sendable {
    private var names: [UInt64: String] = [:]
    private static let capacity = 128
    private let personal: PersonalKeys?

    init(hiding personal: PersonalKeys?) { self.personal = personal }

    subscript(lane: UInt64) -> String? { names[lane] }

    /// Notes a name, which is asked for only when it is new.
    mutating func note(_ lane: UInt64, name: () -> String) {
        guard names[lane] == nil, names.count < Self.capacity else { return }
        names[lane] = name()
    }

    /// One of an item's attributes as DynamoDB JSON; with no name given its first, which is the table's hash key.
    func key(in item: some Sequence<UInt8>, _ attribute: String?) -> String {
        let members = (try? JSONValue(parsing: Array(item).span))?.members ?? []
        guard let member = attribute == nil ? members.first : members.first(where: { $0.name == attribute }) else { return "?" }
        return String(decoding: JSONValue.object([personal?.told(member) ?? member]).bytes, as: UTF8.self)
    }
}
