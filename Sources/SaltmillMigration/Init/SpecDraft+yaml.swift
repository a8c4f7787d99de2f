import SaltmillItems
import SaltmillSources

extension SpecDraft {
    /// The spec's text.
    /// - Parameters:
    ///   - schema: where editors find the spec's JSON Schema.
    ///   - date: the day of the draft, e.g. `2026-11-21`.
    package func yaml(schema: String, date: String) -> String {
        (header(schema, date) + source + target + keySection + attributeSection + ending).joined(separator: "\n") + "\n"
    }

    private func header(_ schema: String, _ date: String) -> [String] {
        var lines = [
            "# yaml-language-server: $schema=\(schema)", "#",
            "# Drafted by saltmill init on \(date). Read it through: what needs a person's decision is marked CHECK.",
        ]
        if let comment = table.comment { lines += ["#", "# \(SpecText.comment(comment))"] }
        if let rows = table.estimatedRows {
            let size = table.averageRowLength.map { ", \($0) bytes each on average" } ?? ""
            lines += ["#", "# The source estimates \(rows) rows\(size); `saltmill plan` says what they cost and how long they take."]
        }
        for key in table.foreignKeys {
            let columns = key.columns.map { "`\($0)`" }.joined(separator: ", ")
            lines.append(
                "# Foreign key: \(columns) → \(SpecText.comment(key.otherTable)), on delete \(key.onDelete), on update \(key.onUpdate).")
            if key.isCascading { lines.append("#   CHECK: rows that the database changes this way fire no trigger in MySQL and MariaDB.") }
        }
        return lines + ["version: 1", "job: \(SpecText.scalar(name))"]
    }

    private var source: [String] {
        var lines: [String]
        switch place {
        case .file(let path, let nulls):
            let null = nulls.isEmpty ? "" : ", null: [\(nulls.map(SpecText.quoted).joined(separator: ", "))]"
            return ["source: { file: \(SpecText.scalar(path))\(null) }"]
        case .sqlite(let path): lines = ["source:", "  sqlite: \(SpecText.scalar(path))", "  table: \(SpecText.scalar(table.name))"]
        case .server(let url):
            lines = ["source:", "  url: \(SpecText.verbatim(url))", "  table: \(SpecText.scalar(table.name))"]
            if let key = uniqueKey { lines.append("  key: [\(key.map(SpecText.scalar).joined(separator: ", "))]") }
        }
        lines.append(
            "  columns:                            # what it looks like now: a load stops when that has changed, and `saltmill diff` says how"
        )
        return lines + columns.map { "    \(SpecText.scalar($0.name)): \(SpecText.scalar($0.declared))" }
    }

    private var target: [String] {
        [
            "target: { table: \(SpecText.scalar(name)), create: { billing: on-demand } }      # CHECK: or { billing: provisioned, write: 1000, read: 200 }"
        ]
    }

    // MARK: Keys

    private var keySection: [String] {
        var lines = [""] + key.reasons.map { "# \($0)" } + ["key:"]
        var hash = ["attribute: \(SpecText.scalar(key.hash))", "type: \(key.shards == nil ? keyType(key.hash) : "S")"]
        hash += description(key.hash, isKey: true)
        if let shards = key.shards { hash.append("salt: { shards: \(shards), by: [\(SpecText.scalar(rangeName))] }") }
        lines.append("  hash:  { \(hash.joined(separator: ", ")) }")
        switch key.range.count {
        case 0: break
        case 1:
            let parts =
                ["attribute: \(SpecText.scalar(key.range[0]))", "type: \(keyType(key.range[0]))"] + description(key.range[0], isKey: true)
            lines.append("  range: { \(parts.joined(separator: ", ")) }")
        default:
            let template = key.range.map { "{\($0)}" }.joined(separator: "#")
            lines.append("  range: { attribute: \(rangeName), template: \(SpecText.quoted(template)), type: S }")
        }
        return lines
    }

    private func keyType(_ column: String) -> String { (columns.first { $0.name == column }?.keyType ?? .S).rawValue }

    /// What the range key's attribute is called.
    private var rangeName: String {
        guard key.range.count > 1 else { return key.range.first ?? "" }
        let names = Set(columns.map(\.name))
        return ["sort", "sort_key", "saltmill_sort"].first { !names.contains($0) } ?? "sort_\(names.count)"
    }

    // MARK: Attributes

    private var attributeSection: [String] {
        // Columns that went into a composed range key are kept as attributes of their own too.
        let keys = [key.hash] + (key.range.count == 1 ? key.range : [])
        let rest = columns.filter { !keys.contains($0.name) }
        guard !rest.isEmpty else { return [] }
        return ["", "attributes:"]
            + rest.map { column in
                let fields = ["type: \(SpecText.scalar(column.type.rawValue))"] + description(column.name, isKey: false)
                var notes: [String] = []
                if column.comment == nil { notes.append("CHECK: what does it mean? say so under about") }
                if column.mask != nil { notes.append("CHECK: personal, by its name") }
                if column.type == .M { notes.append("CHECK: L where the JSON is an array") }
                let line = "  \(SpecText.scalar(column.name)): { \(fields.joined(separator: ", ")) }"
                return notes.isEmpty ? line : "\(line)      # \(notes.joined(separator: "; "))"
            }
    }

    /// What is said of a column beside its type.
    private func description(_ name: String, isKey: Bool) -> [String] {
        guard let column = columns.first(where: { $0.name == name }) else { return [] }
        var fields: [String] = []
        if let mask = column.mask, !isKey || mask.isInjective { fields += ["personal: true", "mask: \(mask.rawValue)"] }
        if let comment = column.comment { fields.append("about: \(SpecText.quoted(SpecText.comment(comment)))") }
        return fields
    }

    private var ending: [String] {
        [
            "",
            "rate: { ceiling: 500/s }            # CHECK: what the table and the source can spare; 80% of a provisioned table, windows by day and hour",
        ]
    }
}
