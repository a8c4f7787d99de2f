import SaltmillDispatching
import SaltmillPacing
import Synchronization

/// Delivery's moving part: the state behind a lock, turned by the sender's thread.
///
/// Whatever happens (rows were added, an answer came, a wait is over) ends in ``turn()``, which asks the state what to send until it says to wait.
package final class DeliveryEngine<Sender: BatchSending>: Sendable {
    /// What an engine follows beside its state.
    package struct Guidance: Sendable {
        package var clock = JobClock.system
        /// What the limits' rates are at a time of day; nil when they stay as they are.
        package var pace: (@Sendable (_ secondsSince1970: Int64) -> Pace)?
        /// Delivery ends, resumable, when the schedule closes, instead of waiting for it to open.
        package var endsWhenClosed = false

        package init() {}
    }

    private struct Shared {
        var state: DeliveryState
        /// When the schedule is to be looked at again.
        var paceDue = MonotonicTime.zero
    }

    private let state: Mutex<Shared>
    private let sender: Sender
    private let guidance: Guidance
    /// Somebody may read on.
    package let demand = Pulse()
    /// Delivery has come to an end, or something that was under way then has come back.
    package let ended = Pulse()

    package init(_ state: DeliveryState, sender: Sender, guidance: Guidance = Guidance()) {
        var shared = Shared(state: state)
        Self.followSchedule(guidance, &shared, now: guidance.clock.now())
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

    /// Looks at, or changes, the state and has a turn taken.
    package func withState<Value: Sendable>(_ body: (inout DeliveryState) throws -> Value) rethrows -> Value {
        let value = try state.withLock { try body(&$0.state) }
        sender.wake()
        return value
    }

    /// Looks at the state.
    package func read<Value: Sendable>(_ body: (inout DeliveryState) -> Value) -> Value { state.withLock { body(&$0.state) } }

    /// Has the pace looked at again with the next turn, which comes at once.
    package func followPace() {
        state.withLock { $0.paceDue = .zero }
        sender.wake()
    }

    /// Sets the limits to what the schedule says. It is looked at every second, since clocks are set and machines sleep; not where waits are skipped.
    private static func followSchedule(_ guidance: Guidance, _ shared: inout Shared, now: MonotonicTime) {
        guard let pace = guidance.pace, now >= shared.paceDue else { return }
        let timeOfDay = Int64(guidance.clock.secondsSince1970())
        let current = pace(timeOfDay)
        shared.state.setPace(current, now: now)
        if guidance.endsWhenClosed, let closed = current.closed, closed.cause == .window, !shared.state.isDone {
            shared.state.end(.window(closed.reason))
        }
        let longest: Int64 = guidance.clock.skip == nil ? 1 : 30
        shared.paceDue = now + .seconds(min(max((current.until ?? .max) - timeOfDay, 1), longest))
    }

    /// Sends what may be sent.
    /// - Returns: how long until the next turn; nil when only an event brings one.
    private func turn() -> Duration? {
        let clock = guidance.clock
        while true {
            let now = clock.now()
            let (turn, paceDue, wantsMore, isOver, isIdle) = state.withLock { shared in
                Self.followSchedule(guidance, &shared, now: now)
                let turn = shared.state.next(now: now)
                let wantsMore = shared.state.hasReadingToDo
                return (turn, shared.paceDue, wantsMore, shared.state.ending != nil, shared.state.inFlight == 0 && !wantsMore)
            }
            if wantsMore { demand.signal() }
            switch turn {
            case .send(let id, let body):
                sender.send(body) { [weak self] reply in
                    self?.state.withLock { $0.state.settle(id, reply, now: clock.now()) }
                }
            case .wait(let until):
                if isOver {
                    ended.signal()
                    demand.signal()
                }
                guard let until = [until, guidance.pace == nil ? nil : paceDue].compactMap({ $0 }).min() else { return nil }
                if let skip = clock.skip, isIdle, !isOver {
                    skip(until)
                } else {
                    return max(until - now, .zero)
                }
            }
        }
    }
}
