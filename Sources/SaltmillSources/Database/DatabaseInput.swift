/// A live database's table or query that has been looked at and not read yet.
package struct DatabaseInput: Sendable {
    /// What a column's texts are made of.
    package enum Alphabet: Sendable, Equatable {
        /// Whole numbers in their one form.
        case integer
        /// Other numbers, which may be written in several ways.
        case number
        /// Digits and `-:.+TZ`.
        case moment
        case any
    }

    package let selection: DatabaseSelection
    /// How many rows the database thinks the table has; nil for queries.
    package let estimatedRows: Int?
    /// Those of the table; none of a query.
    package let foreignKeys: [SourceTable.ForeignKey]
    let database: LiveDatabase
    let query: RowQuery

    /// Asks the database for columns and keys.
    /// - Throws: ``SourceError`` when there is no such table or rows cannot be told apart; ``SourcePause``.
    package init(_ selection: DatabaseSelection) throws {
        self.selection = selection
        database = LiveDatabase(selection.url, selection.options)
        query = try RowQuery(database, selection.rows, key: selection.key)
        switch selection.rows {
        case .table(let name):
            let table = try selection.url.table(name, in: database)
            (estimatedRows, foreignKeys) = (table.estimatedRows, table.foreignKeys)
        case .query: (estimatedRows, foreignKeys) = (nil, [])
        }
    }

    /// Names of the columns, in the order of a batch's cells.
    package var columns: [String] { query.columns.map(\.name) }

    /// The columns that rows are read by, then every other set of columns that no two rows agree in.
    package var keys: [[String]] { [query.keyColumns] + query.otherKeys }

    /// What each column's texts are made of.
    package var alphabets: [String: Alphabet] {
        var alphabets: [String: Alphabet] = [:]
        for column in query.columns {
            alphabets[column.name] =
                switch column.kind {
                case .number: column.key == .signed || column.key == .unsigned ? .integer : .number
                case .single: .number
                case .bits: .integer
                case .date, .localTime, .instant: .moment
                case .boolean, .text, .bytes, .hexadecimal, .document: .any
                }
        }
        return alphabets
    }

    /// Counts the rows, which may read all of them.
    /// - Throws: ``SourceError``, ``SourcePause``.
    package func count() throws -> Int {
        let rows = try LiveDatabase(selection.url, selection.options.patient).ask { try $0.rows(query.counting) }
        return rows.first?.first.flatMap { $0.flatMap { Int($0) } } ?? 0
    }

    /// Fixes the ranges to read, or takes those up that were fixed before.
    /// - Parameter folder: where they, and keys if need be, are kept from one run to the next; it must exist.
    /// - Throws: ``SourceError``, ``SourcePause``.
    package func source(keptIn folder: String) throws -> DatabaseSource { try DatabaseSource(self, folder: folder) }
}
