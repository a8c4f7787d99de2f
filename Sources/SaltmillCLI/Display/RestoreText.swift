import SaltmillBackup
import SaltmillDelivery

/// A restore's report for people.
enum RestoreText {
    static func make(_ report: RestoreReport) -> String { report.tables.map(make).joined(separator: "\n") }

    private static func make(_ table: TableReport) -> String {
        let items = table.account
        var lines = [
            "\(table.target): \(table.message)",
            "  items     read \(items.read) = written \(items.written) + rejected \(items.rejected) + pending \(items.pending)\(table.deleted > 0 ? "; deleted \(table.deleted)" : "")",
        ]
        for (code, count) in table.rejectReasons.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            lines.append("  rejected  \(count) × \(code)")
        }
        lines.append(
            "  requests  \(table.usage.requests) sent, \(table.usage.throttledRequests) throttled, \(table.usage.failedRequests) without an answer; \(table.usage.refusedItems) item tries refused; \(ProgressLine.number(table.usage.units.reduce(0, +))) units"
        )
        let (load, verify) = ((table.loadSeconds * 10).rounded() / 10, (table.verifySeconds * 10).rounded() / 10)
        lines.append("  time      restore \(load) s, verification \(verify) s\(table.runs > 1 ? "; \(table.runs) runs" : "")")
        for note in table.notes { lines.append("  note      \(note)") }
        return lines.joined(separator: "\n")
    }
}
