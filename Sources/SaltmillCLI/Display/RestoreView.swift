import SaltmillBackup
import SaltmillDelivery

/// A restore, as it is shown while it runs.
struct RestoreView: JobView {
    let monitor: RestoreMonitor
    private var window = RateWindow()

    init(_ monitor: RestoreMonitor) { self.monitor = monitor }

    mutating func look() -> (line: String, isWaiting: Bool)? {
        switch monitor.phase {
        case .preparing: return nil
        case .checking(let table, let done, let total):
            return ("\(table) | checking the dump \(total == 0 ? 100 : Int(Double(done) / Double(total) * 100))%", false)
        case .waiting(let table, let reason): return ("\(table) | \(reason)", false)
        case .loading(let table, let progress):
            window.note(progress)
            return ("\(table) | \(ProgressLine.loading(progress, window))", progress.problem != nil)
        case .verifying(let table, let items, let expected, let problem):
            let share = expected.map { $0 > 0 ? " of \(ProgressLine.count($0))" : "" } ?? ""
            let wait = problem.map { " | WAITING: \($0)" } ?? ""
            return ("\(table) | verifying \(ProgressLine.count(items))\(share) items\(wait)", problem != nil)
        }
    }

    func takeNotes() -> [String] { monitor.takeNotes() }
}
