package import SaltmillDelivery
import SaltmillPacing
import Synchronization

/// Where a dump is, for whoever shows it; to be looked at from outside at any time.
package final class DumpMonitor: Sendable {
    package enum Phase: Sendable {
        case preparing
        case dumping(Progress)
        case verifying
    }

    /// A look at a running dump.
    package struct Progress: Sendable {
        /// Items looked at, those of earlier runs included.
        package var items: Int
        /// Items of all tables as the server last counted them; nil while not known.
        package var totalItems: Int?
        package var usage: Usage
        /// The user's ceiling in units a second; nil for none.
        package var ceiling: Double?
        package var tablesDone: Int
        package var tables: Int
        /// What the dump waits for, if it waits.
        package var problem: String?
        /// Seconds since this run began.
        package var elapsed: Double
    }

    private struct State {
        var engine: ScanEngine?
        var tables = 0
        var done = 0
        var counts: [String: Int?] = [:]
        var carried = 0
        var isVerifying = false
        var notes: [String] = []
        var began = MonotonicTime.zero
    }
    private let state = Mutex(State())

    package init() {}

    package var phase: Phase {
        state.withLock { state in
            if state.isVerifying { return .verifying }
            guard let engine = state.engine else { return .preparing }
            let known = state.counts.values.compactMap { $0 }
            let total = known.count == state.tables ? known.reduce(0, +) : 0
            let elapsed = (MonotonicTime.now - state.began).inSeconds
            return .dumping(
                engine.read { dump in
                    Progress(
                        items: state.carried + dump.scanned, totalItems: total > 0 ? total : nil, usage: dump.usage,
                        ceiling: dump.ceilingRate,
                        tablesDone: state.done, tables: state.tables, problem: dump.problem, elapsed: elapsed)
                })
        }
    }

    /// What the user should know, each told once.
    package func takeNotes() -> [String] {
        state.withLock { state in
            defer { state.notes = [] }
            return state.notes
        }
    }

    func note(_ text: String) { state.withLock { $0.notes.append(text) } }

    func dumping(_ engine: ScanEngine, tables: Int, began: MonotonicTime) {
        state.withLock {
            $0.engine = engine
            $0.tables = tables
            $0.began = began
        }
    }

    func know(_ table: String, items: Int?) { state.withLock { $0.counts[table] = .some(items) } }

    func carry(_ items: Int) { state.withLock { $0.carried += items } }

    func finished(_ table: String) { state.withLock { $0.done += 1 } }

    func verifying() { state.withLock { $0.isVerifying = true } }
}
