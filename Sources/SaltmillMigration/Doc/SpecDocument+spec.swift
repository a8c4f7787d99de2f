import SaltedKeys
import SaltmillDynamoDB
import SaltmillItems

/// What is known of a source's column beside its name.
package struct ColumnFacts: Sendable, Equatable {
    package var name: String
    /// The type as the source declares it.
    package var type: String?
    /// The source's own comment on it.
    package var comment: String?

    package init(name: String, type: String? = nil, comment: String? = nil) {
        self.name = name
        self.type = type
        self.comment = comment
    }
}

extension SpecDocument {
    /// Describes what a migration makes of its source's columns, for whoever reads the table afterwards.
    /// - Parameters:
    ///   - columns: the source's columns in their order.
    ///   - rejects: how many rows were rejected, by reason; empty where no load has been run.
    package init(_ spec: MigrationSpec, columns: [ColumnFacts], rejects: [String: Int] = [:]) {
        title = "\(spec.target.table): what each column became"
        undescribed = []
        blocks = [
            .paragraph([
                .text("Rows of "), .code(spec.source.name), .text(" become items of the table "), .code(spec.target.table),
                .text(". Written from the migration spec of the job "), .code(spec.job), .text("."),
            ])
        ]
        blocks.append(.heading("Columns"))
        var rows: [DocumentBlock.Row] = []
        for column in columns { rows += self.rows(of: column, spec) }
        let hasFacts = columns.contains { $0.type != nil || $0.comment != nil }
        blocks.append(
            hasFacts
                ? .table(head: ["Column", "In the source", "Became", "Type", "Meaning"], rows: rows)
                : .table(
                    head: ["Column", "Became", "Type", "Meaning"],
                    rows: rows.map { .init(cells: $0.cells.removing(1), isIncomplete: $0.isIncomplete) }))
        if !undescribed.isEmpty {
            let count = undescribed.count
            blocks.append(
                .paragraph([
                    .warning(count == 1 ? "1 column has no description." : "\(count) columns have no description."),
                    .text(" Say what they mean with "), .code("about"),
                    .text(" in the spec: columns whose meaning is guessed are the ones misread."),
                ]))
        }
        let constants = spec.allAttributes.filter { $0.columns.isEmpty }
        if !constants.isEmpty {
            blocks += [
                .heading("Attributes that no column fills"),
                .table(
                    head: ["Attribute", "Type", "Value", "Meaning"],
                    rows: constants.map {
                        .init(cells: [[.code($0.name)], [.code($0.type.rawValue)], Self.value(of: $0), Self.text($0.about)])
                    }),
            ]
        }
        blocks += Self.keys(spec)
        blocks += Self.rejections(spec, rejects)
    }

    // MARK: Columns

    /// One line for each attribute that a column goes into, or one that says that it goes nowhere.
    private mutating func rows(of column: ColumnFacts, _ spec: MigrationSpec) -> [DocumentBlock.Row] {
        let facts = Self.facts(column)
        let uses = spec.allAttributes.filter { $0.columns.contains(column.name) }
        guard !uses.isEmpty else {
            return [.init(cells: [[.code(column.name)], facts, [.text("left out")], [], Self.text(column.comment)])]
        }
        let isDescribed = uses.contains { $0.about != nil }
        if !isDescribed { undescribed.append(column.name) }
        return uses.map { attribute in
            .init(
                cells: [
                    [.code(column.name)], facts, Self.becoming(attribute), Self.type(attribute),
                    attribute.about.map { [.text($0)] } ?? (isDescribed ? [] : [.warning("no description")]),
                ], isIncomplete: !isDescribed)
        }
    }

    private static func facts(_ column: ColumnFacts) -> [DocumentBlock.Span] {
        let comment = column.comment.flatMap { $0.isEmpty ? nil : $0 }
        return (column.type.map { [.code($0)] } ?? []) + (comment.map { [.text(column.type == nil ? $0 : ": \($0)")] } ?? [])
    }

    private static func text(_ text: String?) -> [DocumentBlock.Span] { text.map { [.text($0)] } ?? [] }

    private static func becoming(_ attribute: SpecAttribute) -> [DocumentBlock.Span] {
        guard case .template = attribute.value else { return [.code(attribute.name)] }
        return [.code(attribute.name), .text(" = ")] + value(of: attribute)
    }

    private static func value(of attribute: SpecAttribute) -> [DocumentBlock.Span] {
        switch attribute.value {
        case .column(let name): [.code(name)]
        case .constant(let text): [.code(text)]
        case .template(let template): [.code(template.text)]
        }
    }

    /// The attribute's type and how its text is read.
    private static func type(_ attribute: SpecAttribute) -> [DocumentBlock.Span] {
        var spans: [DocumentBlock.Span] = [.code(attribute.type.rawValue)]
        switch attribute.type {
        case .B: spans.append(.text(", from \(attribute.encoding.rawValue)"))
        case .SS, .NS: spans += [.text(", members separated by "), .code(attribute.separator)]
        case .BS: spans += [.text(", from \(attribute.encoding.rawValue), members separated by "), .code(attribute.separator)]
        default: break
        }
        switch attribute.null {
        case .omit: break
        case .null: spans.append(.text("; NULL where the source has null"))
        case .empty: spans.append(.text("; empty where the source has null"))
        case .reject: spans.append(.text("; never null"))
        }
        if attribute.isPersonal { spans.append(.text("; personal")) }
        if let mask = attribute.mask { spans += [.text("; masked in copies for tests: "), .code(mask.rawValue)] }
        return spans
    }
}

extension Array {
    fileprivate func removing(_ index: Int) -> Self {
        var copy = self
        copy.remove(at: index)
        return copy
    }
}
