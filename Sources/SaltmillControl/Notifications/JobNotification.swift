import SaltmillBytes

/// A message to people about a job.
package struct JobNotification: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// The job begins, goes on, is paused, waits or ends.
        case state
        /// The store has been refusing for a while.
        case refusals
        /// All that happened since the last one and is not urgent.
        case digest
        /// Sent to see whether messages arrive.
        case test
    }

    package var kind: Kind
    /// Seconds since 1970.
    package var time: Double
    package var job: String
    package var host: String
    /// What happened, and what can be done about it; several lines in a digest.
    package var text: String

    package init(_ kind: Kind, at time: Double, job: String, host: String, text: String) {
        self.kind = kind
        self.time = time
        self.job = job
        self.host = host
        self.text = text
    }

    /// The message for people, with the job and its host.
    package var message: String { "\(job) on \(host): \(text)" }

    /// The body that Slack and what takes the same expects: `text`, in which `&`, `<` and `>` mean themselves (Slack API, "Formatting text").
    /// - Parameter dropped: how many messages before it were not sent.
    package func slackBody(dropped: Int) -> [UInt8] {
        let plain = (message + Self.note(dropped)).replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        return JSONValue.object([.init("text", .string(plain))]).bytes
    }

    /// The body for other programs.
    package func genericBody(dropped: Int) -> [UInt8] {
        JSONValue.object([
            .init("version", 1), .init("kind", .string(kind.rawValue)), .init("time", .number(String((time * 1000).rounded() / 1000))),
            .init("job", .string(job)), .init("host", .string(host)), .init("text", .string(text)), .init("dropped", .integer(dropped)),
        ]).bytes
    }

    private static func note(_ dropped: Int) -> String { dropped > 0 ? " (\(dropped) earlier messages could not be sent)" : "" }
}
