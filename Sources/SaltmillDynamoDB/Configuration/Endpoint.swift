/// Where requests go: scheme, host, port and path of an endpoint's URL.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// The URL as requests use it.
    package let url: String
    /// What the `Host` header says: the port only where it is not the scheme's own.
    package let host: String
    /// The path, `/` when the URL has none.
    package let path: String
    package let isSecure: Bool

    /// - Parameter text: an absolute URL: `http` or `https`, a host, perhaps a port and a path; nothing else.
    /// - Throws: ``ConfigurationError`` that quotes the text and says what is wrong.
    package init(_ text: String) throws(ConfigurationError) {
        func fault(_ what: String) -> ConfigurationError {
            ConfigurationError(
                "the endpoint URL \"\(text)\" \(what); write it like https://dynamodb.eu-west-1.amazonaws.com or http://localhost:8000")
        }
        let lower = text.lowercased()
        let isSecure = lower.hasPrefix("https://")
        guard isSecure || lower.hasPrefix("http://") else { throw fault("begins with neither http:// nor https://") }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw fault("holds a character that must not stand in a URL") }
        let rest = text.dropFirst(isSecure ? 8 : 7)
        guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else { throw fault("has a query or a fragment") }
        let authority = rest.prefix { $0 != "/" }.lowercased()
        guard !authority.contains("@") else {
            // Not quoted: a password may be part of it.
            throw ConfigurationError("the endpoint URL holds a user name; give the host alone, and credentials by the usual AWS settings")
        }
        let (name, port) = Self.split(authority)
        guard !name.isEmpty else { throw fault("has no host") }
        if let port {
            guard let number = Int(port), (1...65535).contains(number) else {
                throw fault("has a port that is not a number from 1 to 65535")
            }
        }
        let isDefaultPort = port.map { Int($0) == (isSecure ? 443 : 80) } ?? true
        let path = String(rest.dropFirst(authority.utf8.count))
        // Anything else would be written differently in the request and in its signature.
        guard path.utf8.allSatisfy(Self.isPlain), !path.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }) else {
            throw fault("has a path with more than letters, digits and -._~/ in it, or with . or .. as a part")
        }
        self.isSecure = isSecure
        self.host = isDefaultPort ? name : authority
        self.path = path.isEmpty ? "/" : path
        self.url = (isSecure ? "https://" : "http://") + host + self.path
    }

    /// True for the characters of a path that need no escape.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D...0x2F, 0x5F, 0x7E: true
        default: false
        }
    }

    /// Host (with the brackets of an IPv6 address) and port of a URL's authority.
    private static func split(_ authority: String) -> (name: String, port: String?) {
        guard let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") else { return (authority, nil) }
        return (String(authority[..<colon]), String(authority[authority.index(after: colon)...]))
    }

    /// The port, also where it is the scheme's own.
    var port: String { Self.split(host).port ?? (isSecure ? "443" : "80") }

    /// Host and port of a URL, for messages.
    static func authority(of url: String) -> String {
        let parts = url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true)
        return parts.count > 1 ? String(parts[1]) : url
    }

    package var description: String { url }
}
