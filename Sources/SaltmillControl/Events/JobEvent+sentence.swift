import SaltmillDelivery

extension JobEvent {
    /// What happened, for people: one line.
    package var sentence: String {
        switch name {
        case .started: "started by process \(pid ?? 0) on \(host ?? "?")\(reason.map { "; \($0)" } ?? "")"
        case .resumed: "run \(run ?? 0) goes on: \(accountText)"
        case .phase: "\(new ?? "")"
        case .progress: progressText
        case .setting: "\(setting ?? "") changed from \(old ?? "") to \(new ?? "")\(by)"
        case .reread: "the spec was read again\(reason.map { ": \($0)" } ?? "")"
        case .paused: reason ?? "paused\(by)"
        case .unpaused: "goes on after a pause of \(span)\(by)"
        case .waiting: "waits (\(cause ?? "")): \(reason ?? "")"
        case .waited: "goes on after \(span) of waiting (\(cause ?? "")): \(reason ?? "")"
        case .refused: "the store refuses: \(reason ?? cause ?? "")"
        case .admitted: "the store refuses no more, after \(span) and \(refused ?? 0) item tries (\(cause ?? ""))"
        case .hotKey: "hot key \(key?.advice ?? "")"
        case .capacity: "write capacity of \(setting ?? "") changed from \(old ?? "") to \(new ?? "")"
        case .rejects: "\(account?.rejected ?? 0) rows rejected so far"
        case .suspended: "the machine slept, or the process was held, for \(span)"
        case .clock: "the clock was set \((seconds ?? 0) < 0 ? "back" : "forward") by \(span)"
        case .lost: "\(lost ?? 0) events were lost, since the journal could not be written"
        case .stopping: "asked to stop\(by)\(reason.map { ": \($0)" } ?? "")"
        case .finished: "ended (\(outcome ?? ""), exit code \(exitCode ?? 0)): \(reason ?? "")"
        }
    }

    private var by: String { actor.map { " by \($0)" } ?? "" }

    private var span: String { Self.span(abs(seconds ?? 0)) }

    private var accountText: String {
        guard let account else { return "" }
        return "\(account.written) written, \(account.rejected) rejected, \(account.pending) pending"
    }

    private var progressText: String {
        let settled = account.map { $0.read - $0.pending } ?? 0
        let share = total.map { $0 > 0 ? " (\((Double(settled) / Double($0) * 1000).rounded(.down) / 10) %)" : "" } ?? ""
        return "\(accountText)\(share)\(limiter.map { "; \($0)" } ?? "")"
    }

    /// At most two units: `2d 3h`, `5m 10s`, `0.7s`.
    package static func span(_ seconds: Double) -> String {
        guard seconds >= 9.95 else { return "\((seconds * 10).rounded() / 10)s" }
        let whole = Int(min(seconds, 1e12).rounded())
        let parts = [(whole / 86400, "d"), (whole / 3600 % 24, "h"), (whole / 60 % 60, "m"), (whole % 60, "s")]
        return parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined(separator: " ")
    }
}
