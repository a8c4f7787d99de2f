import SaltedKeys
import SaltmillBytes
import SaltmillItems
import SaltmillSources

extension MigrationSpec {
    /// The canonical text of everything in this spec that shapes items.
    package var fingerprint: SpecFingerprint {
        var fields = CanonicalFields()
        fields.put("form", "1")
        fields.put("duplicates", duplicates.rawValue)
        fields.put(source)
        // What is no column of theirs is rejected.
        if case .jsonLines = source.content {
            fields.put("source.columns", quoted(namedColumns.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }))
        }
        fields.put(key)
        for attribute in attributes { fields.put(attribute, at: SpecNode.path("attributes", escaped(attribute.name))) }
        for index in indexes {
            let path = "indexes.\(index.name)"
            fields.put("\(path).hash.attribute", quoted(index.hash))
            fields.put("\(path).range.attribute", index.range.map(quoted))
            fields.put("\(path).hash.salt.into", index.into.map(quoted))
            fields.put(index.salt, at: "\(path).hash.salt")
        }
        fields.put(maskSecret, allAttributes)
        return fields.fingerprint
    }

    /// The canonical text of how logical primary keys are made from rows: what of ``fingerprint`` a survey for duplicates depends on.
    package var keyFingerprint: SpecFingerprint {
        var fields = CanonicalFields()
        fields.put("form", "1")
        var unsalted = key
        unsalted.salt = nil
        fields.put(unsalted)
        fields.put(maskSecret, [key.hash] + (key.range.map { [$0] } ?? []))
        return fields.fingerprint
    }
}

/// The lines of a fingerprint.
private struct CanonicalFields {
    private var lines: [(path: String, value: String)] = []

    var fingerprint: SpecFingerprint {
        let sorted = lines.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        return SpecFingerprint(text: sorted.map { "\($0.path)\t\($0.value)\n" }.joined())
    }

    mutating func put(_ path: String, _ value: String?) {
        if let value { lines.append((path, value)) }
    }

    mutating func put(_ source: FileSource) {
        switch source.content {
        case .csv(let format):
            put("source.delimiter", quoted(String(UnicodeScalar(format.delimiter))))
            put("source.null", quoted(format.nulls.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }))
            put("source.columns", format.columns.map(quoted) ?? "from the header")
        case .jsonLines(let isTyped): put("source.format", isTyped ? "dynamodb-json" : "jsonl")
        case .sqlite(.table(let table)): put("source.table", quoted(table))
        case .sqlite(.query(let query, let key)):
            put("source.query", quoted(query))
            put("source.key", quoted(key))
        case .database(let selection):
            switch selection.rows {
            case .table(let table): put("source.table", quoted(table))
            case .query(let query): put("source.query", quoted(query))
            }
            put("source.key", selection.key.isEmpty ? nil : quoted(selection.key))
            put("source.zone", selection.zone.isEmpty ? nil : quoted(selection.zone))
        }
    }

    /// The masks in force, with what tells their secret from another.
    mutating func put(_ secret: MaskSecret?, _ attributes: [SpecAttribute]) {
        let masked = attributes.filter { $0.mask != nil }
        guard let secret, !masked.isEmpty else { return }
        put("masks.secret", secret.checkValue)
        for attribute in masked { put("masks.\(escaped(attribute.name))", attribute.mask?.rawValue) }
    }

    mutating func put(_ key: PrimaryKey) {
        put("key.hash.attribute", quoted(key.hash.name))
        put(key.hash, at: "key.hash")
        put(key.salt, at: "key.hash.salt")
        put("key.range.attribute", key.range.map { quoted($0.name) })
        if let range = key.range { put(range, at: "key.range") }
    }

    mutating func put(_ salt: SpecSalt?, at path: String) {
        guard let salt else { return }
        put("\(path).shards", "\(salt.recipe.shards)")
        put("\(path).separator", quoted(salt.recipe.separator))
        put("\(path).by", quoted(salt.by))
    }

    mutating func put(_ attribute: SpecAttribute, at path: String) {
        put("\(path).type", attribute.type.rawValue)
        switch attribute.value {
        case .column(let name): put("\(path).from", quoted(name))
        case .template(let template): put("\(path).template", quoted(template.text))
        case .constant(let text): put("\(path).constant", quoted(text))
        }
        put("\(path).null", attribute.null.rawValue)
        if [.B, .BS].contains(attribute.type) { put("\(path).encoding", attribute.encoding.rawValue) }
        if [.SS, .NS, .BS].contains(attribute.type) { put("\(path).separator", quoted(attribute.separator)) }
        if attribute.type == .BOOL {
            put("\(path).true", quoted(attribute.trueTexts.map { $0.lowercased() }.sorted()))
            put("\(path).false", quoted(attribute.falseTexts.map { $0.lowercased() }.sorted()))
        }
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
