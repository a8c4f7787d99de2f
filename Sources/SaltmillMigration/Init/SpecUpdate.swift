package import SaltmillSources

/// Takes a source's changes over into a spec that people have written in: line by line, so that all else stays as it is.
package struct SpecUpdate: Sendable {
    /// The spec's new text.
    package private(set) var text: String
    /// What was done, and what is left to a person.
    package private(set) var notes: [String] = []

    private var lines: [String]
    private let spec: MigrationSpec

    /// - Parameters:
    ///   - text: the spec's text as it is.
    ///   - spec: what it says.
    ///   - table: the source as it is now.
    package init(_ text: String, of spec: MigrationSpec, to table: SourceTable) {
        self.text = text
        self.spec = spec
        lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
        let drift = SchemaDrift(from: spec.source.recorded ?? [], to: table.columns)
        if spec.source.recorded != nil, drift.isEmpty { return }
        // From the end to the beginning, so that the places of what is still to be done stay right.
        let known = Set(spec.namedColumns)
        let new = table.columns.filter { !known.contains($0.name) }
        let gone = spec.allAttributes.filter { attribute in
            attribute.columns.contains { column in !table.columns.contains { $0.name == column } }
        }
        for attribute in gone {
            notes.append("`\(attribute.name)` is made from a column that is gone; take it out, or say what else it is made from")
        }
        for column in spec.dropped where !table.columns.contains(where: { $0.name == column }) {
            notes.append("the column `\(column)` under `drop` is gone; take it out")
        }
        for case .retyped(let name, let from, let to) in drift.changes {
            notes.append("`\(name)` was \(from) and is \(to); check the types of the attributes made from it")
        }
        add(new)
        record(table.columns)
        self.text = lines.joined(separator: text.contains("\r\n") ? "\r\n" : "\n")
    }

    /// Describes new columns at the end of the attributes.
    private mutating func add(_ columns: [SourceTable.Column]) {
        guard !columns.isEmpty else { return }
        let margin = String(repeating: " ", count: indentation(ofFieldsOf: "attributes") ?? 2)
        let entries = columns.map { column -> String in
            let about = column.comment.map { ", about: \(SpecText.quoted(SpecText.comment($0)))" } ?? ""
            let note = column.comment == nil ? "      # CHECK: new in the source; what does it mean?" : "      # CHECK: new in the source"
            notes.append("the column `\(column.name)` (\(column.type)) is new; it is described under `attributes`, or move it to `drop`")
            return "\(margin)\(SpecText.scalar(column.name)): { type: \(SpecText.scalar(column.suggestedType))\(about) }\(note)"
        }
        if let end = blockEnd(of: "attributes", indentation: 0) {
            lines.insert(contentsOf: entries, at: end)
        } else if lines.contains(where: { $0.hasPrefix("attributes:") }) {
            notes.append("`attributes` stands on one line; write it over several, and new columns can be added")
        } else {
            lines.insert(contentsOf: ["", "attributes:"] + entries, at: lines.last == "" ? lines.count - 1 : lines.count)
        }
    }

    /// Writes the columns down as they are now.
    private mutating func record(_ columns: [SourceTable.Column]) {
        let indentation = self.indentation(ofFieldsOf: "source") ?? 2
        let margin = String(repeating: " ", count: indentation)
        let entries = columns.map { "\(margin)  \(SpecText.scalar($0.name)): \(SpecText.scalar($0.type))" }
        if let start = lines.firstIndex(where: { $0.hasPrefix("\(margin)columns:") }),
            let end = blockEnd(of: "columns", indentation: indentation)
        {
            lines.replaceSubrange((start + 1)..<end, with: entries)
        } else if let end = blockEnd(of: "source", indentation: 0) {
            lines.insert(contentsOf: ["\(margin)columns:"] + entries, at: end)
        } else {
            notes.append("`source` stands on one line; write it over several, and the columns can be put on record")
            return
        }
        notes.append("the source's columns are on record as they are now")
    }

    /// The indentation of what belongs to a field of the top level that is written over several lines.
    private func indentation(ofFieldsOf field: String) -> Int? {
        guard let start = lines.firstIndex(where: { $0.hasPrefix("\(field):") }) else { return nil }
        let first = lines[(start + 1)...].first { !$0.withoutMargin.isEmpty && !$0.withoutMargin.hasPrefix("#") }
        guard let first, first.hasPrefix(" ") else { return nil }
        return first.prefix { $0 == " " }.count
    }

    /// Where the lines end that belong to a field; nil where it is on one line, or not there.
    private func blockEnd(of field: String, indentation: Int) -> Int? {
        let margin = String(repeating: " ", count: indentation)
        guard let start = lines.firstIndex(where: { $0.hasPrefix("\(margin)\(field):") }) else { return nil }
        var end = start + 1
        while end < lines.count {
            let content = lines[end].withoutMargin
            if !content.isEmpty, lines[end].prefix(while: { $0 == " " }).count <= indentation { break }
            end += 1
        }
        while end > start + 1, lines[end - 1].withoutMargin.isEmpty { end -= 1 }
        return end > start + 1 ? end : nil
    }
}

extension String {
    fileprivate var withoutMargin: Substring {
        drop { $0 == " " || $0 == "\t" || $0 == "\r" }
    }
}
