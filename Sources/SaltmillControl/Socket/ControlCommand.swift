/// What can be set on a running job.
package enum ControlSetting: String, Sendable, CaseIterable, Codable {
    case rate
    case share
    case window
    case concurrency
    case chunk

    /// How to write it, and what it does.
    package var help: String {
        switch self {
        case .rate: "rate=200/s | 500 items/s | 2 MB/s | 80% | none   instead of every ceiling; hours that the schedule closes stay closed"
        case .share: "share=40%   at most this of what table and indexes are provisioned with, beside the other ceilings"
        case .window:
            "window='mon-fri 22:00-06:00 none; sat-sun 00:00-24:00 500/s'   instead of the spec's windows; or as in the spec: [{ … }]"
        case .concurrency: "concurrency=8   requests under way at once, 1 to 64"
        case .chunk: "chunk=10   items in one request, 1 to 25"
        }
    }
}

/// Something that a running job is asked or told.
package enum ControlCommand: Sendable, Equatable {
    case help
    case status
    case explain
    case read(ControlSetting)
    case set(ControlSetting, String)
    /// What the spec says is in force again.
    case reset(ControlSetting)
    case pause(reason: String?)
    /// A pause that ends by itself: a span of time, or an instant.
    case hibernate(until: String)
    case resume
    case stop(reason: String?)

    /// Reads a command line: `rate=?`, `rate=100/s`, `pause for lunch`.
    /// - Throws: ``ControlError`` with one sentence for anything else.
    package init(parsing line: String) throws(ControlError) {
        let text = Self.trimmed(line[...])
        guard !text.isEmpty else { throw ControlError("no command; `help` lists them") }
        let word = text.prefix { $0 != "=" && $0 != " " }.lowercased()
        let rest = Self.trimmed(text.dropFirst(word.count))
        let argument = Self.trimmed(rest.hasPrefix("=") ? rest.dropFirst() : rest)
        if let setting = ControlSetting(rawValue: word) {
            switch argument {
            case "":
                throw ControlError(
                    "\(word) lacks its value; ask with `\(word)=?`, set with \(setting.help), or go by the spec again with `\(word)=spec`")
            case "?": self = .read(setting)
            case "spec": self = .reset(setting)
            default: self = .set(setting, String(argument))
            }
            return
        }
        let reason = argument.isEmpty ? nil : String(argument)
        switch word {
        case "help": self = .help
        case "status", "info": self = .status
        case "explain", "why": self = .explain
        case "pause", "throttle", "suspend": self = .pause(reason: reason)
        case "resume", "continue", "unpause", "no-throttle": self = .resume
        case "stop": self = .stop(reason: reason)
        case "hibernate":
            guard let reason else { throw ControlError("hibernate needs its end; write e.g. hibernate=30m, 8h, or 2026-12-01T22:00:00Z") }
            self = .hibernate(until: reason)
        default:
            let known = ControlSetting.allCases.map(\.rawValue) + ["status", "explain", "pause", "resume", "hibernate", "stop", "help"]
            throw ControlError("unknown command or setting `\(word.prefix(40))`; known are \(known.joined(separator: ", "))")
        }
        if [.status, .explain, .resume, .help].contains(self), reason != nil { throw ControlError("\(word) takes no argument") }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return start[...last]
    }

    /// The commands, for people.
    package static var helpText: String {
        """
        status                     how far the job is, and what limits it now
        explain                    every limit with its value and its verdict: which one binds
        pause [REASON]             write nothing from now on; kept over restarts
        hibernate=30m              a pause that ends by itself: after a span (30m, 8h, 2d) or at an instant (2026-12-01T22:00:00Z)
        resume                     end a pause
        stop [REASON]              stop after a checkpoint; `saltmill load` goes on
        NAME=?                     what a setting is, and what the spec says
        NAME=spec                  go by the spec again
        \(ControlSetting.allCases.map(\.help).joined(separator: "\n"))
        """
    }
}

/// Why a command is not done: one sentence.
package struct ControlError: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}
