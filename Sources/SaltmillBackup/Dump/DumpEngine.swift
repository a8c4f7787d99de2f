import SaltmillDelivery
import SaltmillPacing
import Synchronization

/// The dump's moving part: the state behind a lock, turned by the sender's thread.
final class DumpEngine: Sendable {
    private let state: Mutex<DumpState>
    private let sender: ScanSender
    /// For each segment: its writer has something to do.
    private let pulses = Mutex<[Pulse]>([])

    init(_ state: DumpState, sender: ScanSender) {
        self.state = Mutex(state)
        self.sender = sender
    }

    /// Begins to send.
    func start() {
        sender.setDriver { [weak self] in self?.turn() }
        sender.wake()
    }

    /// Stops the turns.
    func stop() { sender.setDriver(nil) }

    /// Looks at the state.
    func read<Value: Sendable>(_ body: (DumpState) -> Value) -> Value { state.withLock { body($0) } }

    /// Adds a table to be read.
    /// - Returns: its number, and the numbers of its segments.
    func add(_ source: DumpState.Source) -> (table: Int, segments: Range<Int>) {
        pulses.withLock { $0 += source.segments.map { _ in Pulse() } }
        let added = state.withLock { $0.add(source, now: .now) }
        sender.wake()
        return added
    }

    /// The next thing to do for a segment's writer; waits for it.
    func work(segment: Int) async -> DumpState.Work {
        let pulse = pulses.withLock { $0[segment] }
        while true {
            let work = state.withLock { $0.work(segment: segment) }
            guard case .wait = work else { return work }
            await pulse.wait()
        }
    }

    /// A page has been written down.
    func wrote(bytes: Int) {
        state.withLock { $0.wrote(bytes: bytes) }
        sender.wake()
    }

    /// Ends the dump: nothing more is asked for.
    func end(_ ending: Ending) { change { $0.end(ending) } }

    /// Gives a table up.
    func fail(table: Int, _ reason: String) { change { $0.fail(table: table, reason) } }

    /// Takes in what a table says of itself.
    func know(provisioned: Double?, ofTable table: Int) { change { $0.know(provisioned: provisioned, ofTable: table, now: .now) } }

    private func change(_ body: (inout DumpState) -> Void) {
        state.withLock { body(&$0) }
        sender.wake()
        for pulse in pulses.withLock({ $0 }) { pulse.signal() }
    }

    private func settle(_ id: DumpState.FlightID, _ reply: ScanReply) {
        let (segment, concernsAll) = state.withLock { state in
            let before = state.ending
            let segment = state.settle(id, reply, now: .now)
            if case .page = reply { return (segment, false) }
            return (segment, state.ending != before || segment.map { state.isGivenUp(segment: $0) } ?? false)
        }
        let pulses = pulses.withLock { $0 }
        if let segment { pulses[segment].signal() }
        if concernsAll { for pulse in pulses { pulse.signal() } }
    }

    /// Sends what may be sent.
    /// - Returns: how long until the next turn; nil when only an event brings one.
    private func turn() -> Duration? {
        while true {
            switch state.withLock({ $0.next(now: .now) }) {
            case .send(let id, let body): sender.send(body) { [weak self] reply in self?.settle(id, reply) }
            case .wait(let until): return until.map { max($0 - .now, .zero) }
            }
        }
    }
}
