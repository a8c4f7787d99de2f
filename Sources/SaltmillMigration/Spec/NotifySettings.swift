/// Where a job's messages go, as its spec says.
package struct NotifySettings: Sendable, Equatable {
    /// A webhook that takes what Slack's take. The URL is a secret.
    package var slack: String?
    /// A webhook that takes the message as JSON. The URL may hold a secret.
    package var webhook: String?
    /// A program and its arguments; empty for none.
    package var command: [String] = []
    /// How often what is not urgent is told, in seconds.
    package var digest = 21_600.0
}

extension SpecReader {
    /// The section `notify`.
    mutating func notify(_ node: SpecNode) -> NotifySettings? {
        guard let object = object(node, .notify, example: "{ slack: \"${SLACK_WEBHOOK}\" }") else { return nil }
        var settings = NotifySettings()
        settings.slack = object["slack"].flatMap { webhook($0) }
        settings.webhook = object["webhook"].flatMap { webhook($0) }
        if let node = object["command"] {
            settings.command = (list(node, of: "words: the program and its arguments", orOne: true) ?? []).compactMap { text($0) }
            if let program = settings.command.first, !program.hasPrefix("/") {
                report(node, "`\(program)` is looked for nowhere; name the program by its whole path, e.g. /usr/local/bin/page")
            }
        }
        if let node = object["digest"] { settings.digest = span(node) ?? settings.digest }
        return settings
    }

    /// A webhook's URL; what is wrong with it is told without it, since it is a secret.
    private mutating func webhook(_ node: SpecNode) -> String? {
        guard let url = name(node) else { return nil }
        let isPlain = url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard isPlain, ["https://", "http://"].contains(where: { url.hasPrefix($0) && url.utf8.count > $0.utf8.count }) else {
            report(node, "is no URL; it begins with https:// and has no spaces")
            return nil
        }
        return url
    }

    /// A span of time in seconds: `30m`, `6h`, `1d`.
    private mutating func span(_ node: SpecNode) -> Double? {
        guard let text = text(node) else { return nil }
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Double(text.dropLast()), count > 0,
            (1...2_592_000).contains(count * unit)
        else {
            mustBe("a span of time up to 30d, e.g. 30m, 6h or 1d", node)
            return nil
        }
        return count * unit
    }
}
