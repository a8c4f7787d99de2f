import GRDB

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The SQLite database that rows are kept in.
enum DataFile {
    /// Marks a database as one of these: "Salt" in ASCII.
    private static let applicationID = 0x5361_6C74
    private static let version = 1
    /// In bytes: with larger pages fewer are split where keys come in random order.
    private static let pageSize = 8192

    /// - Parameter path: the file, made where there is none.
    /// - Throws: ``EndpointError``, or GRDB's `DatabaseError`, for a file that cannot be opened, is in use or is of another kind.
    static func open(_ path: String) throws -> DatabaseQueue {
        try create(path)
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { database in
            // Table sizes are kept in memory, so no other process may write to the file.
            try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
            try check(database, path)
            try database.execute(sql: "PRAGMA page_size = \(pageSize)")
            // NORMAL syncs the WAL at checkpoints only: a killed process loses nothing, a machine that loses power the last commits.
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
            try createTables(in: database)
        }
        return queue
    }

    /// Makes the file, for its owner alone, since rows will stand in it.
    private static func create(_ path: String) throws {
        #if canImport(Glibc)
            let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        #else
            let descriptor = Darwin.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        #endif
        guard descriptor >= 0 else { throw EndpointError("The data file \(path) cannot be opened: \(String(cString: strerror(errno)))") }
        close(descriptor)
    }

    /// Checks that a database is empty or one of these, and marks an empty one.
    private static func check(_ database: Database, _ path: String) throws {
        let id = try Int.fetchOne(database, sql: "PRAGMA application_id")
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master")
        if id == 0, tables == 0 {
            try database.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
        } else if id != applicationID {
            throw EndpointError("The data file \(path) is a database of another kind; name a file of its own")
        } else if let found = try Int.fetchOne(database, sql: "PRAGMA user_version"), found != version {
            throw EndpointError("The data file \(path) is of version \(found), and this program reads version \(version)")
        }
    }

    /// Rows lie beside the index of their keys, not in it: keys come in random order, and moving whole rows about with them costs more than
    /// finding a row twice.
    private static func createTables(in database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS row (key BLOB PRIMARY KEY, size INTEGER NOT NULL, item BLOB NOT NULL);
                CREATE TABLE IF NOT EXISTS collection (number INTEGER PRIMARY KEY, items INTEGER NOT NULL, bytes INTEGER NOT NULL);
                CREATE TABLE IF NOT EXISTS definition (name TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
                """)
    }
}
