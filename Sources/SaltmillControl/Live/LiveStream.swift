import SaltmillBytes

/// The page's parts as server-sent events (HTML Living Standard, section 9.2): all of them for whoever comes, then those that changed.
struct LiveStream {
    private var parts: [LivePage.Part] = []

    /// What has changed since the last call; nil for nothing.
    mutating func next(_ look: LiveLook) -> [UInt8]? {
        let new = LivePage(look: look).parts
        let changed = new.filter { !parts.contains($0) }
        parts = new
        return changed.isEmpty ? nil : Self.event(changed)
    }

    /// Everything there is now.
    static func whole(_ look: LiveLook) -> [UInt8] { event(LivePage(look: look).parts) }

    /// The run is over, and nothing more comes.
    static let end = Array("event: end\ndata: {}\n\n".utf8)

    /// One line of JSON, in which line ends are escaped.
    private static func event(_ parts: [LivePage.Part]) -> [UInt8] {
        Array("data: ".utf8) + JSONValue.object(parts.map { .init($0.id, .string($0.html)) }).bytes + Array("\n\n".utf8)
    }
}
