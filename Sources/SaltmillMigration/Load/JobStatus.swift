import Foundation
package import SaltmillBytes
package import SaltmillDelivery

/// How far a job is, as its last checkpoint tells.
package struct JobStatus: Sendable {
    package var job: String
    /// `not started`, `running`, `finished` or `stopped`.
    package var state: String
    package var runs: Int
    /// Seconds since the last checkpoint.
    package var checkpointAge: Double
    package var rejectFile: String
    /// Rejected rows by reason code.
    package var rejectReasons: [String: Int] = [:]
    /// Nil for a job that has not been started.
    package var progress: DeliveryProgress?

    /// - Parameter progress: a look at the running job.
    package init(_ spec: MigrationSpec, state: String, progress: DeliveryProgress?) {
        job = spec.job
        rejectFile = spec.rejects.path
        self.state = state
        runs = progress?.run ?? 0
        checkpointAge = progress?.checkpointAge ?? 0
        self.progress = progress
    }

    /// Looks at a spec's job.
    /// - Throws: when its state cannot be read.
    package init(_ spec: MigrationSpec) throws {
        job = spec.job
        rejectFile = spec.rejects.path
        let folder = JobFolder(spec.jobFolder)
        guard folder.exists else {
            (state, runs, checkpointAge, progress) = ("not started", 0, 0, nil)
            return
        }
        let store = try SQLiteStateStore(path: folder.state)
        let isRunning = JobLock.isHeld(path: folder.lock)
        guard let saved = try store.load() else {
            (state, runs, checkpointAge, progress) = (isRunning ? "preparing" : "not started", 0, 0, nil)
            return
        }
        let isDone = saved.checkpoint.ranges.allSatisfy(\.isDone) && saved.checkpoint.account.pending == 0
        state = isRunning ? "running" : isDone ? "finished" : "stopped"
        runs = saved.checkpoint.runs
        rejectReasons = saved.checkpoint.rejectReasons
        checkpointAge = max(secondsSince1970() - saved.checkpoint.takenAt, 0)
        var progress = try store.status().flatMap {
            $0.isEmpty ? nil : try JSONDecoder().decode(DeliveryProgress.self, from: Data($0.utf8))
        }
        // The account in the checkpoint is the one that counts.
        progress?.account = saved.checkpoint.account
        if !isRunning {
            progress?.wait = nil
            progress?.limiter = nil
        }
        self.progress = progress
    }

    /// Rejected rows by reason code, as the last checkpoint of the job in a folder has them.
    /// - Throws: when its state cannot be read.
    package static func rejects(in folder: String) throws -> [String: Int] {
        let folder = JobFolder(folder)
        guard folder.exists else { return [:] }
        return try SQLiteStateStore(path: folder.state).load()?.checkpoint.rejectReasons ?? [:]
    }

    package var json: JSONValue {
        var members: [JSONValue.Member] = [.init("job", .string(job)), .init("state", .string(state)), .init("runs", .integer(runs))]
        guard let progress else { return .object(members) }
        let account = progress.account
        members += [
            .init(
                "rows",
                [
                    "total": progress.totalRows.map { .integer($0) } ?? .null, "read": .integer(account.read),
                    "written": .integer(account.written), "kept": .integer(account.kept), "rejected": .integer(account.rejected),
                    "filtered": .integer(account.filtered),
                    "superseded": .integer(account.superseded), "pending": .integer(account.pending),
                ]),
            .init("rejects", LoadReport.rejects(file: rejectFile, reasons: rejectReasons)),
            .init("units", .number(String(progress.usage.units.reduce(0, +)))),
            .init("ceiling", progress.ceiling.map { .number(String($0)) } ?? .null),
            .init("limiter", progress.limiter.map { .string($0.text) } ?? .null),
            .init("refused_items", .integer(progress.usage.refusedItems)),
            .init("parked_lanes", .integer(progress.parkedLanes)),
            .init("checkpoint_age", .number(String((checkpointAge * 1000).rounded() / 1000))),
            .init(
                "hot_keys",
                .array(
                    progress.hotKeys.map { key in
                        [
                            "attribute": .string(key.name.attribute), "value": .string(key.name.value),
                            "index": key.index.map { .string($0) } ?? .null, "refusals": .integer(key.refusals),
                            "tries": .integer(key.tries), "advised_shards": key.shards.map { .integer($0) } ?? .null,
                        ]
                    })),
            .init("waiting", progress.problem.map { .string($0) } ?? .null),
            .init("waiting_cause", progress.wait.map { .string($0.cause.rawValue) } ?? .null),
            .init("limited_by", (progress.problem ?? progress.limiter?.text).map { .string($0) } ?? .null),
        ]
        return .object(members)
    }
}
