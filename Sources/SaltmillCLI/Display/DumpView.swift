import SaltmillBackup
import SaltmillDelivery

/// A dump, as it is shown while it runs.
struct DumpView: JobView {
    let monitor: DumpMonitor
    private var samples: [(time: Double, items: Int, units: Double)] = []

    init(_ monitor: DumpMonitor) { self.monitor = monitor }

    mutating func look() -> (line: String, isWaiting: Bool)? {
        switch monitor.phase {
        case .preparing: return nil
        case .verifying: return ("dump: reading again", false)
        case .dumping(let progress):
            samples.append((progress.elapsed, progress.items, progress.usage.units.first ?? 0))
            while samples.count > 2, samples[1].time < progress.elapsed - 15 { samples.removeFirst() }
            return (Self.line(progress, since: samples[0]), progress.problem != nil)
        }
    }

    func takeNotes() -> [String] { monitor.takeNotes() }

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
