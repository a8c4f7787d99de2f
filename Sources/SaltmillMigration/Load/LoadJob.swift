import SaltmillBytes
package import SaltmillDelivery
package import SaltmillDynamoDB
import SaltmillItems
import SaltmillDispatching
package import SaltmillPacing
import SaltmillSources

/// Whoever keeps a load's books: told of the run while the job's lock is held.
package protocol LoadObserving: Sendable {
    /// The lock has just been taken, and nothing else been done.
    /// - Throws: what keeps the load from beginning.
    func loadBegan() throws
    /// The run is over; the lock is given back afterwards.
    func loadEnded(_ result: Result<LoadReport, any Error>)
}

/// A load from spec to report: checks, survey, delivery, account.
package struct LoadJob: Sendable {
    package struct Options: Sendable {
        /// Replaces the spec's ceiling for this run.
        package var ceiling: RateCeiling?
        /// The load stops, resumable, after this time.
        package var runTime: Duration?
        /// The load ends, resumable, when the schedule closes; otherwise it waits.
        package var exitsAtWindow = false
        package var clock = JobClock.system

        package init() {}
    }

    package let spec: MigrationSpec
    private let client: DynamoDBClient
    private let options: Options
    package let monitor = LoadMonitor()
    /// What the load follows, and may be told otherwise while it runs.
    package let steering: LoadSteering

    package init(_ spec: MigrationSpec, client: DynamoDBClient, options: Options = Options()) {
        steering = LoadSteering(spec, ceiling: options.ceiling, clock: options.clock)
        self.spec = spec
        self.client = client
        self.options = options
    }

    /// Runs the load, or goes on with it where an earlier run left off.
    ///
    /// Cancelling the task interrupts it: a checkpoint is written and the report says so.
    /// - Throws: before the first write for anything that keeps the job from beginning: ``JobFailure``, ``DynamoDBFailure``,
    ///   ``SpecError``, `SourceError`, `JobLockError`, `StateError`, `RejectFileError`.
    /// - Parameter observer: is told when the run begins and ends.
    package func run(observedBy observer: (any LoadObserving)? = nil) async throws -> LoadReport {
        if spec.source.path == "-", JobFolder(spec.jobFolder).hasStandardInput {
            monitor.note("standard input was read by an earlier run of the job; its copy is loaded, and nothing is read from it now")
        }
        try spec.checkPersonalData()
        try spec.checkDrift()
        let input = try spec.openInput()
        let resolved = try spec.resolve(columns: input.columns)
        let folder = JobFolder(spec.jobFolder)
        try folder.make()
        let lock = try JobLock(path: folder.lock)
        try observer?.loadBegan()
        let result: Result<LoadReport, any Error>
        do { result = .success(try await run(input, resolved, folder)) } catch { result = .failure(error) }
        observer?.loadEnded(result)
        _ = consume lock
        return try result.get()
    }

    private func run(_ input: SourceInput, _ resolved: ResolvedSpec, _ folder: JobFolder) async throws -> LoadReport {
        let store = try SQLiteStateStore(path: folder.state)
        let saved = try store.load()
        // Ranges that were fixed for a run that never began may be those of another table.
        if saved == nil { folder.removeRanges() }
        let table = try await client.explained {
            try await TargetCheck(client: client, spec: spec, note: monitor.note)
                .prepare(isResumed: saved != nil || spec.source.isRejectFile)
        }

        if let skew = client.clockSkew, abs(skew) > DynamoDBClient.suspiciousSkew {
            monitor.note(
                "this machine's clock is \(abs(skew)) s \(skew > 0 ? "behind" : "ahead of") the endpoint's; set it, requests are signed by the endpoint's meanwhile"
            )
        }
        let surveyed = MonotonicTime.now
        let limits = try steering.begin(table)
        let source = try rows(input, resolved, folder)
        let surveySeconds = (MonotonicTime.now - surveyed).inSeconds
        let checkpoint = try resume(saved, store: store, source: source.rows, table: table)
        let delivery = try delivery(
            resolved, source.rows, table: table, limits: limits, store: store, from: checkpoint, total: source.total)
        steering.attach(follow: { delivery.followPace() }, end: { delivery.end($0) })
        let ranges = source.rows.ranges
        // Ranges of a live database are known by their numbers alone.
        let isMeasured = source.rows is RecordSource
        monitor.loading(
            totalRows: source.total,
            segments: { zip(ranges, delivery.frontiers()).map { $1.isDone ? 1 : isMeasured ? $0.share(before: $1.frontier) : nil } }
        ) { delivery.progress() }
        let begun = options.clock.now()
        let result = try await delivery.run()
        let report = LoadReport(
            job: spec.job, table: spec.target.table, endpoint: client.endpoint.url, ending: result.ending,
            account: result.checkpoint.account, usage: result.checkpoint.usage, indexNames: spec.indexes.map(\.name),
            rejectFile: spec.rejects.path, rejectReasons: result.checkpoint.rejectReasons, surveySeconds: surveySeconds,
            loadSeconds: (options.clock.now() - begun).inSeconds, allRunsSeconds: result.checkpoint.seconds,
            ceiling: steering.pace(at: Int64(options.clock.secondsSince1970())).text,
            runs: result.checkpoint.runs, hotKeys: result.hotKeys, changesNotCovered: source.since)
        try folder.write(report.json.bytes, to: folder.report)
        return report
    }

    // MARK: Source

    /// The rows to load, how many they are about, and since when changes of theirs are not covered.
    private func rows(
        _ input: SourceInput, _ spec: ResolvedSpec, _ folder: JobFolder
    ) throws -> (rows: any RowSource, total: Int?, since: Int64?) {
        switch input {
        case .records(let input):
            let (rows, total) = try survey(input, spec, folder)
            return (rows, total, nil)
        case .database(let input):
            do {
                let rows = try input.source(keptIn: folder.path)
                return (rows, input.estimatedRows, rows.begun)
            } catch let pause as SourcePause {
                throw JobFailure(pause)
            }
        }
    }

    private func survey(_ input: any RecordInput, _ spec: ResolvedSpec, _ folder: JobFolder) throws -> (rows: RecordSource, total: Int?) {
        guard self.spec.duplicates != .unchecked else {
            monitor.note(
                "duplicates are unchecked: which of two rows of one key stays is left to chance, and the file is read as one range")
            return (RecordSource(unsurveyed: input), nil)
        }
        let request = SurveyRequest(keyFingerprint: self.spec.keyFingerprint.digest, duplicates: self.spec.duplicates)
        let survey: Survey
        if let known = try Survey.load(from: folder.survey, of: input, for: request) {
            survey = known
        } else {
            var keys = MigrationKeys(encoder: ItemEncoder(spec.mapping, columnCount: spec.columns.count))
            let total = input.stamp.size
            survey = try Survey.take(of: input, for: request, keys: &keys, in: folder.survey) { monitor.survey(done: $0, total: total) }
        }
        return (try RecordSource(input, survey: survey), Int(survey.recordCount))
    }

    // MARK: State

    private func identity(_ source: any RowSource, _ table: TableDescription) -> JobIdentity {
        let tableID = table.id ?? "\(table.arn ?? table.name) created \(table.created ?? 0)"
        var facts = ["endpoint": client.endpoint.url, "table": table.name, "table id": tableID, "source": source.identity]
        // Rows that were kept are not written when the job goes on otherwise.
        if spec.target.existing == .keep { facts["target.existing"] = "keep" }
        return JobIdentity(facts: facts, mapping: spec.fingerprint.text)
    }

    /// The checkpoint to go on from, or a first one; refused when it belongs to something else.
    private func resume(
        _ saved: (identity: JobIdentity, checkpoint: Checkpoint)?, store: SQLiteStateStore, source: any RowSource, table: TableDescription
    ) throws -> Checkpoint {
        let identity = identity(source, table)
        guard let saved else {
            guard RejectFile.isFree(spec.rejects.path) else {
                throw JobFailure(
                    .failed,
                    "the reject file \(spec.rejects.path) already holds rows, of another job perhaps; move it away or name another file")
            }
            let checkpoint = Checkpoint(
                ranges: source.ranges.map { Checkpoint.Range(frontier: $0.start) }, indexCount: spec.indexes.count)
            try store.begin(identity, checkpoint)
            return checkpoint
        }
        var differences = Set(saved.identity.facts.keys).union(identity.facts.keys).sorted().compactMap { name in
            let (old, new) = (saved.identity.facts[name] ?? "not set", identity.facts[name] ?? "not set")
            let subject = [
                "source": "the content of \(spec.source.name) has changed", "table id": "the table \(table.name) has been recreated",
            ]
            return old == new ? nil : "\(subject[name] ?? name): \(old) → \(new)"
        }
        differences += SpecFingerprint(text: saved.identity.mapping).differences(to: spec.fingerprint).map(\.description)
        guard differences.isEmpty else {
            throw JobFailure(
                .failed,
                "the checkpoint in \(spec.jobFolder) belongs to something else: \(differences.joined(separator: "; ")). Undo the change, or give the job another name to load anew"
            )
        }
        guard saved.checkpoint.ranges.count == source.ranges.count else {
            throw JobFailure(
                .failed, "the checkpoint in \(spec.jobFolder) has other ranges than the survey; give the job another name to load anew")
        }
        return saved.checkpoint
    }

    // MARK: Delivery

    private func writeHead(_ table: TableDescription) -> WriteHead {
        switch spec.target.existing {
        case .refuse, .overwrite: .batch(BatchWriteHead(table: table.name, capacity: .indexes))
        case .keep: .newItem(NewItemHead(table: table.name, hash: table.key.hash.name, capacity: .indexes))
        }
    }

    private func delivery(
        _ spec: ResolvedSpec, _ source: any RowSource, table: TableDescription, limits: WriteLimits, store: SQLiteStateStore,
        from checkpoint: Checkpoint,
        total: Int?
    ) throws -> Delivery<MigrationReader, DynamoDBSender> {
        let names = self.spec.indexes.map(\.name)
        let ranges = zip(checkpoint.ranges, source.ranges).map { RowRange(start: $0.frontier, end: $1.end) }
        let reader = MigrationReader(
            source, fileName: self.spec.source.name, namesColumns: self.spec.source.hasNamelessRows, ranges: ranges, mapping: spec.mapping)
        let head = writeHead(table)
        let sender = DynamoDBSender(client: client, table: table.name, key: table.key, indexNames: names, head: head)
        var options = Delivery<MigrationReader, DynamoDBSender>.Options()
        options.runTime = self.options.runTime
        options.drainDeadline = .milliseconds(4500)
        options.totalRows = total
        options.guidance.clock = self.options.clock
        let (client, steering) = (self.client, self.steering)
        options.guidance.pace = { steering.pace(at: $0) }
        options.capacity = { await steering.look { try await client.describeTable(table.name) } }
        options.personal = try self.spec.personalKeys(in: JobFolder(self.spec.jobFolder))
        options.guidance.endsWhenClosed = self.options.exitsAtWindow
        options.dispatcher.seed = UInt64.random(in: 0 ... .max)
        switch head {
        case .batch: options.dispatcher.maximumItems = table.batchLimit
        case .newItem: options.dispatcher.sendSingly()
        }
        let limit = self.spec.rejects.limit
        options.mayGoOn = { account in
            switch limit {
            case .none: true
            case .rows(let rows): account.rejected <= rows
            case .share(let share): Double(account.rejected) <= share * Double(max(total ?? account.read, 1))
            }
        }
        return Delivery(
            reader: reader, sender: sender, head: head, checkpoint: checkpoint,
            store: store, rejects: try RejectFile(path: self.spec.rejects.path, length: checkpoint.rejectBytes),
            deferrals: try DeferralFiles(folder: JobFolder(self.spec.jobFolder).deferred, checkpoint.deferred),
            indexes: self.spec.indexes.map { IndexKey(name: $0.name, attribute: $0.hashAttribute) },
            limits: limits.limits(now: self.options.clock.now()), options: options)
    }
}
