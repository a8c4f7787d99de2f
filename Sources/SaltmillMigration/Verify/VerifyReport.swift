package import SaltmillBytes
package import SaltmillDelivery

/// What a verification has found and done; its JSON is described by `schemas/verify-report.schema.json`.
package struct VerifyReport: Sendable {
    /// How many keys differ, by kind.
    package struct Differences: Sendable, Equatable {
        package var missing = 0
        package var extra = 0
        package var different = 0
        package var all: Int { missing + extra + different }

        init(_ found: VerifyState.Findings) {
            missing = found.missing
            extra = found.extra
            different = found.different
        }
    }

    package var job: String
    package var table: String
    package var endpoint: String
    package var ending: Ending
    package var sample: VerifySample?
    package var seed: UInt64
    package var began: Double
    package var runs: Int
    package var seconds: Double
    package var units: Double

    /// Rows read, and what became of those that are no items.
    package var rows: Int
    package var rejected: Int
    package var superseded: Int
    /// Items read, those not counted that only say that a row is gone.
    package var items: Int
    package var tombstones: Int
    /// Keys that are the same on both sides, and among them those that became so only while they were looked at again.
    package var equal: Int
    package var settled: Int
    package var found: Differences
    /// What is left after the repair; nil when nothing was repaired.
    package var left: Differences?
    package var put: Int
    package var deleted: Int
    /// Where the differences stand, a line of JSON each; and those that are left.
    package var differencesFile: String
    package var remainingFile: String

    package var isEqual: Bool { ending == .finished && (left ?? found).all == 0 }

    /// What the outcome is called.
    package var outcome: String {
        switch ending {
        case .finished: (left ?? found).all > 0 ? "different" : found.all > 0 ? "repaired" : "equal"
        case .interrupted: "interrupted"
        case .runTime: "run-time"
        case .window: "window"
        case .temporary: "temporary"
        case .failed: "failed"
        }
    }

    /// The exit code that tells a script the outcome.
    package var exitCode: Int32 {
        switch ending {
        case .finished: (left ?? found).all > 0 ? 4 : 0
        case .interrupted: 130
        case .runTime, .window: 10
        case .temporary: 5
        case .failed: 1
        }
    }

    /// One sentence about the outcome.
    package var message: String {
        switch ending {
        case .finished:
            let scope = sample.map { "of a sample of \($0) (seed \(seed)) " } ?? ""
            if let left {
                let repaired = "\(Self.counts(found)); \(put) rows were written and \(deleted) items deleted"
                return left.all == 0
                    ? "\(repaired), and nothing differs any more" : "\(repaired); still \(Self.counts(left)), see \(remainingFile)"
            }
            if found.all == 0 {
                return sample == nil ? "the table is equal to the source" : "\(scope)every row is in the table as it should be"
            }
            return "\(scope)\(Self.counts(found)), see \(differencesFile)"
        case .interrupted: return "interrupted; what was read is kept, run the same command to go on"
        case .runTime: return "the run time is used up; run the same command to go on"
        case .window(let reason): return "\(reason); run the same command to go on"
        case .temporary(let reason), .failed(let reason): return reason
        }
    }

    private static func counts(_ differences: Differences) -> String {
        "\(differences.missing) missing, \(differences.extra) extra, \(differences.different) different"
    }

    package var json: JSONValue {
        [
            "version": 1, "job": .string(job), "table": .string(table), "endpoint": .string(endpoint), "outcome": .string(outcome),
            "exit_code": .integer(exitCode), "message": .string(message), "sample": sample.map { .string("\($0)") } ?? .null,
            "seed": sample == nil ? .null : .string("\(seed)"),
            "rows": ["read": .integer(rows), "rejected": .integer(rejected), "superseded": .integer(superseded)],
            "items": ["read": .integer(items), "deleted_by_sync": .integer(tombstones)],
            "equal": .integer(equal), "settled": .integer(settled), "differences": Self.json(found),
            "repair": left.map { ["put": .integer(put), "deleted": .integer(deleted), "left": Self.json($0)] } ?? .null,
            "read_units": .number("\((units * 10).rounded() / 10)"), "began": .number("\((began * 1000).rounded() / 1000)"),
            "seconds": .number("\((seconds * 1000).rounded() / 1000)"), "runs": .integer(runs),
        ]
    }

    private static func json(_ differences: Differences) -> JSONValue {
        [
            "missing": .integer(differences.missing), "extra": .integer(differences.extra), "different": .integer(differences.different),
        ]
    }
}
