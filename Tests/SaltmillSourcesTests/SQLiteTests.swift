import GRDBSQLite
import Glibc
import SaltmillBytes
import SaltmillSources
import Testing

@Suite struct SQLiteTests {
    let folder = TestFolder()

    private var path: String { folder.path + "/old.db" }

    private func records(_ sql: String, _ selection: SQLiteSelection = .table("t")) throws -> [TakenRecord] {
        try TestDatabase(path).run(sql)
        return try RecordSource(unsurveyed: SQLiteInput(path: path, selection)).records()
    }

    @Test func everyStorageClassIsText() throws {
        let records = try records(
            """
            CREATE TABLE t (a); INSERT INTO t VALUES (NULL), (0), (-9223372036854775808), (0.1), (1e300), (-2.0), (1e16), (5e-324), ('x,"y"'),
            (''), ('línea'), (x'00FF10'), (x''), (9e999)
            """)
        let texts = [
            nil, "0", "-9223372036854775808", "0.1", "1e+300", "-2.0", "1e+16", "5e-324", "x,\"y\"", "", "línea", "AP8Q", "", "inf",
        ]
        #expect(records.map { $0.values[0] } == texts)
        #expect(records.map { String(decoding: $0.raw, as: UTF8.self) }[8] == "\"x,\"\"y\"\"\"")
        #expect(records.map(\.locator) == (1...14).map { RecordLocator(offset: $0, line: $0) })
    }

    @Test func rowidsMayBeAnywhereButBelowZero() throws {
        let rows =
            "CREATE TABLE t (id INTEGER PRIMARY KEY, rowid TEXT); INSERT INTO t VALUES (9223372036854775807, 'z'), (0, 'a'), (77, 'b')"
        #expect(try records(rows).map(\.values) == [["0", "a"], ["77", "b"], ["9223372036854775807", "z"]])
        #expect(throws: SourceError.self) { try records("INSERT INTO t VALUES (-1, 'n')") }
    }

    @Test func aTableWithoutRowidsIsReadByAQuery() throws {
        let sql =
            "CREATE TABLE t (name TEXT PRIMARY KEY, id INT) WITHOUT ROWID; INSERT INTO t VALUES ('b', 2), ('a', 5); CREATE VIEW v AS SELECT 1 x"
        let error = #expect(throws: SourceError.self) { try self.records(sql) }
        #expect(error?.message.contains("has no rowids") == true)
        let view = #expect(throws: SourceError.self) { try self.records("", .table("v")) }
        #expect(view?.message.contains("v has no rowids") == true)
        let query = SQLiteSelection.query("SELECT name || '!' AS n, id FROM t -- all of them", key: "id")
        let records = try records("", query)
        #expect(records.map(\.values) == [["b!", "2"], ["a!", "5"]] && records.map(\.locator.offset) == [2, 5])
        #expect(try self.records("", .query("SELECT name, id FROM t ;\n", key: "id")).count == 2)
    }

    @Test(arguments: [
        "SELECT 1 AS id UNION ALL SELECT 1", "SELECT 'x' AS id", "SELECT NULL AS id", "SELECT 1.5 AS id", "SELECT -1 AS id",
    ])
    func aKeyThatDoesNotNumberTheRowsIsRefused(_ query: String) throws {
        let error = #expect(throws: SourceError.self) { try records("", .query(query, key: "id")) }
        #expect(error?.kind == .header)
    }

    @Test func aDatabaseThatCannotBeReadIsAClearError() throws {
        let missing = #expect(throws: SourceError.self) { try SQLiteInput(path: path, .table("t")) }
        #expect(missing == SourceError(.open, "\(path) cannot be opened: No such file or directory"))
        let text = #expect(throws: SourceError.self) {
            try SQLiteInput(path: folder.write("not a database, but long enough"), .table("t"))
        }
        #expect(text?.message.contains("file is not a database") == true)
        let table = #expect(throws: SourceError.self) { try records("CREATE TABLE t (a)", .table("u")) }
        #expect(table?.message.contains("no such table: u") == true)
        #expect(throws: SourceError.self) { try records("", .query("SELECT 1 AS a", key: "b")) }
        #expect(throws: SourceError.self) { try records("", .query("DELETE FROM t", key: "a")) }
    }

    @Test func whatIsWrittenToTheLogIsNoticedToo() throws {
        let writer = try TestDatabase(path)
        try writer.run("PRAGMA journal_mode = wal; CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)")
        let source = RecordSource(unsurveyed: try SQLiteInput(path: path, .table("t")))
        var reader = try source.open(source.ranges[0])
        var batch = RowBatch(columnCount: 1)
        #expect(try reader.read(into: &batch, maximumRows: 1, maximumBytes: 100))
        try writer.run("UPDATE t SET a = 7")
        let error = #expect(throws: SourceError.self) { try reader.read(into: &batch, maximumRows: 1, maximumBytes: 100) }
        #expect(error?.kind == .changed)
    }
}

/// A database that can be written to.
final class TestDatabase {
    struct Failure: Error { var message: String }

    private var connection: OpaquePointer?

    init(_ path: String) throws {
        guard sqlite3_open(path, &connection) == SQLITE_OK else { throw Failure(message: "cannot open \(path)") }
    }

    deinit { sqlite3_close_v2(connection) }

    func run(_ sql: String) throws {
        guard sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK else { throw failure }
    }

    /// Runs one statement with texts for its parameters.
    func run(_ sql: String, _ texts: [String?]) throws {
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK else { throw failure }
        // SQLITE_TRANSIENT: SQLite copies.
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        for (index, text) in texts.enumerated() {
            guard let text else { continue }
            sqlite3_bind_text(statement, Int32(index + 1), text, Int32(text.utf8.count), transient)
        }
        guard sqlite3_step(statement) == SQLITE_DONE else { throw failure }
    }

    private var failure: Failure { Failure(message: String(cString: sqlite3_errmsg(connection))) }
}
