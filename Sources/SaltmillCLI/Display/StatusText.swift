import SaltmillDelivery
import SaltmillMigration

/// A job's status for people.
enum StatusText {
    static func make(_ status: JobStatus) -> String {
        guard let progress = status.progress else { return "\(status.job): \(status.state)" }
        let account = progress.account
        var lines = ["\(status.job): \(status.state), \(status.runs) \(status.runs == 1 ? "run" : "runs")"]
        if let total = progress.totalRows, total > 0 {
            let share = (Double(account.read - account.pending) / Double(total) * 1000).rounded(.down) / 10
            lines[0] += ", \(share)%"
        }
        lines.append(
            "  rows      read \(account.read) = written \(account.written) + kept \(account.kept) + rejected \(account.rejected) + filtered \(account.filtered) + superseded \(account.superseded) + pending \(account.pending)\(progress.totalRows.map { " of \($0)" } ?? "")"
        )
        lines += ReportText.reasons(status.rejectReasons)
        lines.append(
            "  units     \(ProgressLine.number(progress.usage.units.reduce(0, +)))\(progress.ceiling.map { "; ceiling \(ProgressLine.number($0))/s" } ?? "")"
        )
        lines.append(
            "  refused   \(progress.usage.refusedItems) item tries; \(progress.parkedLanes) lanes parked; \(progress.usage.failedRequests) requests without an answer"
        )
        if let limiter = progress.limiter { lines.append("  limited   by \(limiter.text)") }
        lines.append("  ckpt      \(ProgressLine.duration(status.checkpointAge)) ago")
        if let problem = progress.problem { lines.append("  waiting   \(problem)") }
        for key in progress.hotKeys { lines.append("  hot key   \(key.advice)") }
        return lines.joined(separator: "\n")
    }
}
