import Foundation
import SaltmillDelivery

/// Which of a job's events become messages, and when: what needs somebody is told once it has lasted, all else comes as a digest.
///
/// A value without a clock: times are seconds of one that only goes forward.
package struct NotificationRules: Sendable {
    /// Refusals and waits are told of when they have lasted this long, in seconds.
    static let patience = 300.0
    /// Refusals of one cause are told of again after this time at the earliest, in seconds.
    static let repetition = 86_400.0
    /// Lines of a digest; further ones are counted.
    static let digestLines = 20

    private let job: String
    private let host: String
    /// Seconds between digests.
    private let digestInterval: Double

    /// Something that lasts: it is told when it has lasted.
    private struct Spell: Sendable {
        var event: JobEvent
        var since: Double
        var isTold = false
    }
    private var wait: Spell?
    private var refusal: Spell?
    /// When refusals of a cause were told of last.
    private var told: [String: Double] = [:]
    private var lines: [String] = []
    private var omitted = 0
    private var digestSince: Double?
    private var progress: JobEvent?

    /// - Parameter digestInterval: seconds between digests.
    package init(job: String, host: String, digestInterval: Double = 21_600) {
        self.job = job
        self.host = host
        self.digestInterval = digestInterval
    }

    /// Takes in an event.
    /// - Returns: what is to be sent at once.
    package mutating func note(_ event: JobEvent, now: Double) -> [JobNotification] {
        switch event.name {
        case .progress:
            progress = event
            return []
        case .started: return event.reason == nil ? [] : [state(event)]
        case .resumed, .paused, .unpaused, .stopping: return [state(event)]
        case .phase: return event.new == "loading" && (event.run ?? 1) <= 1 ? [state(event, "the load begins")] : []
        case .finished:
            let rest = digest(now, because: event.time.timeIntervalSince1970)
            return rest + [state(event)]
        case .waiting:
            // A window that closes is no trouble, but its operator wants to know.
            wait = Spell(event: event, since: now, isTold: event.cause == "window")
            return event.cause == "window" ? [state(event)] : []
        case .waited:
            defer { wait = nil }
            guard wait?.isTold == true else {
                add(event, now)
                return []
            }
            return [state(event)]
        case .refused:
            refusal = Spell(event: event, since: now)
            return []
        case .admitted:
            refusal = nil
            add(event, now)
            return []
        case .hotKey, .capacity, .rejects, .setting, .reread, .suspended, .clock, .lost:
            add(event, now)
            return []
        }
    }

    /// What time alone has made due.
    package mutating func due(now: Double, wall: Double) -> [JobNotification] {
        var due: [JobNotification] = []
        if let spell = wait, !spell.isTold, now - spell.since >= Self.patience {
            wait?.isTold = true
            due.append(
                make(.state, "\(spell.event.sentence), for \(JobEvent.span(now - spell.since)) now. \(Self.cure(spell.event.cause))", wall))
        }
        if let spell = refusal, !spell.isTold, now - spell.since >= Self.patience {
            refusal?.isTold = true
            let cause = spell.event.cause ?? ""
            if let last = told[cause], now - last < Self.repetition {
                add(spell.event, now)
            } else {
                told[cause] = now
                due.append(
                    make(.refusals, "\(spell.event.sentence), for \(JobEvent.span(now - spell.since)) now. \(Self.cure(cause))", wall))
            }
        }
        if let digestSince, now - digestSince >= digestInterval { due += digest(now, because: wall) }
        return due
    }

    // MARK: Texts

    /// What can be done about a cause.
    private static func cure(_ cause: String?) -> String {
        switch cause {
        case "network", "endpoint": "Nothing is lost; the job goes on by itself when the endpoint answers."
        case "credentials": "Renew the credentials where the job finds them; it goes on by itself."
        case "disk": "Free some space; the job goes on by itself."
        case "table": "The job goes on by itself when the table is active."
        case "source": "The job goes on by itself when the source can be read."
        case "hot-key": "Only rows of that key wait; the others go on. The salt belongs into the spec of a new table."
        case "capacity": "The rate follows what the store admits; raise what is provisioned, or lower the ceiling."
        default: "Nothing needs to be done."
        }
    }

    private func state(_ event: JobEvent, _ text: String? = nil) -> JobNotification {
        make(.state, text ?? event.sentence, event.time.timeIntervalSince1970)
    }

    private func make(_ kind: JobNotification.Kind, _ text: String, _ time: Double) -> JobNotification {
        JobNotification(kind, at: time, job: job, host: host, text: text)
    }

    // MARK: Digest

    private mutating func add(_ event: JobEvent, _ now: Double) {
        if digestSince == nil { digestSince = now }
        let cure = event.name == .refused ? " \(Self.cure(event.cause))" : ""
        if lines.count < Self.digestLines { lines.append(event.sentence + cure) } else { omitted += 1 }
    }

    private mutating func digest(_ now: Double, because wall: Double) -> [JobNotification] {
        guard !lines.isEmpty, let since = digestSince else { return [] }
        defer { (lines, omitted, digestSince) = ([], 0, nil) }
        var text = ["in the last \(JobEvent.span(max(now - since, 1)))\(progress.map { "; now \($0.sentence)" } ?? "")"]
        text += lines.map { "• \($0)" }
        if omitted > 0 { text.append("• and \(omitted) more; see `saltmill log`") }
        return [make(.digest, text.joined(separator: "\n"), wall)]
    }
}
