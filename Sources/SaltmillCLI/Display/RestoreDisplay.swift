import Foundation
import SaltmillBackup
import SaltmillDelivery

/// Shows a restore while it runs: a live line on a terminal, otherwise one plain line every half minute.
struct RestoreDisplay {
    let monitor: RestoreMonitor
    let isQuiet: Bool

    /// Runs until its task is cancelled.
    func run() async {
        var window = RateWindow()
        var lastLine = ""
        var ticks = 0
        let interval: Duration = Terminal.isInteractive ? .milliseconds(250) : .seconds(1)
        while true {
            do { try await ContinuousClock().sleep(for: interval) } catch { break }
            for note in monitor.takeNotes() { show(note: note, over: lastLine) }
            ticks += 1
            guard !isQuiet, let line = line(&window) else { continue }
            if Terminal.isInteractive {
                Terminal.redraw(String(line.prefix(Terminal.width - 1)))
            } else if ticks % 30 == 0 {
                Terminal.error(line)
            }
            lastLine = line
        }
        if Terminal.isInteractive, !lastLine.isEmpty { Terminal.redraw("") }
        for note in monitor.takeNotes() { show(note: note, over: "") }
    }

    private func line(_ window: inout RateWindow) -> String? {
        switch monitor.phase {
        case .preparing: return nil
        case .checking(let table, let done, let total):
            return "\(table) | checking the dump \(total == 0 ? 100 : Int(Double(done) / Double(total) * 100))%"
        case .waiting(let table, let reason): return "\(table) | \(reason)"
        case .loading(let table, let progress):
            window.note(progress)
            return "\(table) | \(ProgressLine.loading(progress, window))"
        case .verifying(let table, let items, let expected):
            let share = expected.map { $0 > 0 ? " of \(ProgressLine.count($0))" : "" } ?? ""
            return "\(table) | verifying \(ProgressLine.count(items))\(share) items"
        }
    }

    private func show(note: String, over line: String) {
        if Terminal.isInteractive, !line.isEmpty { Terminal.redraw("") }
        Terminal.error("saltmill: note: \(note)")
    }
}
