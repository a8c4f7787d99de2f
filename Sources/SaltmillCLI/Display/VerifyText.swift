import SaltmillDelivery
import SaltmillMigration

/// A verification's report for people.
enum VerifyText {
    static func make(_ report: VerifyReport) -> String {
        var lines = [
            "\(report.job): \(report.message)",
            "  rows      read \(report.rows); rejected \(report.rejected), superseded \(report.superseded)",
        ]
        if report.sample == nil {
            let noted = report.tombstones > 0 ? "; \(report.tombstones) only say that a row is gone" : ""
            lines.append("  items     read \(report.items)\(noted)")
        }
        lines.append("  equal     \(report.equal)\(report.settled > 0 ? ", \(report.settled) of them only when they were read again" : "")")
        if report.sample != nil {
            lines.append("  sample    sees no items beyond its rows; --seed \(report.seed) picks the same ones again")
        }
        lines.append("  differ    missing \(report.found.missing), extra \(report.found.extra), different \(report.found.different)")
        if let left = report.left {
            lines.append("  repair    \(report.put) rows written, \(report.deleted) items deleted; \(left.all) differences left")
        }
        let seconds = (report.seconds * 10).rounded() / 10
        lines.append(
            "  cost      \(ProgressLine.number(report.units)) read units, \(seconds) s\(report.runs > 1 ? " in \(report.runs) runs" : "")")
        return lines.joined(separator: "\n")
    }
}
