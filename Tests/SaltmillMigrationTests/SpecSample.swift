import SaltmillMigration
import Testing

/// A small sound spec, to be spoilt in one place.
enum SpecSample {
    static let text = """
        version: 1
        job: flights
        source: { file: flights.csv }
        target: { table: flights }
        key:
          hash: { attribute: day, type: S, salt: { shards: 20, by: [flight] } }
          range: { attribute: flight, type: S }
        indexes:
          - { name: by_carrier, hash: { attribute: carrier } }
        attributes:
          carrier: S
          delay: N
        drop: [legacy]
        rate: { ceiling: 800/s }
        """

    static let columns = ["day", "flight", "carrier", "delay", "legacy"]

    /// The sample read, after replacing what stands once in it.
    static func read(_ old: String = "", _ new: String = "", environment: [String: String] = [:]) throws -> MigrationSpec {
        try MigrationSpec(yaml: spoilt(old, new), file: "specs/flights.yaml", environment: environment)
    }

    /// What reading the sample reports after replacing what stands once in it, without the file's name; empty when it is sound.
    static func complaint(_ old: String, _ new: String) -> String {
        do throws(SpecError) {
            _ = try MigrationSpec(yaml: spoilt(old, new), file: "f", environment: [:])
            return ""
        } catch {
            return error.description.split(separator: "\n").map { $0.dropFirst(2) }.joined(separator: "\n")
        }
    }

    private static func spoilt(_ old: String, _ new: String) -> String {
        if old.isEmpty { return text + new }
        let parts = text.split(separator: old, omittingEmptySubsequences: false)
        precondition(parts.count == 2, "`\(old)` must stand once in the sample")
        return parts.joined(separator: new)
    }
}

/// One fault: what is replaced in the sample, by what, and what must be reported.
struct SpecFault: Sendable, CustomTestStringConvertible {
    var old: String
    var new: String
    var complaint: String

    init(_ old: String, _ new: String, _ complaint: String) {
        self.old = old
        self.new = new
        self.complaint = complaint
    }

    var testDescription: String { "\(old) → \(new)" }
}
