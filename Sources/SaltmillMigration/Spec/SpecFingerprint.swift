import SaltmillBytes

/// What of a spec shapes items, in one canonical text: a checkpoint belongs to the job whose text it carries.
///
/// Two specs that make the same items of the same rows have the same text, however they are written. Rate, rejects, capacity, projections,
/// what is done with an existing table, dropped columns and `about` are not in it; table, endpoint and the source's content are identities
/// of their own.
package struct SpecFingerprint: Sendable, Equatable {
    /// One line a field, `path<tab>value`, sorted by the bytes of the paths.
    package let text: String

    /// SHA-256 of the text in lower-case hexadecimal digits.
    package var digest: String { Digests.sha256(Array(text.utf8).span).description }

    /// Takes up a text that was kept.
    package init(text: String) { self.text = text }

    /// Equal to the byte: names that differ only in Unicode normalization are different names to the store.
    package static func == (a: Self, b: Self) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

    /// What changed on the way from `self` to `other`, sorted by path; empty when the fingerprints are equal.
    package func differences(to other: SpecFingerprint) -> [Difference] {
        let (old, new) = (fields, other.fields)
        let paths = Set(old.keys).union(new.keys).sorted { $0.lexicographicallyPrecedes($1) }
        return paths.compactMap { path in
            if old[path] == new[path] { return nil }
            func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
            return Difference(path: String(decoding: path, as: UTF8.self), old: text(old[path]), new: text(new[path]))
        }
    }

    /// Values by path, both as bytes.
    private var fields: [[UInt8]: [UInt8]] {
        let lines = text.utf8.split(separator: UInt8(ascii: "\n")).map { $0.split(separator: UInt8(ascii: "\t"), maxSplits: 1) }
        return Dictionary(lines.map { ($0.first.map(Array.init) ?? [], $0.dropFirst().first.map(Array.init) ?? []) }) { $1 }
    }

    /// One field that two fingerprints disagree on.
    package struct Difference: Sendable, Equatable, CustomStringConvertible {
        package var path: String
        /// The value before; `nil` where the field is new.
        package var old: String?
        /// The value now; `nil` where the field is gone.
        package var new: String?

        /// `key.hash.salt.shards: 20 → 40`.
        package var description: String { "\(path): \(old ?? "absent") → \(new ?? "absent")" }
    }
}
