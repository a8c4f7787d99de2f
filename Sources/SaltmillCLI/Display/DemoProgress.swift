import SaltmillDelivery
import SaltmillMigration

/// Shows on a terminal how far each of several loads is.
enum DemoProgress {
    /// Runs until its task is cancelled.
    static func show(_ monitors: [LoadMonitor]) async {
        guard Terminal.isInteractive else { return }
        while true {
            do { try await ContinuousClock().sleep(for: .milliseconds(250)) } catch { break }
            let parts = monitors.map { monitor in
                guard case .loading(let progress) = monitor.phase, let total = progress.totalRows, total > 0 else { return "…" }
                return "\((progress.account.read - progress.account.pending) * 100 / total) %"
            }
            Terminal.redraw(String("loading  \(parts.joined(separator: "  "))".prefix(Terminal.width - 1)))
        }
        Terminal.redraw("")
    }
}
