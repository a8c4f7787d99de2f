import Foundation
import SaltmillDelivery

/// Where a verification keeps what it must not forget: a folder within the job's.
struct VerifyFolder: Sendable {
    let path: String

    init(_ job: JobFolder) { path = job.path + "/verify" }

    var lock: String { path + "/lock" }
    var state: String { path + "/state.json" }
    var survey: String { path + "/survey" }
    var scratch: String { path + "/scratch" }
    /// Folder of what rows of a live database are found again by.
    var rows: String { path + "/rows" }
    var source: String { path + "/source.log" }
    var target: String { path + "/target.log" }
    var suspects: String { path + "/suspects" }
    /// Differences that were confirmed, for the repair; and those that were left after it.
    var confirmed: String { path + "/confirmed" }
    var left: String { path + "/left" }
    var differences: String { path + "/differences.jsonl" }
    var remaining: String { path + "/remaining.jsonl" }
    var repairs: String { path + "/repairs" }
    var repairState: String { path + "/repair.db" }
    var repairRejects: String { path + "/repair.rejects.jsonl" }
    var repairDeferred: String { path + "/repair.deferred" }
    var report: String { path + "/report.json" }

    func make() throws(JobFailure) { try JobFolder(path).make() }

    /// Removes what only a verification that is not finished needs.
    func clear() {
        for file in [state, source, target, suspects, confirmed, left] { unlink(file) }
        try? FileManager.default.removeItem(atPath: rows)
        clearRepair()
    }

    func clearRepair() {
        for file in [repairs, repairState, repairState + "-journal", repairState + "-wal", repairState + "-shm", repairRejects] {
            unlink(file)
        }
    }
}
