import SaltmillDelivery
import SaltmillMigration

/// A load's report for people.
enum ReportText {
    static func make(_ report: LoadReport) -> String {
        let rows = report.account
        var lines = [
            "\(report.job): \(report.message)",
            "  rows      read \(rows.read) = written \(rows.written) + kept \(rows.kept) + rejected \(rows.rejected) + filtered \(rows.filtered) + superseded \(rows.superseded) + pending \(rows.pending)",
        ]
        lines += reasons(report.rejectReasons)
        let units = report.usage.units
        var consumed = "table \(ProgressLine.number(units.first ?? 0))"
        for (name, value) in zip(report.indexNames, units.dropFirst()) { consumed += ", \(name) \(ProgressLine.number(value))" }
        lines.append("  units     \(consumed); ceiling \(report.ceiling)")
        lines.append(
            "  requests  \(report.usage.requests) sent, \(report.usage.throttledRequests) throttled, \(report.usage.failedRequests) without an answer; \(report.usage.refusedItems) item tries refused"
        )
        let survey = (report.surveySeconds * 10).rounded() / 10
        let load = (report.loadSeconds * 10).rounded() / 10
        let all = (report.allRunsSeconds * 10).rounded() / 10
        lines.append("  time      survey \(survey) s, load \(load) s\(report.runs > 1 ? "; load in all \(report.runs) runs \(all) s" : "")")
        for key in report.hotKeys.prefix(5) { lines.append("  hot key   \(key.advice)") }
        return lines.joined(separator: "\n")
    }

    /// One line for each reason why rows were rejected, the most frequent first.
    static func reasons(_ reasons: [String: Int]) -> [String] {
        reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "  rejected  \($0.value) × \($0.key)" }
    }
}
