/// What a transport is told once.
package struct TransportOptions: Sendable {
    /// How many connections are opened at most. A request beyond it waits, and its deadline runs; how many requests are under way is
    /// the caller's to bound.
    package var maximumConnections: Int
    /// A file of certificates in PEM form that replaces the system's.
    package var caBundle: String?

    package init(maximumConnections: Int = 64, caBundle: String? = nil) {
        self.maximumConnections = maximumConnections
        self.caBundle = caBundle
    }
}

extension Duration {
    /// The duration in milliseconds, rounded up and bounded to what a C `long` and sensible timers take.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 1_000_000_000 else { return 1_000_000_000_000 }
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
