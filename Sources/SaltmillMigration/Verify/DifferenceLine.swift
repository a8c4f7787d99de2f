import SaltmillBytes
import SaltmillSources

/// A difference as one line of JSON: what kind, the key, where the row stands, and of different items what differs.
///
/// Values of attributes that the spec marks personal are told by a hash under a key of this verification's own: equal ones can be seen to be equal.
struct DifferenceLine {
    private let file: String
    private let personal: Set<String>
    private let secret: HMACSHA256.Key

    init(_ spec: MigrationSpec, secret: [UInt8]) {
        file = spec.source.name
        personal = Set(spec.allAttributes.filter(\.isPersonal).map(\.name))
        self.secret = HMACSHA256.Key(secret.span)
    }

    typealias Attributes = [[UInt8]: (canonical: [UInt8], json: [UInt8])]

    /// - Parameters:
    ///   - key: its JSON.
    ///   - row: where the source's row stands; nil where there is none.
    ///   - wanted: the attributes that the row makes; nil where there is no row.
    ///   - found: the item's; nil where there is none.
    func make(_ kind: Suspect.Kind, key: [UInt8], row: RecordLocator?, wanted: Attributes?, found: Attributes?) -> [UInt8] {
        var members: [JSONValue.Member] = [.init("kind", .string("\(kind)")), .init("key", hidden(json(key)))]
        if let row {
            members.append(.init("row", ["file": .string(file), "line": .integer(row.line), "offset": .integer(row.offset)]))
        }
        if let wanted, let found {
            let names = Set(wanted.keys).union(found.keys).sorted { $0.lexicographicallyPrecedes($1) }
            let differing = names.filter { wanted[$0]?.canonical != found[$0]?.canonical }
            members.append(
                .init(
                    "attributes",
                    .object(
                        differing.map { bytes in
                            let name = String(decoding: bytes, as: UTF8.self)
                            var sides: [JSONValue.Member] = []
                            if let value = wanted[bytes] { sides.append(.init("source", shown(value, of: name))) }
                            if let value = found[bytes] { sides.append(.init("target", shown(value, of: name))) }
                            return .init(name, .object(sides))
                        })))
        }
        return JSONValue.object(members).bytes + [0x0A]
    }

    private func shown(_ value: (canonical: [UInt8], json: [UInt8]), of name: String) -> JSONValue {
        personal.contains(name) ? hash(value.canonical) : json(value.json)
    }

    private func json(_ bytes: [UInt8]) -> JSONValue { (try? JSONValue(parsing: bytes.span, maximumDepth: 256)) ?? .null }

    private func hash(_ bytes: [UInt8]) -> JSONValue {
        var code = HMACSHA256()
        return ["hash": .string(String(code.authenticate(bytes, key: secret).description.prefix(32)))]
    }

    private func hidden(_ key: JSONValue) -> JSONValue {
        guard let members = key.members else { return key }
        return .object(members.map { .init($0.name, personal.contains($0.name) ? hash($0.value.bytes) : $0.value) })
    }
}
