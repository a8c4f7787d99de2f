import SaltmillBytes
import SaltmillDelivery
package import SaltmillDynamoDB
import SaltmillItems
package import SaltmillPacing
import SaltmillSources

/// Compares a table with what the spec makes of the source: each item of one is in the other, with the same content.
///
/// Both sides are read once, the table first: what is written to a live source and carried over meanwhile is then on both. For the same reason the
/// ranges of a live database are fixed only when the table has been read: whatever item was in it had its row by then, or has none. Only the
/// hashes of keys and contents are kept, in files; keys that differ are looked at again before they are reported, and can be repaired.
package struct VerifyJob: Sendable {
    package struct Options: Sendable {
        /// Only so many rows are looked up; nil for all of both sides.
        package var sample: VerifySample?
        /// Which rows a sample has; nil for others each time.
        package var seed: UInt64?
        /// Replaces the spec's ceilings, in read units.
        package var ceiling: RateCeiling?
        /// Rows a second that are read of the source; nil for no limit.
        package var sourceRate: Double?
        /// Whether the table is scanned strongly consistent; keys that differ always are.
        package var isConsistent = true
        /// Scans of the table that go side by side; nil to choose by its size.
        package var segments: Int?
        /// Rows that are missing or different are written anew.
        package var repairs = false
        /// Items that no row has are deleted.
        package var deletesExtra = false
        /// What an earlier run has read is forgotten.
        package var restarts = false
        /// The run stops, resumable, after this time.
        package var runTime: Duration?
        /// The run ends, resumable, when the schedule closes; otherwise it waits.
        package var exitsAtWindow = false

        package init() {}
    }

    package let spec: MigrationSpec
    private let client: DynamoDBClient
    private let options: Options
    package let monitor = VerifyMonitor()

    package init(_ spec: MigrationSpec, client: DynamoDBClient, options: Options = Options()) {
        self.spec = spec
        self.client = client
        self.options = options
    }

    /// Runs the verification, or goes on with it where an earlier run left off.
    ///
    /// Cancelling the task interrupts it: what was read is kept and the report says so.
    /// - Throws: for anything that keeps it from beginning: ``JobFailure``, ``SpecError``, `SourceError`, `JobLockError`.
    package func run() async throws -> VerifyReport {
        try spec.checkPersonalData()
        try spec.checkDrift()
        let input = try spec.openInput()
        let resolved = try spec.resolve(columns: input.columns)
        let job = JobFolder(spec.jobFolder)
        let folder = VerifyFolder(job)
        try job.make()
        try folder.make()
        let lock = try JobLock(path: folder.lock)
        if JobLock.isHeld(path: job.lock) {
            monitor.note("the job's load is running: rows that it has not written yet count as missing")
        }
        let table = try await findTable()
        let limits = try VerifyLimits(spec, ceiling: options.ceiling, table: table, now: Int64(secondsSince1970()))
        let source = try survey(input, resolved, job, folder)
        let store = try open(folder, source: source.identity, table)
        monitor.began(store, totalRows: source.total)
        let work = VerifyRun(
            client: client, spec: resolved, openRows: source.open, table: table, limits: limits, store: store, monitor: monitor,
            options: options)
        let report = try await work.run()
        try JobFolder(folder.path).write(report.json.bytes, to: folder.report)
        if report.ending == .finished { folder.clear() }
        _ = consume lock
        return report
    }

    /// Where the differences that were found stand.
    package var differencesFile: String { VerifyFolder(JobFolder(spec.jobFolder)).differences }

    private func findTable() async throws -> TableDescription {
        let table = try await client.explained("verifying \(spec.target.table)") { try await client.describeTable(spec.target.table) }
        guard table.key == spec.keySchema else {
            throw JobFailure(
                .usage, "the table \(table.name) has another key than the spec makes; change the spec's key or name another table")
        }
        return table
    }

    /// What is known of the source before it is read, and how to begin with that.
    private struct Source {
        var identity: String
        var total: Int?
        var open: @Sendable () throws -> any RowSource
    }

    private func survey(_ input: SourceInput, _ resolved: ResolvedSpec, _ job: JobFolder, _ folder: VerifyFolder) throws -> Source {
        switch input {
        case .records(let input):
            let (rows, total) = try survey(input, resolved, job, folder)
            return Source(identity: rows.identity, total: total) { rows }
        case .database(let input):
            return Source(identity: spec.source.name, total: input.estimatedRows) {
                try JobFolder(folder.rows).make()
                return try input.source(keptIn: folder.rows)
            }
        }
    }

    private func survey(
        _ input: any RecordInput, _ resolved: ResolvedSpec, _ job: JobFolder, _ folder: VerifyFolder
    ) throws -> (rows: RecordSource, total: Int?) {
        guard spec.duplicates != .unchecked else {
            monitor.note("duplicates are unchecked: of rows of one key any may be the item")
            return (RecordSource(unsurveyed: input), nil)
        }
        let request = SurveyRequest(keyFingerprint: spec.keyFingerprint.digest, duplicates: spec.duplicates)
        // The load's survey is used where there is one; one of our own does not touch it.
        let known = try Survey.load(from: job.survey, of: input, for: request) ?? Survey.load(from: folder.survey, of: input, for: request)
        if let known { return (try RecordSource(input, survey: known), Int(known.recordCount)) }
        var keys = MigrationKeys(encoder: ItemEncoder(resolved.mapping, columnCount: resolved.columns.count))
        let total = input.stamp.size
        let survey = try Survey.take(of: input, for: request, keys: &keys, in: folder.survey) { monitor.survey(done: $0, total: total) }
        return (try RecordSource(input, survey: survey), Int(survey.recordCount))
    }

    /// The state to go on from, or a first one where there is none that belongs to this.
    private func open(_ folder: VerifyFolder, source: String, _ table: TableDescription) throws -> VerifyStore {
        let facts = [
            "endpoint": client.endpoint.url, "table": table.name, "table id": table.identity, "source": source,
            "mapping": spec.fingerprint.digest, "sample": options.sample.map { "\($0)" } ?? "all",
            "reads": options.isConsistent ? "consistent" : "eventually consistent",
        ]
        var state: VerifyState?
        if !options.restarts, let saved = VerifyState.load(folder.state), saved.phase != .done {
            let changed = facts.keys.sorted().filter { facts[$0] != saved.facts[$0] }
            if changed.isEmpty, options.seed == nil || options.seed == saved.seed {
                state = saved
            } else {
                let what = changed.isEmpty ? "seed" : changed.joined(separator: ", ")
                monitor.note("an unfinished verification is begun anew, since what it was of has changed: \(what)")
            }
        }
        // A sample is picked in one piece.
        if options.sample != nil, state?.phase == .source { state = nil }
        if state == nil { folder.clear() }
        var begun =
            state
            ?? VerifyState(
                facts: facts, phase: options.sample == nil ? .target : .source, began: secondsSince1970(),
                seed: options.seed ?? .random(in: 0 ... .max), secret: (0..<4).map { _ in .random(in: 0 ... .max) },
                segments: Array(repeating: VerifyState.Segment(), count: segments(table)))
        begun.runs += 1
        let store = try VerifyStore(begun, in: folder)
        try store.save()
        return store
    }

    /// How many scans go side by side, unless that is told: one for every 64 MB, and a few where nothing is known, since sizes are told hours late.
    private func segments(_ table: TableDescription) -> Int {
        guard !table.mayIgnoreSegments else { return 1 }
        if let segments = options.segments { return segments }
        guard let size = table.sizeBytes, size > 0 else { return 4 }
        return min(max(size >> 26, 4), 16)
    }
}
