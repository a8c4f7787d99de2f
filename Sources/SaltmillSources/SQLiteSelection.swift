import SaltmillBytes

/// Which rows of a SQLite database to read.
package enum SQLiteSelection: Sendable, Equatable {
    /// A table that has rowids.
    case table(String)
    /// A query, and the column of its result that numbers the rows: whole numbers from 0 on, each once.
    case query(String, key: String)

    /// Opens the database at `path`.
    /// - Throws: ``SourceError``.
    package func open(path: String) throws(SourceError) -> any RecordInput {
        try SQLiteInput(path: path, self)
    }

    /// Everything about the selection that shapes rows, as compact JSON.
    func shape(columns: [String]) -> String {
        let columns = JSONValue.array(columns.map { .string($0) })
        let value: JSONValue =
            switch self {
            case .table(let table): ["sqlite": .string(table), "columns": columns]
            case .query(let query, let key): ["sqlite": .string(query), "key": .string(key), "columns": columns]
            }
        return String(decoding: value.bytes, as: UTF8.self)
    }
}
