/// The makes of database that rows can be read from.
package enum DatabaseKind: String, Sendable, CaseIterable {
    /// MySQL and MariaDB.
    case mysql
    case postgresql
    case sqlite

    /// The schemes that a URL names it by.
    fileprivate var schemes: [String] {
        switch self {
        case .mysql: ["mysql", "mariadb"]
        case .postgresql: ["postgres", "postgresql"]
        case .sqlite: ["sqlite"]
        }
    }
}

/// Where a database is: `mysql://user@host:3306/name`, `postgres://user@host:5432/name` or `sqlite:///folder/name.db`.
///
/// What a URL leaves out, the client libraries take from where they always do: `~/.my.cnf`, `~/.pgpass`, `PGUSER` and the like.
package struct DatabaseURL: Sendable, Equatable {
    package var kind: DatabaseKind
    package var user: String?
    package var password: String?
    package var host: String?
    package var port: Int?
    /// Name of the database; of SQLite the file.
    package var database: String
    /// What stands behind the question mark, by name: `socket` is the path of a local socket.
    package var options: [String: String] = [:]

    /// What messages and the state call the database: never with a user or a password in it.
    package var name: String {
        if kind == .sqlite { return database }
        let place = (host ?? options["socket"] ?? "localhost") + (port.map { ":\($0)" } ?? "")
        return "\(kind.schemes[0])://\(place)/\(database)"
    }

    /// The server is this machine.
    package var isLocal: Bool {
        guard let host else { return true }
        return host == "localhost" || host == "::1" || host.hasPrefix("127.") || host.hasPrefix("/")
    }

    /// The SQLite database in a file.
    package init(sqlite path: String) {
        kind = .sqlite
        database = path
    }

    /// - Throws: ``SourceError`` when the text is no URL of a database.
    package init(parsing text: String) throws(SourceError) {
        guard let colon = text.firstIndex(of: ":"), let kind = Self.kind(of: text[..<colon]) else {
            throw Self.fault("begin it with mysql://, postgres:// or sqlite:///")
        }
        self.kind = kind
        var rest = text[text.index(after: colon)...]
        if kind == .sqlite {
            database = try Self.decoded(rest.hasPrefix("//") ? rest.dropFirst(2) : rest)
            guard !database.isEmpty else { throw Self.fault("name the database's file: sqlite:///folder/name.db") }
            return
        }
        guard rest.hasPrefix("//") else { throw Self.fault("two slashes follow the scheme: \(kind.schemes[0])://host/name") }
        rest = rest.dropFirst(2)
        if let mark = rest.firstIndex(of: "?") {
            for pair in rest[rest.index(after: mark)...].split(separator: "&") {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                options[try Self.decoded(parts[0])] = try Self.decoded(parts.count > 1 ? parts[1] : "")
            }
            rest = rest[..<mark]
        }
        var authority = rest
        database = ""
        if let slash = rest.firstIndex(of: "/") {
            database = try Self.decoded(rest[rest.index(after: slash)...])
            authority = rest[..<slash]
        }
        guard !database.isEmpty else { throw Self.fault("name the database behind the host: \(kind.schemes[0])://host/name") }
        if let at = authority.lastIndex(of: "@") {
            let parts = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = try Self.decoded(parts[0])
            if user?.isEmpty == true { user = nil }
            password = parts.count > 1 ? try Self.decoded(parts[1]) : nil
            authority = authority[authority.index(after: at)...]
        }
        try readHost(authority)
        for name in options.keys.sorted() where name != "socket" {
            throw Self.fault("`\(name)` is no option of it; known is `socket`, and TLS is described by `tls` and `ca`")
        }
    }

    private mutating func readHost(_ authority: Substring) throws(SourceError) {
        var authority = authority
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            host = String(authority[authority.index(after: authority.startIndex)..<end])
            authority = authority[authority.index(after: end)...]
            guard authority.isEmpty || authority.hasPrefix(":") else { throw Self.fault("a port follows an address after a colon") }
        } else {
            let end = authority.firstIndex(of: ":") ?? authority.endIndex
            let name = try Self.decoded(authority[..<end])
            host = name.isEmpty ? nil : name
            authority = authority[end...]
        }
        guard !authority.isEmpty else { return }
        guard let port = Int(authority.dropFirst()), (1...65535).contains(port) else {
            throw Self.fault("the port is a number from 1 to 65535")
        }
        self.port = port
    }

    private static func kind(of scheme: Substring) -> DatabaseKind? {
        DatabaseKind.allCases.first { $0.schemes.contains(scheme.lowercased()) }
    }

    // The text is not shown: a password may stand in it.
    private static func fault(_ fix: String) -> SourceError { SourceError(.open, "the database's URL cannot be used: \(fix)") }

    /// A part with its `%40` and the like replaced (RFC 3986, section 2.1).
    private static func decoded(_ part: Substring) throws(SourceError) -> String {
        var bytes: [UInt8] = []
        var rest = part.utf8[...]
        while let byte = rest.first {
            if byte == UInt8(ascii: "%") {
                guard rest.count >= 3, let value = UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16) else {
                    throw fault("two hexadecimal digits follow a percent sign; write a percent sign as %25")
                }
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
                rest = rest.dropFirst()
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw fault("it is not UTF-8") }
        return text
    }
}
