import Foundation
import SaltmillDelivery
import SaltmillMigration
import SaltmillPartitions

/// What the demo loads and how it tells of it.
enum DemoStory {
    /// What the tables and their indexes are provisioned with, and the share of it that each load may use.
    static let provisioned = 8000
    static let limit = 4000
    static let shards = 200

    /// A way to key the same rows, and the rules of the partitions that they go to.
    enum Variant: String, CaseIterable {
        case unsalted, unsaltedToday = "unsalted-today", index, salted, saltedIndex = "salted-index"

        /// Table and index of the same table go by one kind of rules.
        var model: Physics.Model { self == .unsalted || self == .salted ? .even2015 : .adaptive }
        var era: String { model == .even2015 ? "2015" : "today" }

        var title: String {
            switch self {
            case .unsalted, .unsaltedToday: "hash key: the date"
            case .index: "hash key: the id; the date in an index"
            case .salted: "hash key: the date, salted"
            case .saltedIndex: "hash key: the id; the date, salted, in an index"
            }
        }

        fileprivate var keys: String {
            let salt = "salt: { shards: \(shards), by: [id]"
            return switch self {
            case .unsalted, .unsaltedToday:
                """
                  hash: { attribute: day, from: answered_on, type: S }
                  range: { attribute: id, type: N }
                attributes:
                """
            case .salted:
                """
                  hash: { attribute: day, from: answered_on, type: S, \(salt) } }
                  range: { attribute: id, type: N }
                attributes:
                """
            case .index, .saltedIndex:
                """
                  hash: { attribute: id, type: N }
                indexes:
                  - name: by-day
                    hash: { attribute: day\(self == .index ? "" : ", \(salt), into: day_shard }") }
                    write: \(provisioned)
                    read: 3000
                attributes:
                  day: { from: answered_on, type: S }
                """
            }
        }
    }

    /// A load that has been run.
    struct Outcome: Sendable {
        var variant: Variant
        var report: LoadReport
        var verification: VerifyReport

        /// Units a second of the table alone, for which the limit is given.
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
        let spec = """
            version: 1
            job: \(variant.rawValue)
            source: { file: answers.csv }
            target: { table: answers-\(variant.rawValue), create: { billing: provisioned, write: \(provisioned), read: 3000 } }
            key:
            \(variant.keys)
              asker: { from: user_id, type: N, about: "who asked the question" }
              answerer: { from: partner_id, type: N, about: "who answered it" }
              body: S
            rate: { ceiling: \(limit * 100 / provisioned)% }

            """
        let path = "\(folder)/\(variant.rawValue).yaml"
        try Data(spec.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// All loads, one under the other.
    static func table(_ outcomes: [Outcome]) -> String {
        let columns: [(String, (Outcome) -> String)] = [
            ("keyed by", { $0.variant.title }),
            ("rules", { $0.variant.era }),
            ("reached", { "\(Int($0.unitsPerSecond.rounded()))/s" }),
            ("of limit", { "\(percent($0.unitsPerSecond / Double(limit))) %" }),
            ("refused", { "\($0.report.usage.refusedItems)" }),
            ("time", { "\(($0.report.loadSeconds * 10).rounded() / 10) s" }),
            ("verified", { $0.verification.isEqual ? "equal, \($0.verification.items) items" : "DIFFERENT" }),
        ]
        let cells = [columns.map(\.0)] + outcomes.map { outcome in columns.map { $0.1(outcome) } }
        let widths = columns.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        var lines = cells.map { row in zip(row, widths).map(pad).joined(separator: "  ").trimmingCharacters(in: .whitespaces) }
        for outcome in outcomes {
            guard let hot = outcome.report.hotKeys.first else { continue }
            lines.append("\(outcome.variant.title) (\(outcome.variant.era)): \(hot.advice)")
        }
        return lines.joined(separator: "\n")
    }

    private static func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10)" }

    private static func pad(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(width - text.count, 0)) }
}
