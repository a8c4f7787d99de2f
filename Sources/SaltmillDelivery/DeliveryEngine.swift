import SaltmillDispatching
import SaltmillPacing
import Synchronization

/// Delivery's moving part: the state behind a lock, turned by the sender's thread.
///
/// Whatever happens (rows were added, an answer came, a wait is over) ends in ``turn()``, which asks the state what to send until it says to wait.
package final class DeliveryEngine<Sender: BatchSending>: Sendable {
    private let state: Mutex<DeliveryState>
    private let sender: Sender
    /// Somebody may read on.
    package let demand = Pulse()
    /// Delivery has come to an end, or something that was under way then has come back.
    package let ended = Pulse()

    package init(_ state: consuming DeliveryState, sender: Sender) {
        self.state = Mutex(state)
        self.sender = sender
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
        let value = try state.withLock { try body(&$0) }
        sender.wake()
        return value
    }

    /// Looks at the state.
    package func read<Value: Sendable>(_ body: (inout DeliveryState) -> Value) -> Value { state.withLock { body(&$0) } }

    /// Sends what may be sent.
    /// - Returns: how long until the next turn; nil when only an event brings one.
    private func turn() -> Duration? {
        while true {
            let (turn, wantsMore, isOver) = state.withLock { state in
                let turn = state.next(now: .now)
                return (turn, state.hasReadingToDo, state.ending != nil)
            }
            if wantsMore { demand.signal() }
            switch turn {
            case .send(let id, let body):
                sender.send(body) { [weak self] reply in
                    self?.state.withLock { $0.settle(id, reply, now: .now) }
                }
            case .wait(let until):
                if isOver {
                    ended.signal()
                    demand.signal()
                }
                return until.map { max($0 - .now, .zero) }
            }
        }
    }
}
