import SaltmillItems
package import SaltmillSources

/// A migration spec written from what a source says of itself: complete, valid, and with every choice that needs a person marked.
package struct SpecDraft: Sendable {
    /// Where the rows are.
    package enum Place: Sendable, Equatable {
        /// A database on a server: its URL as the spec will have it.
        case server(url: String)
        case sqlite(path: String)
        /// A CSV file, and texts that mean null in it.
        case file(path: String, nulls: [String])
    }

    /// The job's and the target's name.
    package let name: String
    let place: Place
    let table: SourceTable
    let key: KeyChoice
    let columns: [DraftColumn]

    /// Why no draft can be made.
    package struct Impossible: Error, CustomStringConvertible {
        package var description: String
    }

    /// - Throws: ``Impossible`` for a table without columns or without a key.
    package init(_ table: SourceTable, at place: Place, sample: SourceSample?) throws(Impossible) {
        try self.init(table, at: place, sample: sample, key: nil)
    }

    /// - Parameter guess: columns that tell the sample's rows apart, for a source that knows no keys.
    init(_ table: SourceTable, at place: Place, sample: SourceSample?, key guess: [String]?) throws(Impossible) {
        guard !table.columns.isEmpty else { throw Impossible(description: "\(table.name) has no columns that this user may see") }
        let nullable = Set(table.columns.filter(\.isNullable).map(\.name))
        let unique = table.uniqueKeys.first { !$0.columns.contains(where: nullable.contains) }
        guard let key = table.primaryKey?.columns ?? unique?.columns ?? guess else {
            throw Impossible(
                description:
                    "\(table.name) has neither a primary key nor a unique key without nulls, so its rows cannot be told apart; add one")
        }
        var statistics: [String: ColumnStatistics] = [:]
        if let sample { statistics = Dictionary(zip(sample.columns, ColumnStatistics.all(sample.rows))) { first, _ in first } }
        self.table = table
        self.place = place
        name = Self.name(of: table.name)
        let evidence: KeyChoice.Evidence =
            table.primaryKey != nil ? .primaryKey : unique != nil ? .uniqueKey : .sample(rows: sample?.rows.records.count ?? 0)
        self.key = KeyChoice(key, evidence, statistics: statistics, rows: table.estimatedRows ?? sample?.rows.records.count)
        columns = table.columns.map { DraftColumn($0, statistics[$0.name]) }
    }

    /// A table's name, as a job and a target may be called.
    private static func name(of table: String) -> String {
        let name = String(table.map { $0.isASCII && ($0.isLetter || $0.isNumber || "_.-".contains($0)) ? $0 : "-" }.prefix(64))
        // Names of tables have at least three characters (Amazon DynamoDB Developer Guide, Naming rules).
        return name.count < 3 ? name + String(repeating: "_", count: 3 - name.count) : name
    }

    /// The unique key to read by, where it is not the primary one.
    var uniqueKey: [String]? { table.primaryKey == nil ? [key.hash] + key.range : nil }
}

/// A column of a draft.
struct DraftColumn: Sendable, Equatable {
    var name: String
    var type: AttributeType
    var declared: String
    var comment: String?
    var isNullable: Bool
    var mask: Mask?

    init(_ column: SourceTable.Column, _ statistics: ColumnStatistics?) {
        name = column.name
        type = AttributeType(rawValue: column.suggestedType) ?? .S
        declared = column.type
        comment = column.comment
        isNullable = column.isNullable || (statistics?.nulls ?? 0) > 0
        mask = PersonalNames.mask(column.name, type)
    }

    /// The type that the column has as a key.
    var keyType: AttributeType { [.S, .N, .B].contains(type) ? type : .S }
}
