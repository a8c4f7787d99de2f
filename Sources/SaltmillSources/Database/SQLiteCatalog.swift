import GRDBSQLite
import Synchronization

/// What a SQLite database knows of its tables.
struct SQLiteCatalog: SourceCatalog {
    /// SQLite's handle, which has no tie to a thread, and which only the lock's holder reaches.
    private struct Connection: ~Copyable, @unchecked Sendable {
        var handle: OpaquePointer?

        deinit { sqlite3_close_v2(handle) }
    }

    private final class Shared: Sendable {
        let connection = Mutex(Connection())
    }

    private let path: String
    private let shared = Shared()
    private let dialect = PostgreSQLDialect()

    var name: String { path }

    init(path: String) throws(SourceError) {
        self.path = path
        _ = try InputFile(path: path)
        try shared.connection.withLock { connection throws(SourceError) in
            guard sqlite3_open_v2(path, &connection.handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK else {
                throw SourceError(.open, "\(path) cannot be opened: \(Self.words(connection.handle))")
            }
            sqlite3_busy_timeout(connection.handle, 10_000)
        }
    }

    func tables() throws -> [String] {
        try rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")
            .compactMap { $0[0] }
    }

    func table(_ name: String) throws -> SourceTable {
        let literal = dialect.literal(name)
        var table = SourceTable(name: name)
        let columns = try rows(
            "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_xinfo(\(literal)) WHERE hidden <> 1 ORDER BY cid")
        guard !columns.isEmpty else { throw SourceError(.open, "\(path) has no table \(name)") }
        table.columns = columns.map { row in
            var column = SourceTable.Column(name: row[0] ?? "", type: row[1] ?? "", isNullable: row[2] == "0")
            column.defaultValue = row[3]
            return column
        }
        let key = columns.filter { $0[4] != "0" }.sorted { (Int($0[4] ?? "") ?? 0) < (Int($1[4] ?? "") ?? 0) }.compactMap { $0[0] }
        if !key.isEmpty { table.primaryKey = SourceTable.Key(name: "PRIMARY", columns: key) }
        for index in try rows(
            "SELECT name FROM pragma_index_list(\(literal)) WHERE \"unique\" AND origin <> 'pk' AND NOT partial ORDER BY seq")
        {
            let columns = try rows("SELECT name FROM pragma_index_info(\(dialect.literal(index[0] ?? ""))) ORDER BY seqno").map { $0[0] }
            // A part of an index that is an expression has no name.
            guard !columns.contains(nil) else { continue }
            table.uniqueKeys.append(SourceTable.Key(name: index[0] ?? "", columns: columns.compactMap { $0 }))
        }
        for part in try rows(
            "SELECT id, \"table\", \"from\", \"to\", on_delete, on_update FROM pragma_foreign_key_list(\(literal)) ORDER BY id, seq")
        {
            let name = "foreign key \(part[0] ?? "")"
            if table.foreignKeys.last?.name != name {
                table.foreignKeys.append(
                    SourceTable.ForeignKey(
                        name: name, columns: [], otherTable: part[1] ?? "", otherColumns: [], onDelete: part[4] ?? "",
                        onUpdate: part[5] ?? ""))
            }
            table.foreignKeys[table.foreignKeys.count - 1].columns.append(part[2] ?? "")
            if let column = part[3] { table.foreignKeys[table.foreignKeys.count - 1].otherColumns.append(column) }
        }
        // Exact unless rows were deleted or have numbers of their own; counting would read the whole table.
        table.estimatedRows = try? rows("SELECT max(rowid) FROM \(dialect.quoted(name))").first?[0].flatMap { Int($0) }
        return table
    }

    func sample(_ table: String, rows: Int) throws -> SourceSample {
        let database = try SQLiteDatabase(path: path, .table(table))
        var sample = SourceSample(columns: database.columns, rows: RowBatch(columnCount: database.columns.count))
        guard let keys = try database.keys(), rows > 0 else { return sample }
        let (low, high) = (UInt64(keys.lowerBound), UInt64(keys.upperBound))
        let points = UInt64(KeySpace.points(for: rows))
        var next = low
        for point in 0..<points where sample.rows.records.count < rows {
            // Not before the last row that was taken.
            let start = max(next, low + (high - low) / points * point)
            guard start <= high else { break }
            let upTo = min(sample.rows.records.count + KeySpace.rows(at: Int(point), of: Int(points), in: rows), rows)
            try database.read(from: start, through: high, into: &sample.rows, maximumRows: upTo, maximumBytes: .max)
            next = (sample.rows.records.last?.locator.offset ?? start) + 1
        }
        return sample
    }

    private func rows(_ statement: String) throws(SourceError) -> [[String?]] {
        let path = path
        return try shared.connection.withLock { connection throws(SourceError) in
            var prepared: OpaquePointer?
            defer { sqlite3_finalize(prepared) }
            guard sqlite3_prepare_v2(connection.handle, statement, -1, &prepared, nil) == SQLITE_OK else {
                throw SourceError(.read, "\(path) cannot be read: \(Self.words(connection.handle))")
            }
            var rows: [[String?]] = []
            while true {
                let code = sqlite3_step(prepared)
                if code == SQLITE_DONE { return rows }
                guard code == SQLITE_ROW else { throw SourceError(.read, "\(path) cannot be read: \(Self.words(connection.handle))") }
                rows.append((0..<sqlite3_column_count(prepared)).map { sqlite3_column_text(prepared, $0).map { String(cString: $0) } })
            }
        }
    }

    private static func words(_ handle: OpaquePointer?) -> String {
        sqlite3_errmsg(handle).map { String(cString: $0) } ?? "SQLite has no memory left"
    }
}
