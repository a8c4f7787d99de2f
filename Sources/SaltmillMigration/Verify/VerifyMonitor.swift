import SaltmillDelivery
import SaltmillPacing
import Synchronization

/// Where a verification is, for whoever shows it; to be looked at from outside at any time.
package final class VerifyMonitor: Sendable {
    package enum Phase: Sendable, Equatable {
        case preparing
        case surveying(doneBytes: UInt64, totalBytes: UInt64)
        case readingTarget
        case readingSource
        case comparing
        case confirming(done: Int, of: Int, differences: Int)
        case repairing
        case deleting(done: Int, of: Int)
    }

    /// A look at a running verification.
    package struct Progress: Sendable {
        package var phase: Phase
        package var items: Int
        /// Items as the server last counted them; nil while not known.
        package var totalItems: Int?
        package var rows: Int
        /// Rows of the source; nil while not known.
        package var totalRows: Int?
        /// Read units consumed.
        package var units: Double
        /// The ceiling in read units a second; nil for none.
        package var ceiling: Double?
        /// Rows written anew so far.
        package var put: Int
        /// What the verification waits for, if it waits.
        package var problem: String?
        /// Seconds since this run began.
        package var elapsed: Double
    }

    private struct State {
        var phase = Phase.preparing
        var totalItems: Int?
        var totalRows: Int?
        var problem: String?
        var scan: (@Sendable () -> (String?, Double?))?
        var delivery: (@Sendable () -> DeliveryProgress)?
        var store: VerifyStore?
        var notes: [String] = []
        var began = MonotonicTime.now
    }
    private let state = Mutex(State())

    package init() {}

    package var progress: Progress {
        let state = state.withLock { $0 }
        let saved = state.store?.now
        let scan = state.phase == .readingTarget ? state.scan?() : nil
        let delivery = state.phase == .repairing ? state.delivery?() : nil
        return Progress(
            phase: state.phase, items: saved?.items ?? 0, totalItems: state.totalItems, rows: saved?.read ?? 0, totalRows: state.totalRows,
            units: saved?.units ?? 0, ceiling: scan?.1 ?? delivery?.ceiling, put: delivery?.account.written ?? 0,
            problem: scan?.0 ?? delivery?.problem ?? state.problem, elapsed: (MonotonicTime.now - state.began).inSeconds)
    }

    /// What the user should know, each told once.
    package func takeNotes() -> [String] {
        state.withLock { state in
            defer { state.notes = [] }
            return state.notes
        }
    }

    func note(_ text: String) { state.withLock { $0.notes.append(text) } }

    func survey(done: UInt64, total: UInt64) { state.withLock { $0.phase = .surveying(doneBytes: done, totalBytes: total) } }

    func began(_ store: VerifyStore, totalRows: Int?) {
        state.withLock {
            $0.store = store
            $0.totalRows = totalRows
        }
    }

    func readingTarget(total: Int?, _ scan: @escaping @Sendable () -> (String?, Double?)) {
        state.withLock {
            $0.phase = .readingTarget
            // Servers count now and then only: no items may be any number.
            $0.totalItems = total.flatMap { $0 > 0 ? $0 : nil }
            $0.scan = scan
        }
    }

    func enter(_ phase: Phase) { state.withLock { $0.phase = phase } }

    func confirming(done: Int, of total: Int, _ differences: Int) { enter(.confirming(done: done, of: total, differences: differences)) }

    func repairing(_ delivery: @escaping @Sendable () -> DeliveryProgress) {
        state.withLock {
            $0.phase = .repairing
            $0.delivery = delivery
        }
    }

    /// Tells what is waited for; nil when nothing is.
    func wait(_ reason: String?) { state.withLock { $0.problem = reason } }
}
