import SaltmillDelivery

/// Makes two events of a wait: that it began, once it has lasted long enough to be worth telling, and that it is over.
///
/// A request that fails now and then sets and clears what a job waits for; neither that nor a short interruption of a long wait is an event.
struct WaitWatch: Sendable {
    /// A wait is told of when it has lasted this long, in seconds; a pause and closed hours are told of at once.
    static let patience = 2.0
    /// And is over when nothing has been waited for this long.
    static let calm = 1.0

    private struct Spell: Sendable {
        var wait: Wait
        var began: Clocks
        var lastSeen: Clocks
        var isTold = false
    }
    private var spell: Spell?

    /// Takes in what is waited for now.
    mutating func note(_ wait: Wait?, _ now: Clocks) -> [JobEvent] {
        var events: [JobEvent] = []
        if let current = spell,
            wait.map({ $0.cause != current.wait.cause }) ?? (now.boot - current.lastSeen.boot >= Self.calm || isDeliberate(current.wait))
        {
            events += end(now)
        }
        if let wait {
            if spell == nil { spell = Spell(wait: wait, began: now, lastSeen: now) }
            spell?.wait.reason = wait.reason
            spell?.lastSeen = now
        }
        if let current = spell, !current.isTold, isDeliberate(current.wait) || now.boot - current.began.boot >= Self.patience {
            spell?.isTold = true
            // Who paused the job is told by whoever took the command.
            if current.wait.cause != .paused { events.append(event(.waiting, current, at: current.began.wall)) }
        }
        return events
    }

    /// Ends the wait under way, if there is one.
    mutating func end(_ now: Clocks) -> [JobEvent] {
        guard let current = spell else { return [] }
        spell = nil
        guard current.isTold, current.wait.cause != .paused else { return [] }
        var event = event(.waited, current, at: now.wall)
        event.seconds = ((now.boot - current.began.boot) * 1000).rounded() / 1000
        return [event]
    }

    private func event(_ name: JobEvent.Name, _ spell: Spell, at time: Double) -> JobEvent {
        .make(name, at: time) {
            $0.cause = spell.wait.cause.rawValue
            $0.reason = spell.wait.reason
        }
    }

    private func isDeliberate(_ wait: Wait) -> Bool { wait.cause == .window || wait.cause == .paused }
}
