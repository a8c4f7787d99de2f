import Foundation

/// Where messages go.
package enum NotificationTarget: Sendable, Equatable {
    /// A webhook that takes Slack's `{"text": …}`; its URL is a secret.
    case slack(url: String)
    /// A webhook that takes the message as ``JobNotification/genericBody(dropped:)`` has it; its URL may hold a secret.
    case webhook(url: String)
    /// A program with its arguments, never a shell's line; it gets the message as JSON on standard input and in its environment.
    case command([String])

    /// What messages call it: nothing of a URL but its host.
    package var name: String {
        switch self {
        case .slack(let url): "notify.slack (\(Self.host(url)))"
        case .webhook(let url): "notify.webhook (\(Self.host(url)))"
        case .command(let words): "notify.command (\(words.first ?? ""))"
        }
    }

    private static func host(_ url: String) -> String {
        guard let slashes = url.range(of: "://") else { return "?" }
        let place = url[slashes.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return String(place.split(separator: "@").last ?? "?")
    }
}
