import Foundation
package import SaltmillBytes
package import SaltmillDelivery

/// The story of a load, as it is printed and kept; its JSON is described by `schemas/run-report.schema.json`.
package struct LoadReport: Sendable {
    package var job: String
    package var table: String
    package var endpoint: String
    package var ending: Ending
    package var account: Account
    package var usage: Usage
    package var indexNames: [String]
    package var rejectFile: String
    package var rejectReasons: [String: Int]
    /// Seconds that the survey, this run's load and the loads of all runs took.
    package var surveySeconds: Double
    package var loadSeconds: Double
    package var allRunsSeconds: Double
    package var ceiling: String
    package var runs: Int
    package var hotKeys: [HotKeyEntry]
    /// Of a live source: changes after this moment, in seconds since 1970, may not be in the table.
    package var changesNotCovered: Int64?

    /// What the outcome is called.
    package var outcome: String {
        switch ending {
        case .finished: account.rejected > 0 ? "rejected" : "done"
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
        case .finished: account.rejected > 0 ? 3 : 0
        case .interrupted: 130
        case .runTime, .window: 10
        case .temporary: 5
        case .failed: 1
        }
    }

    /// One sentence about the outcome.
    package var message: String {
        switch ending {
        case .finished where account.rejected > 0: "finished; \(account.rejected) rows were rejected, see \(rejectFile)\(caveat)"
        case .finished where account.kept > 0:
            "finished; every row is accounted for, \(account.kept) of them kept as the table had them\(caveat)"
        case .finished: "finished; every row is accounted for\(caveat)"
        case .interrupted: "interrupted; a checkpoint is written, run the same command to go on"
        case .runTime: "the run time is used up; run the same command to go on"
        case .window(let reason): "\(reason); run the same command to go on"
        case .temporary(let reason), .failed(let reason): reason
        }
    }

    private var caveat: String { changesNotCovered.map { "; changes at the source after \(Self.time($0)) are not covered" } ?? "" }

    private static func time(_ seconds: Int64) -> String { Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601) }

    package var json: JSONValue {
        [
            "version": 1, "job": .string(job), "table": .string(table), "endpoint": .string(endpoint), "outcome": .string(outcome),
            "exit_code": .integer(exitCode), "message": .string(message),
            "rows": [
                "read": .integer(account.read), "written": .integer(account.written), "kept": .integer(account.kept),
                "rejected": .integer(account.rejected),
                "filtered": .integer(account.filtered), "superseded": .integer(account.superseded), "pending": .integer(account.pending),
            ],
            "rejects": Self.rejects(file: rejectFile, reasons: rejectReasons),
            "units": [
                "table": Self.number(usage.units.first ?? 0),
                "indexes": .object(zip(indexNames, usage.units.dropFirst()).map { .init($0, Self.number($1)) }),
            ],
            "requests": [
                "sent": .integer(usage.requests), "throttled": .integer(usage.throttledRequests), "failed": .integer(usage.failedRequests),
            ],
            "refused_items": .integer(usage.refusedItems),
            "seconds": [
                "survey": Self.number(surveySeconds), "load": Self.number(loadSeconds), "all_runs": Self.number(allRunsSeconds),
            ],
            "ceiling": ["limit": .string(ceiling)],
            "runs": .integer(runs),
            "changes_not_covered_after": changesNotCovered.map { .string(Self.time($0)) } ?? .null,
            "hot_keys": .array(
                hotKeys.map { key in
                    let name = key.name
                    return [
                        "attribute": .string(name.attribute), "value": .string(name.value), "index": key.index.map { .string($0) } ?? .null,
                        "refusals": .integer(key.refusals), "tries": .integer(key.tries), "share": Self.number(key.share),
                        "advised_shards": key.shards.map { .integer($0) } ?? .null,
                        "relaxed_shards": key.relaxedShards.map { .integer($0) } ?? .null,
                    ]
                }),
        ]
    }

    /// Where rejected rows are, and how many there are for each reason.
    static func rejects(file: String, reasons: [String: Int]) -> JSONValue {
        ["file": .string(file), "reasons": .object(reasons.sorted { $0.key < $1.key }.map { .init($0.key, .integer($0.value)) })]
    }

    /// A number with at most three decimals.
    private static func number(_ value: Double) -> JSONValue {
        let rounded = (value * 1000).rounded() / 1000
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? .integer(Int(rounded)) : .number(String(rounded))
    }
}
