/// What a database or the way to it has answered instead of rows.
struct DatabaseFailure: Error, Sendable, Equatable {
    enum Kind: Sendable {
        /// There is no connection, or it broke.
        case lost
        /// The server refuses who asks, or what is asked.
        case denied
        /// A statement took longer than it may, or met a lock that stayed.
        case timeout
        /// The server is up but cannot serve now, e.g. has too many connections.
        case busy
        /// The statement is wrong for this database: a table or column is not there.
        case statement
    }

    var kind: Kind
    /// The server's or the library's own words.
    var message: String
}

/// Reading cannot go on at the moment, and can later: an outage, or consideration for the source.
package struct SourcePause: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Cause: Sendable {
        /// The source cannot be reached or does not answer.
        case outage
        /// The source took too long; less is asked for next time.
        case slow
        /// The source does not let us in, or something else that people mend.
        case refusal
        /// The source is busy, and is left alone for as long as that lasts.
        case courtesy
    }

    package var cause: Cause
    /// What is waited for, as status shows it.
    package var description: String
    /// When to try again, in seconds.
    package var retryAfter: Double

    package init(_ cause: Cause, _ description: String, retryAfter: Double = 2) {
        self.cause = cause
        self.description = description
        self.retryAfter = retryAfter
    }
}
