/// Which `Host` headers are answered.
///
/// A page elsewhere can have its own name resolve to this machine (DNS rebinding) and would then read what is served here as its own; but its
/// requests carry that name. An address is nobody's name, so addresses are taken, and beside them only `localhost` and the names told here.
package struct HostRule: Sendable {
    private let names: Set<String>

    /// - Parameter names: names of this machine, such as the one listened on.
    package init(names: [String]) { self.names = Set(names.map { $0.lowercased() } + ["localhost"]) }

    /// Judges a header's value; its port is passed over, since a tunnel may change it.
    package func admits(_ header: String) -> Bool {
        guard header.utf8.count <= 255 else { return false }
        if header.hasPrefix("[") {
            guard let end = header.firstIndex(of: "]"), Self.isPort(header[header.index(after: end)...]) else { return false }
            let address = header[header.index(after: header.startIndex)..<end]
            return address.contains(":") && address.utf8.allSatisfy { Self.isHexDigit($0) || $0 == 0x3A || $0 == 0x2E }
        }
        let name = header.prefix { $0 != ":" }
        guard Self.isPort(header[name.endIndex...]) else { return false }
        return Self.isIPv4(name) || names.contains(name.lowercased())
    }

    private static func isPort(_ rest: Substring) -> Bool {
        rest.isEmpty || (rest.first == ":" && rest.utf8.count <= 6 && rest.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) })
    }

    private static func isIPv4(_ name: Substring) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { $0.utf8.count <= 3 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt8($0) != nil }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }
}
