import SaltmillBytes
import SaltmillItems

/// What in a manifest is not as it must be.
package struct ManifestFault: Error, Equatable, Sendable, CustomStringConvertible {
    package var description: String
}

/// Typed access to an object of a manifest.
struct ManifestFields {
    let json: JSONValue
    let place: String

    init(_ json: JSONValue, in place: String) {
        self.json = json
        self.place = place
    }

    private func value<Value>(_ name: String, _ what: String, _ read: (JSONValue) -> Value?) throws(ManifestFault) -> Value {
        guard let json = json[name], let value = read(json) else {
            throw ManifestFault(description: "\(place.isEmpty ? name : "\(place).\(name)") must be \(what)")
        }
        return value
    }

    func text(_ name: String) throws(ManifestFault) -> String { try value(name, "a text") { $0.string } }

    func bool(_ name: String) throws(ManifestFault) -> Bool { try value(name, "true or false") { $0.bool } }

    func count(_ name: String) throws(ManifestFault) -> Int {
        try value(name, "a whole number up to 2^53") { $0.int.flatMap { (0...ItemDigest.maximumCount).contains($0) ? $0 : nil } }
    }

    func list(_ name: String) throws(ManifestFault) -> [JSONValue] { try value(name, "a list") { $0.array } }

    func object(_ name: String) throws(ManifestFault) -> ManifestFields {
        ManifestFields(try value(name, "an object") { $0.members == nil ? nil : $0 }, in: place.isEmpty ? name : "\(place).\(name)")
    }

    func time(_ name: String) throws(ManifestFault) -> Double {
        try value(name, "a time such as 2026-01-31T12:00:00.000Z") { $0.string.flatMap(Timestamp.seconds) }
    }

    /// A text that may be null.
    func textIfAny(_ name: String) throws(ManifestFault) -> String? {
        guard let json = json[name], json != .null else { return nil }
        return try value(name, "a text or null") { $0.string }
    }

    func hex(_ name: String, length: Int) throws(ManifestFault) -> [UInt8] {
        try value(name, "\(2 * length) hexadecimal digits") { json in
            var bytes: [UInt8] = []
            guard let text = json.string, (try? Hex.append(decoding: Array(text.utf8).span, to: &bytes)) != nil else { return nil }
            return bytes.count == length ? bytes : nil
        }
    }

    func sha256(_ name: String) throws(ManifestFault) -> (UInt64, UInt64, UInt64, UInt64) {
        let bytes = try hex(name, length: 32)
        func word(_ index: Int) -> UInt64 { bytes[(8 * index)..<(8 * index + 8)].reduce(0) { $0 << 8 | UInt64($1) } }
        return (word(0), word(1), word(2), word(3))
    }

    func digest(items: String, sum: String) throws(ManifestFault) -> ItemDigest {
        let count = try count(items)
        return try value(sum, "64 hexadecimal digits") { json in json.string.flatMap { ItemDigest("\(count):\($0)") } }
    }
}
