import GRDB
import Glibc
import SaltmillSources

/// Checkpoints in a SQLite file beside the spec.
package struct SQLiteStateStore: StateStore {
    /// Version of the tables; a state of another one is refused.
    private static let version = 2
    private let database: DatabaseQueue

    /// Opens the state, making it where there is none.
    /// - Throws: a `DatabaseError` when the file cannot be opened, or a ``StateError`` when another version wrote it.
    package init(path: String) throws {
        // Made by hand, so that only its owner may look into it; SQLite gives its journal the same mode.
        close(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600))
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            // A checkpoint counts only when it is on the disk.
            try database.execute(sql: "PRAGMA synchronous = FULL")
        }
        database = try DatabaseQueue(path: path, configuration: configuration)
        try database.write { database in
            let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            guard found == 0 || found == Self.version else { throw StateError.foreignVersion(path: path, version: found) }
            try database.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS job (id INTEGER PRIMARY KEY CHECK (id = 1), facts TEXT NOT NULL, mapping TEXT NOT NULL);
                    CREATE TABLE IF NOT EXISTS checkpoint (
                        id INTEGER PRIMARY KEY CHECK (id = 1), totals TEXT NOT NULL, unsettled BLOB NOT NULL, status TEXT NOT NULL);
                    CREATE TABLE IF NOT EXISTS range (
                        number INTEGER PRIMARY KEY, offset INTEGER NOT NULL, line INTEGER NOT NULL, done INTEGER NOT NULL);
                    PRAGMA user_version = \(Self.version);
                    """)
        }
    }

    package func load() throws -> (identity: JobIdentity, checkpoint: Checkpoint)? {
        try database.read { database in
            guard let job = try Row.fetchOne(database, sql: "SELECT facts, mapping FROM job"),
                let saved = try Row.fetchOne(database, sql: "SELECT totals, unsettled FROM checkpoint")
            else { return nil }
            let facts = try StateCoding.decode([String: String].self, from: job["facts"])
            let ranges = try Row.fetchAll(database, sql: "SELECT offset, line, done FROM range ORDER BY number").map { row in
                Checkpoint.Range(
                    frontier: RecordLocator(offset: UInt64(bitPattern: row["offset"] as Int64), line: UInt64(row["line"] as Int64)),
                    isDone: row["done"]
                )
            }
            let checkpoint = try StateCoding.checkpoint(ranges: ranges, totals: saved["totals"], unsettled: saved["unsettled"])
            return (JobIdentity(facts: facts, mapping: job["mapping"]), checkpoint)
        }
    }

    package func begin(_ identity: JobIdentity, _ checkpoint: Checkpoint) throws {
        try database.write { database in
            try database.execute(sql: "DELETE FROM job; DELETE FROM range")
            try database.execute(
                sql: "INSERT INTO job VALUES (1, ?, ?)", arguments: [try StateCoding.encode(identity.facts), identity.mapping])
            try Self.write(checkpoint, status: [], to: database)
        }
    }

    package func save(_ checkpoint: Checkpoint, status: [UInt8]) throws {
        try database.write { try Self.write(checkpoint, status: status, to: $0) }
    }

    private static func write(_ checkpoint: Checkpoint, status: [UInt8], to database: Database) throws {
        let statement = try database.cachedStatement(sql: "INSERT OR REPLACE INTO range VALUES (?, ?, ?, ?)")
        for (number, range) in checkpoint.ranges.enumerated() {
            try statement.execute(
                arguments: [number, Int64(bitPattern: range.frontier.offset), Int64(range.frontier.line), range.isDone])
        }
        try database.cachedStatement(sql: "INSERT OR REPLACE INTO checkpoint VALUES (1, ?, ?, ?)").execute(
            arguments: [
                try StateCoding.totals(of: checkpoint), StateCoding.bytes(of: checkpoint.unsettled),
                String(decoding: status, as: UTF8.self),
            ])
    }

    /// The last saved status of the job, as JSON; nil where there is none.
    package func status() throws -> String? {
        try database.read { try String.fetchOne($0, sql: "SELECT status FROM checkpoint") }
    }
}

/// A state that cannot be used.
package enum StateError: Error, CustomStringConvertible {
    case foreignVersion(path: String, version: Int)
    case damaged(what: String)

    package var description: String {
        switch self {
        case .foreignVersion(let path, let version):
            "\(path) was written by another version of saltmill (format \(version)); use that version, or move the file away to begin anew"
        case .damaged(let what): "the job's state is damaged: \(what)"
        }
    }
}
