import SaltmillMigration

/// A verification, as it is shown while it runs.
struct VerifyView: JobView {
    let monitor: VerifyMonitor
    private var samples: [(time: Double, units: Double, count: Int)] = []

    init(monitor: VerifyMonitor) { self.monitor = monitor }

    mutating func look() -> (line: String, isWaiting: Bool)? {
        let progress = monitor.progress
        guard progress.phase != .preparing else { return nil }
        samples.append((progress.elapsed, progress.units, progress.items + progress.rows))
        while samples.count > 2, samples[1].time < progress.elapsed - 15 { samples.removeFirst() }
        return (Self.line(progress, since: samples[0]), progress.problem != nil)
    }

    func takeNotes() -> [String] { monitor.takeNotes() }

    /// Fields in a fixed order, with labels that stay.
    private static func line(_ progress: VerifyMonitor.Progress, since first: (time: Double, units: Double, count: Int)) -> String {
        let span = progress.elapsed - first.time
        let perSecond: (Double) -> String = { span > 0.5 ? ProgressLine.number($0 / span) : "—" }
        let count = { (done: Int, total: Int?) in ProgressLine.count(done) + (total.map { "/\(ProgressLine.count($0))" } ?? "") }
        var fields: [String]
        switch progress.phase {
        case .preparing: fields = ["verify"]
        case .surveying(let done, let total): fields = [ProgressLine.surveying(doneBytes: done, totalBytes: total)]
        case .readingTarget:
            let limit = progress.ceiling.map { ProgressLine.number($0) } ?? "∞"
            fields = [
                "verify table \(count(progress.items, progress.totalItems)) items",
                "\(perSecond(progress.units - first.units))/\(limit) units/s",
                "ETA \(eta(progress.items, progress.totalItems, progress, first))",
            ]
        case .readingSource:
            fields = [
                "verify source \(count(progress.rows, progress.totalRows)) rows",
                "\(perSecond(Double(progress.items + progress.rows - first.count))) rows/s",
                "ETA \(eta(progress.rows, progress.totalRows, progress, first))",
            ]
        case .comparing: fields = ["verify comparing \(count(progress.rows, nil)) rows with \(count(progress.items, nil)) items"]
        case .confirming(let done, let total, let differences):
            fields = ["verify looking again \(count(done, total)) keys", "differences \(differences)"]
        case .repairing: fields = ["verify repair \(count(progress.put, nil)) rows written"]
        case .deleting(let done, let total): fields = ["verify repair \(count(done, total)) extra items"]
        }
        if let problem = progress.problem { fields.append("WAITING: \(problem)") }
        return fields.joined(separator: " | ")
    }

    /// Time left; told only once there is something to tell it from.
    private static func eta(
        _ done: Int, _ total: Int?, _ progress: VerifyMonitor.Progress, _ first: (time: Double, units: Double, count: Int)
    ) -> String {
        guard let total else { return "—" }
        let span = progress.elapsed - first.time
        guard span > 2 else { return "measuring" }
        let rate = Double(progress.items + progress.rows - first.count) / span
        return rate > 0 ? ProgressLine.duration(Double(max(total - done, 0)) / rate) : "—"
    }
}
