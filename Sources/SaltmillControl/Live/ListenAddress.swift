/// Where the live page is served: `PORT`, `HOST:PORT` or `[IPv6]:PORT`; loopback where no host is named.
package struct ListenAddress: Sendable, Equatable {
    package var host: String
    /// 0 for any that is free.
    package var port: Int

    package init(host: String = "127.0.0.1", port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads what `--listen` takes.
    /// - Throws: ``ControlError`` that says what such an address looks like.
    package init(parsing text: String) throws(ControlError) {
        let colon = text.lastIndex(of: ":")
        let number = colon.map { text[text.index(after: $0)...] } ?? text[...]
        var host = colon.map { String(text[..<$0]) } ?? "127.0.0.1"
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            throw ControlError("`\(text.prefix(80))` is no address; an IPv6 address stands in brackets, e.g. [::1]:9464")
        }
        guard !host.isEmpty, !number.isEmpty, number.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(number) else {
            throw ControlError(
                "`\(text.prefix(80))` is no address to listen on; write e.g. 9464, 127.0.0.1:9464, [::1]:9464, or 0 for any free port")
        }
        self.init(host: host, port: Int(port))
    }

    /// The page's address, at the port that is really listened on.
    package func url(port: Int) -> String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)/" }

    /// Whether only this machine can get there.
    package var isLoopback: Bool { host == "::1" || host == "localhost" || host.hasPrefix("127.") }
}
