import Synchronization

/// A database that is asked again when a connection is lost.
///
/// A connection that was idle for longer than its server likes is made anew without a word; one that cannot be made is a ``SourcePause``.
package final class LiveDatabase: Sendable {
    package let url: DatabaseURL
    private let options: DatabaseOptions
    private let session = Mutex<(any DatabaseSession)?>(nil)

    /// Nothing is connected yet.
    package init(_ url: DatabaseURL, _ options: DatabaseOptions = DatabaseOptions()) {
        self.url = url
        self.options = options
    }

    /// Does something that does no harm when it is done twice.
    /// - Throws: ``SourcePause`` when the database does not answer or lets nobody in, ``SourceError`` for a statement it cannot run.
    func ask<Value>(_ body: (any DatabaseSession) throws -> sending Value) throws -> sending Value {
        try session.withLock { session in
            let wasConnected = session != nil
            do {
                return try Self.ask(&session, url, options, body)
            } catch let failure as DatabaseFailure {
                session = nil
                // The server may have closed a connection that was idle, or have been started again.
                guard failure.kind == .lost, wasConnected else { throw explained(failure) }
            }
            do {
                return try Self.ask(&session, url, options, body)
            } catch let failure as DatabaseFailure {
                session = nil
                throw explained(failure)
            }
        }
    }

    private static func ask<Value>(
        _ session: inout sending (any DatabaseSession)?, _ url: DatabaseURL, _ options: DatabaseOptions,
        _ body: (any DatabaseSession) throws -> sending Value
    ) throws -> sending Value {
        let open = try session ?? connect(url, options)
        session = open
        return try body(open)
    }

    private func explained(_ failure: DatabaseFailure) -> any Error {
        switch failure.kind {
        case .lost, .busy: SourcePause(.outage, "\(url.name): \(failure.message)")
        case .timeout: SourcePause(.slow, "\(url.name): \(failure.message)")
        case .denied: SourcePause(.refusal, "\(url.name): \(failure.message)")
        case .statement: SourceError(.read, "\(url.name): \(failure.message)")
        }
    }

    private static func connect(_ url: DatabaseURL, _ options: DatabaseOptions) throws -> any DatabaseSession {
        switch url.kind {
        case .mysql:
            #if MySQL
                return try MySQLSession(url, options)
            #else
                throw absent("MySQL", "MySQL and MariaDB", "libmariadb-dev")
            #endif
        case .postgresql:
            #if PostgreSQL
                return try PostgreSQLSession(url, options)
            #else
                throw absent("PostgreSQL", "PostgreSQL", "libpq-dev")
            #endif
        case .sqlite: throw SourceError(.open, "\(url.name): a SQLite database is named by `sqlite` here, not by a URL")
        }
    }

    private static func absent(_ trait: String, _ makes: String, _ package: String) -> SourceError {
        SourceError(
            .open,
            "this saltmill was built without \(makes): install \(package) and build it with `swift build -c release --traits \(trait)`")
    }
}
