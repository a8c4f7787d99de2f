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
        case verifying(table: String, items: Int, expected: Int?)
    }

    private struct State {
        var phase = Phase.preparing
        var delivery: (table: String, progress: @Sendable () -> DeliveryProgress)?
        var notes: [String] = []
    }
    private let state = Mutex(State())

    package init() {}

    package var phase: Phase {
        let (phase, delivery) = state.withLock { ($0.phase, $0.delivery) }
        return delivery.map { .loading(table: $0.table, $0.progress()) } ?? phase
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
            $0.delivery = nil
            $0.phase = phase
        }
    }

    func loading(_ table: String, _ progress: @escaping @Sendable () -> DeliveryProgress) {
        state.withLock { $0.delivery = (table, progress) }
    }
}
