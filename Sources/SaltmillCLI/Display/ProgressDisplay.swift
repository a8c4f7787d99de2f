import Foundation
import SaltmillDelivery
import SaltmillMigration

/// Shows a load while it runs: a live line on a terminal, otherwise one plain line every half minute.
struct ProgressDisplay {
    let monitor: LoadMonitor
    let isQuiet: Bool

    /// Runs until its task is cancelled.
    func run() async {
        var window = RateWindow()
        var lastLine = ""
        var lastProblem: String?
        var ticks = 0
        let interval: Duration = Terminal.isInteractive ? .milliseconds(250) : .seconds(1)
        while true {
            do { try await ContinuousClock().sleep(for: interval) } catch { break }
            for note in monitor.takeNotes() { show(note: note, over: lastLine) }
            ticks += 1
            let line: String
            var problem: String?
            switch monitor.phase {
            case .preparing: continue
            case .surveying(let done, let total): line = ProgressLine.surveying(doneBytes: done, totalBytes: total)
            case .loading(let progress):
                window.note(progress)
                line = ProgressLine.loading(progress, window)
                problem = progress.problem
            }
            if isQuiet { continue }
            if Terminal.isInteractive {
                Terminal.redraw(String(line.prefix(Terminal.width - 1)))
            } else if ticks % 30 == 0 || (problem == nil) != (lastProblem == nil) {
                // A wait is told of when it begins and when it is over.
                Terminal.error("\(Self.timestamp()) \(line)")
            }
            lastLine = line
            lastProblem = problem
        }
        if Terminal.isInteractive, !lastLine.isEmpty { Terminal.redraw("") }
        for note in monitor.takeNotes() { show(note: note, over: "") }
    }

    private func show(note: String, over line: String) {
        if Terminal.isInteractive, !line.isEmpty { Terminal.redraw("") }
        Terminal.error("saltmill: note: \(note)")
    }

    private static func timestamp() -> String {
        Date.now.formatted(.iso8601.year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false))
    }
}
