package import SaltmillPacing
import Synchronization

/// The moving part of a scan: the state behind a lock, turned by the sender's thread.
package final class ScanEngine: Sendable {
    /// What a schedule says at a time of day.
    package struct Limit: Sendable, Equatable {
        package var ceiling: RateCeiling
        /// Why nothing is read, when nothing is.
        package var closed: String?
        /// When it may change, in seconds since 1970; nil for never.
        package var until: Int64?

        package init(_ ceiling: RateCeiling, closed: String? = nil, until: Int64? = nil) {
            self.ceiling = ceiling
            self.closed = closed
            self.until = until
        }
    }

    /// What an engine follows beside its state.
    package struct Guidance: Sendable {
        /// What the schedule says at a time of day; nil when the ceiling stays as it is.
        package var limit: (@Sendable (_ secondsSince1970: Int64) -> Limit)?
        /// The scan ends, resumable, when the schedule closes, instead of waiting for it to open.
        package var endsWhenClosed = false

        package init() {}

        /// Follows a timetable.
        package init(_ timetable: RateTimetable) {
            limit = { time in
                let moment = timetable.moment(at: time)
                var ceiling = RateCeiling.none
                if case .ceiling(let value) = moment.value { ceiling = value }
                return Limit(ceiling, closed: moment.closed, until: moment.until)
            }
        }
    }

    private struct Shared {
        var state: ScanState
        /// When the schedule is to be looked at again.
        var limitDue = MonotonicTime.zero
    }

    private let state: Mutex<Shared>
    private let sender: ScanSender
    private let guidance: Guidance
    /// For each segment: its writer has something to do.
    private let pulses = Mutex<[Pulse]>([])

    package init(_ state: ScanState, sender: ScanSender, guidance: Guidance = Guidance()) {
        var shared = Shared(state: state)
        Self.followSchedule(guidance, &shared, now: .now)
        self.state = Mutex(shared)
        self.sender = sender
        self.guidance = guidance
    }

    /// Begins to send.
    package func start() {
        sender.setDriver { [weak self] in self?.turn() }
        sender.wake()
    }

    /// Stops the turns.
    package func stop() { sender.setDriver(nil) }

    /// Looks at the state.
    package func read<Value: Sendable>(_ body: (ScanState) -> Value) -> Value { state.withLock { body($0.state) } }

    /// Adds a table to be read.
    /// - Returns: its number, and the numbers of its segments.
    package func add(_ source: ScanState.Source) -> (table: Int, segments: Range<Int>) {
        pulses.withLock { $0 += source.segments.map { _ in Pulse() } }
        let added = state.withLock { $0.state.add(source, now: .now) }
        sender.wake()
        return added
    }

    /// The next thing to do for a segment's writer; waits for it.
    package func work(segment: Int) async -> ScanState.Work {
        let pulse = pulses.withLock { $0[segment] }
        while true {
            let work = state.withLock { $0.state.work(segment: segment) }
            guard case .wait = work else { return work }
            await pulse.wait()
        }
    }

    /// A page has been written down.
    package func wrote(bytes: Int) {
        state.withLock { $0.state.wrote(bytes: bytes) }
        sender.wake()
    }

    /// Ends the scan: nothing more is asked for.
    package func end(_ ending: Ending) { change { $0.end(ending) } }

    /// Gives a table up.
    package func fail(table: Int, _ reason: String) { change { $0.fail(table: table, reason) } }

    /// Takes in what a table says of itself.
    package func know(provisioned: Double?, ofTable table: Int) {
        change { $0.know(provisioned: provisioned, ofTable: table, now: .now) }
    }

    private func change(_ body: (inout ScanState) -> Void) {
        state.withLock { body(&$0.state) }
        signalAll()
    }

    private func signalAll() {
        sender.wake()
        for pulse in pulses.withLock({ $0 }) { pulse.signal() }
    }

    private func settle(_ id: ScanState.FlightID, _ reply: ScanReply) {
        let (segment, concernsAll) = state.withLock { shared in
            let before = shared.state.ending
            let segment = shared.state.settle(id, reply, now: .now)
            if case .page = reply { return (segment, false) }
            return (segment, shared.state.ending != before || segment.map { shared.state.isGivenUp(segment: $0) } ?? false)
        }
        let pulses = pulses.withLock { $0 }
        if let segment { pulses[segment].signal() }
        if concernsAll { for pulse in pulses { pulse.signal() } }
    }

    /// Sets the ceiling to what the schedule says. It is looked at every half minute at least, since clocks are set and machines sleep.
    /// - Returns: true when that has ended the scan.
    @discardableResult
    private static func followSchedule(_ guidance: Guidance, _ shared: inout Shared, now: MonotonicTime) -> Bool {
        guard let limit = guidance.limit, now >= shared.limitDue else { return false }
        let timeOfDay = Int64(secondsSince1970())
        let current = limit(timeOfDay)
        shared.state.setCeiling(current.ceiling, closed: current.closed, now: now)
        shared.limitDue = now + .seconds(min(max((current.until ?? .max) - timeOfDay, 1), 30))
        guard guidance.endsWhenClosed, let closed = current.closed, shared.state.ending == nil else { return false }
        shared.state.end(.window(closed))
        return true
    }

    /// Sends what may be sent.
    /// - Returns: how long until the next turn; nil when only an event brings one.
    private func turn() -> Duration? {
        while true {
            let (turn, limitDue, hasEnded) = state.withLock { shared in
                let hasEnded = Self.followSchedule(guidance, &shared, now: .now)
                return (shared.state.next(now: .now), shared.limitDue, hasEnded)
            }
            if hasEnded { signalAll() }
            switch turn {
            case .send(let id, let body): sender.send(body) { [weak self] reply in self?.settle(id, reply) }
            case .wait(let until):
                let due = [until, guidance.limit == nil ? nil : limitDue].compactMap { $0 }.min()
                return due.map { max($0 - .now, .zero) }
            }
        }
    }
}
