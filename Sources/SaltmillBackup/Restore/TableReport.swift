package import SaltmillBytes
package import SaltmillDelivery

/// What has become of one table.
package struct TableReport: Sendable {
    /// How the result compares with the dump.
    package enum Verdict: Sendable, Equatable {
        /// Nobody looked; says why.
        case unchecked(String)
        case equal(items: Int)
        case different(String)
    }

    /// Its name in the dump, where it has one.
    package var source: String?
    package var target: String
    package var ending: Ending
    package var account = Account()
    package var usage = Usage(indexCount: 0)
    package var rejectReasons: [String: Int] = [:]
    package var rejectFile: String
    package var verdict = Verdict.unchecked("the restore did not come that far")
    /// Items that an incremental export says were deleted.
    package var deleted = 0
    package var runs = 1
    package var loadSeconds = 0.0
    package var verifySeconds = 0.0
    package var notes: [String] = []
    /// Settings that the server refuses, or the credentials do not permit, in sentences.
    package var refused: [String] = []

    init(source: String?, target: String, ending: Ending, rejectFile: String) {
        self.source = source
        self.target = target
        self.ending = ending
        self.rejectFile = rejectFile
    }

    /// The report of a restore that an error has ended.
    init(source: String?, target: String, error: any Error, rejectFile: String) {
        let ending: Ending =
            switch error {
            case is CancellationError: .interrupted
            case let failure as JobFailure where failure.kind == .temporary: .temporary(failure.description)
            default: .failed("\(error)")
            }
        self.init(source: source, target: target, ending: ending, rejectFile: rejectFile)
    }

    package var exitCode: Int32 {
        switch ending {
        case .failed: 1
        case .temporary: 5
        case .interrupted: 130
        case .runTime, .window: 10
        case .finished:
            if case .different = verdict { 4 } else if !refused.isEmpty { 1 } else { account.rejected > 0 ? 3 : 0 }
        }
    }

    package var outcome: String {
        switch exitCode {
        case 0: "done"
        case 3: "rejected"
        case 4: "different"
        case 5: "temporary"
        case 10: "run-time"
        case 130: "interrupted"
        default: "failed"
        }
    }

    /// One sentence about the outcome.
    package var message: String {
        switch ending {
        case .interrupted: return "interrupted; a checkpoint is written, run the same command to go on"
        case .runTime: return "the run time is used up; run the same command to go on"
        case .window(let reason): return "\(reason); run the same command to go on"
        case .temporary(let reason), .failed(let reason): return reason
        case .finished: break
        }
        let rejected = account.rejected > 0 ? "; \(account.rejected) items were rejected, see \(rejectFile)" : ""
        guard refused.isEmpty else {
            return
                "the items are restored, but these settings were refused: \(refused.joined(separator: "; ")); grant the permission, or mend what is said, and run the command again, without --replace\(rejected)"
        }
        switch verdict {
        case .different(let how): return "restored, but not equal to the dump: \(how)\(rejected)"
        case .equal(let items): return "restored and verified, \(items) items\(rejected)"
        case .unchecked(let why): return "restored, \(account.written) items; not verified: \(why)\(rejected)"
        }
    }

    package var json: JSONValue {
        var verification: [JSONValue.Member]
        switch verdict {
        case .unchecked(let why): verification = [.init("result", "unchecked"), .init("reason", .string(why))]
        case .equal(let items): verification = [.init("result", "equal"), .init("items", .integer(items))]
        case .different(let how): verification = [.init("result", "different"), .init("reason", .string(how))]
        }
        verification.append(.init("seconds", Self.number(verifySeconds)))
        return [
            "table": .string(target), "source": source.map { .string($0) } ?? .null, "outcome": .string(outcome),
            "exit_code": .integer(exitCode), "message": .string(message),
            "items": [
                "read": .integer(account.read), "written": .integer(account.written), "rejected": .integer(account.rejected),
                "pending": .integer(account.pending), "deleted": .integer(deleted),
            ],
            "rejects": [
                "file": .string(rejectFile),
                "reasons": .object(rejectReasons.sorted { $0.key < $1.key }.map { .init($0.key, .integer($0.value)) }),
            ],
            "units": Self.number(usage.units.reduce(0, +)),
            "requests": [
                "sent": .integer(usage.requests), "throttled": .integer(usage.throttledRequests), "failed": .integer(usage.failedRequests),
            ],
            "refused_items": .integer(usage.refusedItems), "verification": .object(verification),
            "seconds": Self.number(loadSeconds), "runs": .integer(runs), "notes": .array(notes.map { .string($0) }),
        ]
    }

    /// A number with at most three decimals.
    private static func number(_ value: Double) -> JSONValue {
        let rounded = (value * 1000).rounded() / 1000
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? .integer(Int(rounded)) : .number(String(rounded))
    }
}

/// The story of a restore, as it is printed.
package struct RestoreReport: Sendable {
    package var dump: String
    package var endpoint: String
    package var tables: [TableReport]

    /// The gravest of the tables' outcomes: failed, temporary, interrupted, run time used up, different, rejected, done.
    package var exitCode: Int32 {
        let codes = tables.map(\.exitCode)
        return [1, 5, 130, 10, 4, 3].first { codes.contains($0) } ?? 0
    }

    package var json: JSONValue {
        [
            "version": 1, "dump": .string(dump), "endpoint": .string(endpoint), "exit_code": .integer(exitCode),
            "tables": .array(tables.map(\.json)),
        ]
    }
}
