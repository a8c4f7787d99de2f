import Foundation
import SaltmillBackup
import SaltmillDelivery

/// Shows a dump while it runs: a live line on a terminal, otherwise one plain line every half minute.
struct DumpDisplay {
    let monitor: DumpMonitor
    let isQuiet: Bool

    /// Runs the job and shows it meanwhile; when it returns, the terminal is in order.
    func show<Report: Sendable>(_ job: @escaping @Sendable () async throws -> Report) async throws -> Report {
        try await withThrowingTaskGroup(of: Report?.self) { group in
            group.addTask {
                await watch()
                return nil
            }
            group.addTask { try await job() }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                guard let result else { continue }
                group.cancelAll()
                try await group.waitForAll()
                return result
            }
            throw CancellationError()
        }
    }

    /// Runs until its task is cancelled.
    private func watch() async {
        var samples: [(time: Double, items: Int, units: Double)] = []
        var lastLine = ""
        var wasWaiting = false
        var ticks = 0
        while true {
            do { try await ContinuousClock().sleep(for: Terminal.isInteractive ? .milliseconds(250) : .seconds(1)) } catch { break }
            for note in monitor.takeNotes() { show(note: note, over: lastLine) }
            ticks += 1
            let line: String
            var isWaiting = false
            switch monitor.phase {
            case .preparing: continue
            case .verifying: line = "dump: reading again"
            case .dumping(let progress):
                samples.append((progress.elapsed, progress.items, progress.usage.units.first ?? 0))
                while samples.count > 2, samples[1].time < progress.elapsed - 15 { samples.removeFirst() }
                line = Self.line(progress, since: samples[0])
                isWaiting = progress.problem != nil
            }
            if isQuiet { continue }
            if Terminal.isInteractive {
                Terminal.redraw(String(line.prefix(Terminal.width - 1)))
            } else if ticks % 30 == 0 || isWaiting != wasWaiting {
                // A wait is told of when it begins and when it is over.
                let style = Date.ISO8601FormatStyle().year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false)
                Terminal.error("\(Date.now.formatted(style)) \(line)")
            }
            lastLine = line
            wasWaiting = isWaiting
        }
        if Terminal.isInteractive, !lastLine.isEmpty { Terminal.redraw("") }
        for note in monitor.takeNotes() { show(note: note, over: "") }
    }

    private func show(note: String, over line: String) {
        if Terminal.isInteractive, !line.isEmpty { Terminal.redraw("") }
        Terminal.error("saltmill: note: \(note)")
    }

    /// Fields in a fixed order, with labels that stay.
    private static func line(_ progress: DumpMonitor.Progress, since first: (time: Double, items: Int, units: Double)) -> String {
        var fields: [String] = []
        if let total = progress.totalItems {
            // The server counts now and then only; more than it said is no more than all.
            let share = (min(Double(progress.items) / Double(total), 1) * 1000).rounded(.down) / 10
            fields.append("dump \(share)% \(ProgressLine.count(progress.items))/\(ProgressLine.count(total)) items")
        } else {
            fields.append("dump \(ProgressLine.count(progress.items)) items")
        }
        let span = progress.elapsed - first.time
        let perSecond: (Double) -> String = { span > 0.5 ? ProgressLine.number($0 / span) : "—" }
        let limit = progress.ceiling.map { ProgressLine.number($0) } ?? "∞"
        fields.append("\(perSecond((progress.usage.units.first ?? 0) - first.units))/\(limit) units/s")
        fields.append("\(perSecond(Double(progress.items - first.items))) items/s")
        if progress.usage.throttledRequests > 0 { fields.append("refused \(progress.usage.throttledRequests)") }
        if progress.tables > 1 { fields.append("tables \(progress.tablesDone)/\(progress.tables)") }
        fields.append("ETA \(eta(progress, itemsPerSecond: span > 2 ? Double(progress.items - first.items) / span : nil))")
        if let problem = progress.problem { fields.append("WAITING: \(problem)") }
        return fields.joined(separator: " | ")
    }

    /// Time left by the table's size as the server last told it; told only once there is something to tell it from.
    private static func eta(_ progress: DumpMonitor.Progress, itemsPerSecond rate: Double?) -> String {
        guard let total = progress.totalItems else { return "—" }
        guard let rate else { return "measuring" }
        return rate > 0 ? ProgressLine.duration(Double(max(total - progress.items, 0)) / rate) : "—"
    }
}
