package import SaltmillDelivery
import Synchronization

/// Where a load is, for whoever shows it; to be looked at from outside at any time.
package final class LoadMonitor: Sendable {
    package enum Phase: Sendable {
        case preparing
        /// Reading the source once, to learn what loading it in parts needs.
        case surveying(doneBytes: UInt64, totalBytes: UInt64)
        case loading(DeliveryProgress)
    }

    private struct State {
        var survey: (done: UInt64, total: UInt64)?
        var delivery: (@Sendable () -> DeliveryProgress)?
        var segments: (@Sendable () -> [Double?])?
        var totalRows: Int?
        var notes: [String] = []
    }
    private let state = Mutex(State())

    package init() {}

    package var phase: Phase {
        let (delivery, survey) = state.withLock { ($0.delivery, $0.survey) }
        if let delivery { return .loading(delivery()) }
        if let survey { return .surveying(doneBytes: survey.done, totalBytes: survey.total) }
        return .preparing
    }

    /// Rows of the source; nil while that is not known.
    package var totalRows: Int? { state.withLock { $0.totalRows } }

    /// How much of each range of the source has been taken up, of 1, nil where that cannot be said; empty before loading.
    package var segments: [Double?] { state.withLock { $0.segments }?() ?? [] }

    /// What the user should know, each told once.
    package func takeNotes() -> [String] {
        state.withLock { state in
            defer { state.notes = [] }
            return state.notes
        }
    }

    package func note(_ text: String) { state.withLock { $0.notes.append(text) } }

    func survey(done: UInt64, total: UInt64) { state.withLock { $0.survey = (done, total) } }

    func loading(
        totalRows: Int?, segments: @escaping @Sendable () -> [Double?], _ delivery: @escaping @Sendable () -> DeliveryProgress
    ) {
        state.withLock {
            $0.totalRows = totalRows
            $0.segments = segments
            $0.delivery = delivery
        }
    }
}
