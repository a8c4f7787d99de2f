import SaltmillDelivery
import SaltmillMigration

/// A load, as it is shown while it runs.
struct LoadView: JobView {
    let monitor: LoadMonitor
    private var window = RateWindow()

    init(_ monitor: LoadMonitor) { self.monitor = monitor }

    mutating func look() -> (line: String, isWaiting: Bool)? {
        switch monitor.phase {
        case .preparing: return nil
        case .surveying(let done, let total): return (ProgressLine.surveying(doneBytes: done, totalBytes: total), false)
        case .loading(let progress):
            window.note(progress)
            return (ProgressLine.loading(progress, window), progress.problem != nil)
        }
    }

    func takeNotes() -> [String] { monitor.takeNotes() }
}
