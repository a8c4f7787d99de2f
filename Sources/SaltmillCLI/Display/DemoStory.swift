import Foundation
import SaltmillDelivery
import SaltmillMigration

/// What the demo loads and how it tells of it.
enum DemoStory {
    /// Units a second that both loads may use.
    static let limit = 4000

    enum Variant: String, CaseIterable {
        case unsalted, salted

        var title: String { self == .unsalted ? "hash key: the date" : "hash key: the date, salted over 200 shards" }
        var exampleKey: String { self == .unsalted ? "2015-12-07" : "2015-12-07.123" }
    }

    struct Column {
        var variant: Variant
        var report: LoadReport
        var comparison: TableComparison

        var unitsPerSecond: Double { (report.usage.units.first ?? 0) / report.loadSeconds }
    }

    /// Answers of a busy day, and a few of the days around it.
    static func writeRows(_ count: Int, to folder: String) throws {
        var text = "id,answered_on,user_id,partner_id,body\n"
        for id in 1...count {
            let day = id % 10 == 0 ? 1 + id / 10 % 28 : 7
            text +=
                "\(id),2015-12-\(day < 10 ? "0" : "")\(day),\(id * 7919 % 100_003),\(id * 104_729 % 100_019),\"Answer number \(id), with a comma\"\n"
        }
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/answers.csv"))
    }

    /// - Returns: the spec's path.
    static func writeSpec(_ variant: Variant, to folder: String) throws -> String {
        let salt = variant == .salted ? ", salt: { shards: 200, by: [id] }" : ""
        let spec = """
            version: 1
            job: \(variant.rawValue)
            source: { file: answers.csv }
            target: { table: answers-\(variant.rawValue), create: { billing: provisioned, write: 8000, read: 3000 } }
            key:
              hash: { attribute: day, from: answered_on, type: S\(salt) }
              range: { attribute: id, type: N }
            attributes:
              asker: { from: user_id, type: N, about: "who asked the question" }
              answerer: { from: partner_id, type: N, about: "who answered it" }
              body: S
            rate: { ceiling: \(limit)/s }

            """
        let path = "\(folder)/\(variant.rawValue).yaml"
        try Data(spec.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Both loads side by side.
    static func table(_ columns: [Column]) -> String {
        let rows: [(String, (Column) -> String)] = [
            ("", { $0.variant == .unsalted ? "unsalted" : "salted" }),
            ("hash key", { $0.variant.exampleKey }),
            ("limit", { _ in "\(limit) units/s" }),
            ("reached", { "\(Int($0.unitsPerSecond.rounded())) units/s" }),
            ("share of the limit", { "\(percent($0.unitsPerSecond / Double(limit))) %" }),
            ("refused tries", { "\($0.report.usage.refusedItems)" }),
            ("time", { "\(($0.report.loadSeconds * 10).rounded() / 10) s" }),
            ("rows written", { "\($0.report.account.written)" }),
            ("verified", { $0.comparison.isEqual ? "equal, \($0.comparison.found) items" : "DIFFERENT" }),
        ]
        var lines = rows.map { row in
            ([pad(row.0, 18)] + columns.map { pad(row.1($0), 20) }).joined(separator: "  ")
        }
        if let hot = columns.first?.report.hotKeys.first {
            lines.append("hot key of the first load: \(hot.advice); its partition takes 1/9 of the table's units")
        }
        return lines.joined(separator: "\n")
    }

    private static func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10)" }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(width - text.count, 1))
    }
}
