/// How a connection is made, beside where to.
package struct DatabaseOptions: Sendable, Equatable {
    /// How a connection is protected.
    package enum TLS: String, Sendable, CaseIterable {
        /// Not at all.
        case disable
        /// Encrypted, whoever the server is.
        case require
        /// Encrypted, and the server's certificate is checked, its host name included.
        case verify
    }

    /// Nil: not at all on this machine, checked with every other one.
    package var tls: TLS?
    /// File of the certificates that a server's is checked against; nil for the system's.
    package var authorities: String?
    /// How long the server may take for a statement, in seconds.
    package var statementTimeout = 30
    /// How long a statement may wait for locks, in seconds.
    package var lockTimeout = 5

    /// The same with a day for each statement: for one that reads the whole table.
    var patient: DatabaseOptions {
        var options = self
        options.statementTimeout = 86_400
        return options
    }

    /// How long making a connection may take, in seconds.
    static let connectTimeout = 5
    /// Where Debian keeps the certificates that are trusted.
    static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"

    package init() {}

    func tls(for url: DatabaseURL) -> TLS { tls ?? (url.isLocal ? .disable : .verify) }
}
