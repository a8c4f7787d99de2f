import SaltmillDelivery
package import SaltmillSources

/// A column of a database's table as a spec has it on record.
package struct RecordedColumn: Sendable, Equatable {
    package var name: String
    /// The type as the database declared it.
    package var type: String
}

extension SpecReader {
    /// `source.columns` of a database's table: what its columns were when the spec was written.
    mutating func recordedColumns(_ node: SpecNode) -> [RecordedColumn]? {
        guard case .fields(let fields) = node.content, !fields.isEmpty else {
            mustBe("a mapping of the table's columns to their types, such as `{ id: bigint }`", node)
            return nil
        }
        return fields.compactMap { field in text(field.value).map { RecordedColumn(name: field.name, type: $0) } }
    }
}

/// What has become of a table since a spec was written.
package struct SchemaDrift: Sendable, Equatable {
    package enum Change: Sendable, Equatable {
        case added(String, type: String)
        case removed(String)
        case retyped(String, from: String, to: String)
    }
    package private(set) var changes: [Change] = []

    package init(from recorded: [RecordedColumn], to columns: [SourceTable.Column]) {
        let before = Dictionary(recorded.map { ($0.name, $0.type) }) { first, _ in first }
        let names = Set(columns.map(\.name))
        for column in columns {
            guard let type = before[column.name] else {
                changes.append(.added(column.name, type: column.type))
                continue
            }
            if type != column.type { changes.append(.retyped(column.name, from: type, to: column.type)) }
        }
        changes += recorded.filter { !names.contains($0.name) }.map { .removed($0.name) }
    }

    package var isEmpty: Bool { changes.isEmpty }
}

extension SchemaDrift.Change: CustomStringConvertible {
    /// As in a diff: `+ nickname varchar(40)`, `- age`, `~ id int → bigint`.
    package var description: String {
        switch self {
        case .added(let name, let type): "+ \(name) \(type)"
        case .removed(let name): "- \(name)"
        case .retyped(let name, let from, let to): "~ \(name) \(from) → \(to)"
        }
    }
}

extension MigrationSpec {
    /// The table that the source is, as its database describes it now; nil for files and queries.
    /// - Throws: ``JobFailure``, `SourceError`.
    package func sourceTable() throws -> SourceTable? {
        do {
            switch source.content {
            case .database(let selection):
                guard case .table(let name) = selection.rows else { return nil }
                return try selection.url.catalog(selection.options).table(name)
            case .sqlite(.table(let name)):
                return try DatabaseURL(sqlite: source.path).catalog().table(name)
            default: return nil
            }
        } catch let pause as SourcePause {
            throw JobFailure(pause)
        }
    }

    /// What has changed at the source since its columns were put on record; nil when they never were.
    /// - Throws: as ``sourceTable()``.
    package func drift() throws -> SchemaDrift? {
        guard !source.isRejectFile, let recorded = source.recorded, let table = try sourceTable() else { return nil }
        return SchemaDrift(from: recorded, to: table.columns)
    }

    /// Refuses to go on with a source that is no longer what the spec was written for.
    /// - Throws: ``JobFailure``, `SourceError`.
    package func checkDrift() throws {
        guard let drift = try drift(), !drift.isEmpty else { return }
        throw JobFailure(
            .usage,
            "\(source.name) has changed since \(origin.file) was written:\n\(drift.changes.map { "  \($0)" }.joined(separator: "\n"))\n"
                + "`saltmill init --update \(origin.file)` takes the changes over and keeps what you wrote")
    }
}
