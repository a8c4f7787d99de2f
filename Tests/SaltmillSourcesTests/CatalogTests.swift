import GRDBSQLite
import SaltmillSources
import Testing

@Suite struct CatalogTests {
    private let folder = TestFolder()

    @Test func sqliteDescribesItsTables() throws {
        let path = folder.path + "/old.db"
        var connection: OpaquePointer?
        defer { sqlite3_close(connection) }
        #expect(sqlite3_open(path, &connection) == SQLITE_OK)
        let statements = """
            CREATE TABLE users (id INTEGER PRIMARY KEY, mail TEXT NOT NULL UNIQUE);
            CREATE TABLE answers (day TEXT DEFAULT 'x', id INT, user INT REFERENCES users ON DELETE CASCADE, PRIMARY KEY (day, id));
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO users SELECT i, 'm' || i FROM n;
            """
        #expect(sqlite3_exec(connection, statements, nil, nil, nil) == SQLITE_OK)
        let catalog = try DatabaseURL(parsing: "sqlite://\(path)").catalog()
        #expect(try catalog.tables() == ["answers", "users"])
        let users = try catalog.table("users")
        #expect(users.primaryKey?.columns == ["id"] && users.uniqueKeys.map(\.columns) == [["mail"]] && users.estimatedRows == 1000)
        let answers = try catalog.table("answers")
        #expect(answers.columns.map(\.name) == ["day", "id", "user"] && answers.columns[0].defaultValue == "'x'")
        #expect(answers.primaryKey?.columns == ["day", "id"])
        #expect(answers.foreignKeys.map(\.otherTable) == ["users"] && answers.foreignKeys[0].isCascading)
        let sample = try catalog.sample("users", rows: 40)
        let ids = sample.rows.records.map(\.locator.offset)
        #expect(ids.count == 40 && Set(ids).count == 40 && ids.contains { $0 < 50 } && ids.contains { $0 > 900 })
        #expect(throws: SourceError.self) { try catalog.table("nothing") }
    }
}
