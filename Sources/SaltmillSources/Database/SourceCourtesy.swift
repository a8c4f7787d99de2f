import Synchronization

/// When to leave a source alone for a while.
package struct SourceCourtesy: Sendable, Equatable {
    /// Seconds that a replica may be behind.
    package var lag: Double?
    /// The replicas that are meant; without any, the source itself, if it is a replica, or what PostgreSQL knows of its own.
    package var replicas: [DatabaseURL] = []
    /// Statements that the server may be running at the moment.
    package var threads: Int?
    /// A query for one number, and how high it may be.
    package var query: String?
    package var above = 0.0

    package init() {}

    var isEmpty: Bool { lag == nil && threads == nil && query == nil }
}

/// Looks whether the source is to be left alone, at most once a second.
final class CourtesyGate: Sendable {
    private let courtesy: SourceCourtesy
    private let source: LiveDatabase
    private let replicas: [LiveDatabase]
    private let nextLook = Mutex<ContinuousClock.Instant?>(nil)

    private static let interval = Duration.seconds(1)

    init(_ courtesy: SourceCourtesy, source: LiveDatabase, options: DatabaseOptions) {
        self.courtesy = courtesy
        self.source = source
        replicas = courtesy.replicas.map { LiveDatabase($0, options) }
    }

    /// Returns when the source may be read.
    /// - Throws: ``SourcePause`` while something is over its limit, or cannot be found out; ``SourceError`` for a query that is wrong.
    func check() throws {
        guard !courtesy.isEmpty else { return }
        let now = ContinuousClock.now
        if let next = nextLook.withLock({ $0 }), now < next { return }
        try checkLag()
        if let limit = courtesy.threads {
            let running = try Double(source.ask { try $0.rows(Self.threads(source.url.kind)) }.first?.last.flatMap { $0 } ?? "") ?? 0
            // This very question is one of them.
            if running - 1 > Double(limit) { throw pause("threads running \(Int(running) - 1) > \(limit)") }
        }
        if let query = courtesy.query {
            let answer = try source.ask { try $0.rows(query) }.first?.first.flatMap { $0 }
            guard let answer, let value = Double(answer) else {
                throw SourceError(
                    .read, "\(source.url.name): the courtesy query gives no number but \(answer.map { "\"\($0)\"" } ?? "nothing")")
            }
            if value > courtesy.above { throw pause("courtesy query \(answer) > \(Self.text(courtesy.above))") }
        }
        nextLook.withLock { $0 = now + Self.interval }
    }

    private func checkLag() throws {
        guard let limit = courtesy.lag else { return }
        for database in replicas.isEmpty ? [source] : replicas {
            guard let lag = try Self.lag(of: database) else {
                throw SourcePause(.courtesy, "\(database.url.name): replication has stopped", retryAfter: 1)
            }
            if lag > limit { throw pause("\(database.url.name): replica lag \(Self.text(lag))s > \(Self.text(limit))s") }
        }
    }

    private func pause(_ reason: String) -> SourcePause { SourcePause(.courtesy, "source courtesy: \(reason)", retryAfter: 1) }

    private static func threads(_ kind: DatabaseKind) -> String {
        kind == .mysql
            ? "SHOW GLOBAL STATUS LIKE 'Threads_running'"
            : "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND backend_type = 'client backend'"
    }

    /// Seconds that a database is behind; nil when its replication does not run.
    private static func lag(of database: LiveDatabase) throws -> Double? {
        guard database.url.kind == .mysql else {
            // A replica that has replayed everything is not behind, however long ago that was.
            let answer = try database.ask {
                try $0.rows(
                    """
                    SELECT CASE WHEN NOT pg_is_in_recovery() THEN (SELECT max(extract(epoch FROM replay_lag)) FROM pg_stat_replication)
                    WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
                    ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END
                    """)
            }
            return Double((answer.first?.first.flatMap { $0 }) ?? "0")
        }
        return try database.ask { session in
            let statement = "SHOW REPLICA STATUS"
            let column = try session.columns(of: statement).firstIndex {
                ["Seconds_Behind_Master", "Seconds_Behind_Source"].contains($0.name)
            }
            guard let column, let row = try session.rows(statement).first else { return 0 }
            return row[column].flatMap { Double($0) }
        }
    }

    private static func text(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\((number * 100).rounded() / 100)"
    }
}
