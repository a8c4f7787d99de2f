package import SaltmillDelivery
import Synchronization

/// Where a restore is, for whoever shows it; to be looked at from outside at any time.
package final class RestoreMonitor: Sendable {
    package enum Phase: Sendable {
        case preparing
        /// Reading the dump once, before anything is touched.
        case checking(table: String, doneBytes: UInt64, totalBytes: UInt64)
        case waiting(table: String, reason: String)
        case loading(table: String, DeliveryProgress)
        /// `problem` is what it waits for, if it waits.
        case verifying(table: String, items: Int, expected: Int?, problem: String?)
    }

    private struct State {
        var phase = Phase.preparing
        /// Tells the phase where it changes all the time.
        var look: (@Sendable () -> Phase)?
        var notes: [String] = []
    }
    private let state = Mutex(State())

    package init() {}

    package var phase: Phase {
        let (phase, look) = state.withLock { ($0.phase, $0.look) }
        return look?() ?? phase
    }

    /// What the user should know, each told once.
    package func takeNotes() -> [String] {
        state.withLock { state in
            defer { state.notes = [] }
            return state.notes
        }
    }

    func note(_ text: String) { state.withLock { $0.notes.append(text) } }

    func set(_ phase: Phase) {
        state.withLock {
            $0.look = nil
            $0.phase = phase
        }
    }

    /// Has the phase told by `look` until another one is set.
    func follow(_ look: @escaping @Sendable () -> Phase) { state.withLock { $0.look = look } }
}
