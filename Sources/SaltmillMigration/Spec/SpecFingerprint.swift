import SaltedKeys
import SaltmillBytes
import SaltmillItems

/// What of a spec shapes items, in one canonical text: a checkpoint belongs to the job whose text it carries.
///
/// Two specs that make the same items of the same rows have the same text, however they are written. Rate, rejects, capacity, projections,
/// what is done with an existing table, dropped columns and `about` are not in it; table, endpoint and the source's content are identities
/// of their own.
package struct SpecFingerprint: Sendable, Equatable {
    /// One line a field, `path<tab>value`, sorted by path.
    package let text: String

    /// SHA-256 of the text in lower-case hexadecimal digits.
    package var digest: String { Digests.sha256(Array(text.utf8).span).description }

    /// Takes up a text that was kept.
    package init(text: String) { self.text = text }

    /// What changed on the way from `self` to `other`, sorted by path; empty when the fingerprints are equal.
    package func differences(to other: SpecFingerprint) -> [Difference] {
        let (old, new) = (fields, other.fields)
        return Set(old.keys).union(new.keys).sorted().compactMap { path in
            old[path] == new[path] ? nil : Difference(path: path, old: old[path], new: new[path])
        }
    }

    private var fields: [String: String] {
        let lines = text.split(separator: "\n").map { $0.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false) }
        return Dictionary(lines.map { (String($0[0]), String($0.dropFirst().first ?? "")) }) { _, last in last }
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

extension MigrationSpec {
    /// The canonical text of everything in this spec that shapes items.
    package var fingerprint: SpecFingerprint {
        var fields: [String: String] = ["form": "1", "duplicates": duplicates.rawValue]
        func put(_ path: String, _ value: String?) { fields[path] = value }

        put("source.delimiter", quoted(String(UnicodeScalar(source.delimiter))))
        put("source.null", source.nullTexts.map { quoted($0.sorted()) } ?? "an unquoted empty cell")
        put("source.header", "\(source.hasHeader)")
        put("source.columns", source.columns.map(quoted))

        put("key.hash.attribute", quoted(key.hash.name))
        put("key.range.attribute", key.range.map { quoted($0.name) })
        fields.merge(Self.salt(key.salt, at: "key.hash.salt")) { $1 }
        for (attribute, path) in zip(allAttributes, ["key.hash"] + (key.range.map { _ in ["key.range"] } ?? [])) {
            fields.merge(Self.attribute(attribute, at: path)) { $1 }
        }
        for attribute in attributes {
            fields.merge(Self.attribute(attribute, at: SpecNode.path("attributes", escaped(attribute.name)))) { $1 }
        }
        for index in indexes {
            let path = "indexes.\(index.name)"
            put("\(path).hash.attribute", quoted(index.hash))
            put("\(path).range.attribute", index.range.map(quoted))
            put("\(path).hash.salt.into", index.into.map(quoted))
            fields.merge(Self.salt(index.salt, at: "\(path).hash.salt")) { $1 }
        }
        return SpecFingerprint(text: fields.sorted { $0.key < $1.key }.map { "\($0.key)\t\($0.value)\n" }.joined())
    }

    private static func salt(_ salt: SpecSalt?, at path: String) -> [String: String] {
        guard let salt else { return [:] }
        return [
            "\(path).shards": "\(salt.recipe.shards)", "\(path).separator": quoted(salt.recipe.separator), "\(path).by": quoted(salt.by),
        ]
    }

    private static func attribute(_ attribute: SpecAttribute, at path: String) -> [String: String] {
        var fields = ["\(path).type": attribute.type.rawValue]
        switch attribute.value {
        case .column(let name): fields["\(path).from"] = quoted(name)
        case .template(let template): fields["\(path).template"] = quoted(template.text)
        case .constant(let text): fields["\(path).constant"] = quoted(text)
        }
        if attribute.null != .omit, attribute.null != .reject || !path.hasPrefix("key.") {
            fields["\(path).null"] = attribute.null.rawValue
        }
        switch attribute.type {
        case .B, .BS: fields["\(path).encoding"] = attribute.encoding.rawValue
        case .BOOL:
            let usual = AttributeMapping(name: "", type: .BOOL, source: .constant(""))
            fields["\(path).true"] = quoted((attribute.trueTexts ?? usual.trueTexts).map { $0.lowercased() }.sorted())
            fields["\(path).false"] = quoted((attribute.falseTexts ?? usual.falseTexts).map { $0.lowercased() }.sorted())
        default: break
        }
        if [.SS, .NS, .BS].contains(attribute.type) { fields["\(path).separator"] = quoted(attribute.separator) }
        return fields
    }
}

/// A text as JSON, which leaves neither tabs nor line ends in it.
private func quoted(_ text: String) -> String {
    var output: [UInt8] = []
    JSONText.appendQuoted(text, to: &output)
    return String(decoding: output, as: UTF8.self)
}

private func quoted(_ texts: [String]) -> String { "[" + texts.map(quoted).joined(separator: ",") + "]" }

/// A name whose control characters could not be told from the text's own tabs and line ends, as JSON has it without its quotes.
private func escaped(_ name: String) -> String { String(quoted(name).dropFirst().dropLast()) }
