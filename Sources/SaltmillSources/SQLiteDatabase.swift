import Glibc
import GRDBSQLite
import SaltmillBytes
import Synchronization

/// A connection that can only read, with the one statement that its rows are read by.
final class SQLiteDatabase: Sendable {
    /// SQLite's handles; used by one thread at a time because they are only reached under a lock.
    private struct Handles: ~Copyable, @unchecked Sendable {
        // Sendable because the connection and its statement have no tie to a thread, and nobody else knows them.
        var connection: OpaquePointer?
        var rows: OpaquePointer?

        deinit {
            sqlite3_finalize(rows)
            sqlite3_close_v2(connection)
        }
    }

    let path: String
    let columns: [String]
    let stamp: FileStamp
    private let selection: SQLiteSelection
    /// What rows are selected from, and what numbers them, in SQL.
    private let from: String
    private let key: String
    private let handles: Mutex<Handles>

    init(path: String, _ selection: SQLiteSelection) throws(SourceError) {
        self.path = path
        self.selection = selection
        _ = try InputFile(path: path)
        stamp = try Self.stamp(of: path)
        var handles = Handles()
        guard sqlite3_open_v2(path, &handles.connection, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK else {
            throw Self.error(.open, path, handles.connection, "cannot be opened")
        }
        sqlite3_busy_timeout(handles.connection, 10_000)
        switch selection {
        case .table(let table): from = Self.quoted(table)
        case .query(let query, _):
            let end = query.lastIndex { !$0.isWhitespace && $0 != ";" }
            // A comment at the query's end must not swallow the parenthesis.
            from = "(\(end.map { query[...$0] } ?? "")\n)"
        }
        columns = try Self.columns(handles.connection, path, "SELECT * FROM \(from) LIMIT 0")
        switch selection {
        case .query(_, let name):
            key = Self.quoted(name)
            guard columns.contains(name) else {
                throw SourceError(.header, "\(path): the query's result has no column \(name); name the one that numbers its rows")
            }
        case .table(let table):
            let used = Set(columns.map { $0.lowercased() })
            key = ["rowid", "_rowid_", "oid"].first { !used.contains($0) } ?? "rowid"
            do throws(SourceError) {
                _ = try Self.columns(handles.connection, path, "SELECT \(key) FROM \(from) LIMIT 0")
            } catch {
                throw Self.noRowids(path, table)
            }
        }
        guard Set(columns).count == columns.count else {
            throw SourceError(.header, "\(path): two columns have one name; give each a name of its own in a query")
        }
        let list = columns.map(Self.quoted).joined(separator: ", ")
        let sql = "SELECT \(key), \(list) FROM \(from) WHERE \(key) BETWEEN ?1 AND ?2 ORDER BY \(key) LIMIT ?3"
        guard sqlite3_prepare_v3(handles.connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handles.rows, nil) == SQLITE_OK else {
            throw Self.error(.header, path, handles.connection, "cannot be selected from")
        }
        self.handles = Mutex(handles)
    }

    // MARK: Rows

    /// The lowest and the highest number of a row; nil when there are no rows.
    /// - Throws: ``SourceError`` unless each row has a number from 0 on that no other row has.
    func keys() throws(SourceError) -> ClosedRange<Int64>? {
        var counts = "count(*), count(DISTINCT \(key)), sum(typeof(\(key)) <> 'integer')"
        // Where there are rowids they number the rows; to some versions views have them, all null.
        if case .table = selection { counts = "EXISTS (SELECT 1 FROM \(from)), max(\(key)) IS NOT NULL, 0" }
        let sql = "SELECT min(\(key)), max(\(key)), \(counts) FROM \(from)"
        let (key, path, selection) = (key, path, selection)
        return try handles.withLock { handles throws(SourceError) in
            var statement: OpaquePointer?
            defer { sqlite3_finalize(statement) }
            guard sqlite3_prepare_v2(handles.connection, sql, -1, &statement, nil) == SQLITE_OK, sqlite3_step(statement) == SQLITE_ROW
            else {
                throw Self.error(.read, path, handles.connection, "cannot be read")
            }
            guard sqlite3_column_type(statement, 0) != SQLITE_NULL || sqlite3_column_int64(statement, 2) > 0 else { return nil }
            guard sqlite3_column_int64(statement, 2) == sqlite3_column_int64(statement, 3), sqlite3_column_int64(statement, 4) == 0
            else {
                if case .table(let table) = selection { throw Self.noRowids(path, table) }
                throw SourceError(
                    .header,
                    "\(path): \(key) does not number the query's rows; name a column of whole numbers, each of which stands once")
            }
            let (low, high) = (sqlite3_column_int64(statement, 0), sqlite3_column_int64(statement, 1))
            guard low >= 0 else {
                throw SourceError(
                    .header,
                    "\(path): \(key) is \(low) in a row; numbers from 0 on are wanted, so read it by a `query` with such a `key`")
            }
            return low...high
        }
    }

    /// Appends the rows with these numbers as records: CSV text, of which the cells are parts.
    func read(
        from first: UInt64, through last: UInt64, into batch: inout RowBatch, maximumRows: Int, maximumBytes: Int
    ) throws(SourceError) {
        let (columnCount, path) = (columns.count, path)
        try handles.withLock { handles throws(SourceError) in
            let statement = handles.rows
            defer { sqlite3_reset(statement) }
            sqlite3_bind_int64(statement, 1, Int64(clamping: first))
            sqlite3_bind_int64(statement, 2, Int64(clamping: last))
            sqlite3_bind_int64(statement, 3, Int64(maximumRows - batch.records.count))
            while batch.bytes.count < maximumBytes {
                let code = sqlite3_step(statement)
                guard code != SQLITE_DONE else { break }
                guard code == SQLITE_ROW else { throw Self.error(.read, path, handles.connection, "cannot be read") }
                let start = batch.bytes.count
                for column in 0..<columnCount {
                    if column > 0 { batch.bytes.append(0x2C) }
                    Self.appendCell(statement, Int32(column + 1), to: &batch)
                }
                let raw = start..<batch.bytes.count
                batch.bytes.append(0x0A)
                let row = UInt64(bitPattern: sqlite3_column_int64(statement, 0))
                batch.records.append(Record(locator: RecordLocator(row: row), raw: raw))
            }
        }
        try checkUnchanged()
    }

    /// Appends a value: numbers in decimal, a text in quotes where CSV wants them, a blob in Base64.
    private static func appendCell(_ statement: OpaquePointer?, _ column: Int32, to batch: inout RowBatch) {
        var start = batch.bytes.count
        var flags: Cell.Flags = []
        switch sqlite3_column_type(statement, column) {
        case SQLITE_NULL: flags = .null
        case SQLITE_INTEGER: batch.bytes.append(contentsOf: String(sqlite3_column_int64(statement, column)).utf8)
        case SQLITE_FLOAT: batch.bytes.append(contentsOf: sqlite3_column_double(statement, column).description.utf8)
        case let type:
            let base = sqlite3_column_blob(statement, column)?.assumingMemoryBound(to: UInt8.self)
            let value = UnsafeBufferPointer(start: base, count: base == nil ? 0 : Int(sqlite3_column_bytes(statement, column)))
            let isPlain = !value.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
            guard value.isEmpty || type == SQLITE_TEXT && !isPlain else {
                if type == SQLITE_TEXT {
                    batch.bytes.append(contentsOf: value)
                } else {
                    Base64.append(encoding: value.span, to: &batch.bytes)
                }
                break
            }
            batch.bytes.append(0x22)
            start += 1
            for byte in value {
                if byte == 0x22 { batch.bytes.append(0x22) }
                batch.bytes.append(byte)
            }
            flags = batch.bytes.count - start == value.count ? .quoted : [.quoted, .escaped]
            batch.cells.append(Cell(offset: UInt32(start), length: UInt32(batch.bytes.count - start), flags: flags))
            batch.bytes.append(0x22)
            return
        }
        batch.cells.append(Cell(offset: UInt32(start), length: UInt32(batch.bytes.count - start), flags: flags))
    }

    // MARK: State

    /// - Throws: ``SourceError`` when the database was written to since it was opened.
    func checkUnchanged() throws(SourceError) {
        guard try Self.stamp(of: path) == stamp else {
            throw SourceError(.changed, "\(path) was written to while it was being read; give the job a copy that nobody writes to")
        }
    }

    /// The state of the database's file and of its write-ahead log, if that holds anything.
    private static func stamp(of path: String) throws(SourceError) -> FileStamp {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw SourceError(.read, "\(path) cannot be examined: \(SourceError.reason(errno))")
        }
        var stamp = FileStamp(status)
        if stat(path + "-wal", &status) == 0, status.st_size > 0 {
            let log = FileStamp(status)
            stamp.size += log.size
            stamp.modified = max(stamp.modified, log.modified)
        }
        return stamp
    }

    private static func columns(_ connection: OpaquePointer?, _ path: String, _ sql: String) throws(SourceError) -> [String] {
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK, statement != nil else {
            throw error(.header, path, connection, "cannot be selected from")
        }
        return (0..<sqlite3_column_count(statement)).map { sqlite3_column_name(statement, $0).map { String(cString: $0) } ?? "" }
    }

    private static func noRowids(_ path: String, _ table: String) -> SourceError {
        SourceError(
            .header,
            "\(path): \(table) has no rowids, as views and tables WITHOUT ROWID; read it by a `query` with a whole number as `key`")
    }

    private static func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }

    private static func error(_ kind: SourceError.Kind, _ path: String, _ connection: OpaquePointer?, _ what: String) -> SourceError {
        SourceError(kind, "\(path) \(what): \(sqlite3_errmsg(connection).map { String(cString: $0) } ?? "SQLite has no memory left")")
    }
}
