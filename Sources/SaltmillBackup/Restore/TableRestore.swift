import SaltmillBytes
import SaltmillDelivery
import SaltmillDispatching
import SaltmillDynamoDB
import SaltmillItems
import SaltmillPacing
import SaltmillSources

/// The restore of one table, from its dump to its settings.
struct TableRestore: Sendable {
    /// What is found before anything is touched, and so what is to be done.
    enum Start: Sendable {
        /// An earlier run is gone on with.
        case resume(TableDescription, isFinished: Bool)
        case create
        /// The table there is deleted first.
        case replace(TableDescription)
        /// The table there is used.
        case use(TableDescription, isEmpty: Bool)
    }

    private typealias Saved = (identity: JobIdentity, checkpoint: Checkpoint)

    let client: DynamoDBClient
    let dump: DumpedTable
    /// Of the dump's items, as they were found when it was checked.
    let digest: ItemDigest
    let name: String
    /// Nil where the dump does not say how the table is made.
    let plan: TablePlan?
    /// The command names the table as one to be replaced.
    let isReplaced: Bool
    let options: RestoreOptions
    let monitor: RestoreMonitor

    private var folder: RestoreFolder { RestoreFolder(of: name, in: options.stateFolder) }
    private var target: TargetTable { TargetTable(client: client, name: name, monitor: monitor, options: options) }
    /// Whether the table is to become what it was in everything, and not just take the items.
    private var isWhole: Bool { options.content != .data && !options.intoExisting }

    // MARK: Looking

    /// Looks at the table and at the state of an earlier run; touches nothing.
    /// - Throws: when the restore must not go on.
    func look() async throws -> Start {
        if JobLock.isHeld(path: folder.lock) { throw JobLockError.held(path: folder.lock, by: nil) }
        return try await survey()
    }

    /// Looks again, right before the table is touched and with the lock held: what was found before must still be so.
    private func confirm(_ start: Start) async throws -> Start {
        let found = try await survey()
        guard Self.isAlike(start, found) else {
            throw JobFailure(
                .failed,
                "somebody else has made or changed the table \(name) since this restore looked at it, so it is not touched; run the command again to have it looked at anew"
            )
        }
        return found
    }

    private static func isAlike(_ one: Start, _ other: Start) -> Bool {
        switch (one, other) {
        case (.create, .create): true
        case (.resume(let table, _), .resume(let now, _)), (.replace(let table), .replace(let now)): table.identity == now.identity
        case (.use(let table, let isEmpty), .use(let now, let isEmptyNow)): table.identity == now.identity && isEmpty == isEmptyNow
        default: false
        }
    }

    private func survey() async throws -> Start {
        let found = try await client.explained { try await target.find() }
        if folder.hasState, let saved = try SQLiteStateStore(path: folder.state).load() {
            let (differences, isElsewhere) = try differences(saved, found)
            if differences.isEmpty, let found {
                // Where the command says that items may be written over, it is begun anew once nothing is left to write; but not with changes,
                // since a key that was deleted once may have come back for good.
                let isFinished = saved.checkpoint.isFinished
                let isAnew = isReplaced || options.intoExisting && !dump.holdsChanges
                if !isFinished || !isAnew { return .resume(found, isFinished: isFinished) }
            } else if isElsewhere || !isReplaced {
                throw JobFailure(
                    .failed,
                    "the checkpoint in \(folder.path) belongs to something else: \(differences.joined(separator: "; ")). Undo the change, or remove that folder to begin anew"
                )
            }
        }
        guard let found else {
            guard isWhole else {
                throw JobFailure(
                    .failed,
                    "there is no table \(name) at \(client.endpoint); leave out \(options.intoExisting ? "--into-existing" : "--data-only") to have it created"
                )
            }
            _ = try wholePlan()
            return .create
        }
        if isReplaced {
            _ = try wholePlan()
            return .replace(found)
        }
        guard options.content != .schema else {
            throw JobFailure(
                .failed, "the table \(name) is there already; give another name with --as, or --replace \(name) to delete it first")
        }
        try checkShape(of: found)
        let isEmpty = try await client.explained { try await target.isEmpty() }
        guard isEmpty || options.intoExisting else {
            throw JobFailure(
                .failed,
                "the table \(name) already has items; give another name with --as, --into-existing to write over those of the same keys, or --replace \(name) to delete the table first"
            )
        }
        return .use(found, isEmpty: isEmpty)
    }

    private func wholePlan() throws(JobFailure) -> TablePlan {
        guard let plan else {
            throw JobFailure(
                .usage, "the dump does not say how its table is made; create \(name) yourself and restore with --data-only")
        }
        return plan
    }

    private func checkShape(of table: TableDescription) throws(JobFailure) {
        guard let differences = plan?.differences(to: table, in: isWhole ? .whole : .key), !differences.isEmpty else { return }
        throw JobFailure(
            .usage,
            "the table \(name) is not made like the dumped one: \(differences.joined(separator: "; ")); restore into another table with --as, or --replace \(name)"
        )
    }

    // MARK: State

    private func identity(_ table: TableDescription, isEmpty: Bool) -> JobIdentity {
        JobIdentity(
            facts: [
                "endpoint": client.endpoint.url, "table": name, "table id": table.identity, "dump": dumpIdentity,
                "target": isEmpty ? "empty" : "with items", "content": content,
            ], mapping: options.transform.text)
    }

    private var content: String {
        switch options.content {
        case .everything: "tables and items"
        case .schema: "only tables (--schema-only)"
        case .data: "only items (--data-only)"
        }
    }

    /// What is in the dump and where in it: a checkpoint's locators hold for no other.
    private var dumpIdentity: String {
        var digester = Digester(.sha256)
        for part in dump.parts { digester.update(Array("\(part.file) \(part.bytes)\n".utf8).span) }
        return "\(digest) in \(digester.finishSHA256())"
    }

    /// What has changed since the state was saved, in words, and whether that state is about another table than the one there is.
    private func differences(_ saved: Saved, _ table: TableDescription?) throws -> (texts: [String], isElsewhere: Bool) {
        guard let table else {
            let endpoint = saved.identity.facts["endpoint"] ?? ""
            return (
                [
                    endpoint == client.endpoint.url
                        ? "the table \(name) is gone, though this restore has written to it"
                        : "endpoint: \(endpoint) → \(client.endpoint.url)"
                ], true
            )
        }
        let current = identity(table, isEmpty: true)
        var found: [String] = []
        for fact in ["endpoint", "table", "table id", "dump"] {
            let (old, new) = (saved.identity.facts[fact] ?? "", current.facts[fact] ?? "")
            let subject = ["table id": "the table \(name) has been recreated", "dump": "the dump is another one"][fact] ?? fact
            if old != new { found.append("\(subject): \(old) → \(new)") }
        }
        let isElsewhere = ["endpoint", "table", "table id"].contains { saved.identity.facts[$0] != current.facts[$0] }
        if let old = saved.identity.facts["content"], old != content { found.append("what is restored: \(old) → \(content)") }
        if saved.identity.mapping != current.mapping {
            found.append("the changes to items: \(saved.identity.mapping) → \(current.mapping)")
        }
        if found.isEmpty, saved.checkpoint.ranges.count != DumpedItems.starts(of: dump).count {
            found.append("the dump is read in other parts")
        }
        return (found, isElsewhere)
    }

    // MARK: Doing

    /// What is told of the table where an error has ended its restore.
    func report(of error: any Error) -> TableReport {
        TableReport(source: dump.name, target: name, error: error, rejectFile: folder.rejects)
    }

    func run(_ start: Start) async throws -> TableReport {
        try folder.make()
        let lock = try JobLock(path: folder.lock)
        var report = TableReport(source: dump.name, target: name, ending: .finished, rejectFile: folder.rejects)
        report.notes = plan?.notes ?? []
        let start = try await confirm(start)
        if case .resume(_, isFinished: true) = start {
            report.notes.append("an earlier run has written every item, so nothing was left to write this time")
        }
        let (table, isEmpty) = try await prepare(start)
        if options.content == .schema {
            report.verdict = .unchecked("only the table was restored")
        } else {
            let deadline = options.runTime.map { ContinuousClock.now + $0 }
            let store = try SQLiteStateStore(path: folder.state)
            let result = try await deliver(to: table, isEmpty: isEmpty, store, &report)
            guard result == .finished else { return report }
            guard try await delete(from: table, deadline: deadline, &report) else { return report }
            try await finish(table, wasEmpty: try store.load()?.identity.facts["target"] == "empty", &report)
        }
        var isDifferent = false
        if case .different = report.verdict { isDifferent = true }
        if isWhole, let plan {
            if isDifferent {
                report.notes.append(
                    "expiry, stream and other settings are left off while the table is not like the dump; run again, or with --verify none")
            } else {
                let applied = try await client.explained { try await target.apply(plan) }
                report.notes += applied.notes
                report.refused = applied.refused
            }
        }
        if report.exitCode == 0 { folder.remove() }
        _ = consume lock
        return report
    }

    /// The table that takes the items.
    private func prepare(_ start: Start) async throws -> (table: TableDescription, isEmpty: Bool) {
        if case .resume = start {} else { folder.clear() }
        return try await client.explained {
            switch start {
            case .resume(let table, _): return (try await active(table), true)
            case .use(let table, let isEmpty): return (try await active(table), isEmpty)
            case .create: return (try await target.create(try wholePlan()), true)
            case .replace:
                try await target.delete()
                return (try await target.create(try wholePlan()), true)
            }
        }
    }

    /// Waits for a table that was there already.
    private func active(_ table: TableDescription) async throws -> TableDescription {
        let now = try await client.waitUntilActive(name, deadline: options.tableDeadline)
        guard now.identity == table.identity else { throw JobFailure(.failed, TargetWatch.recreated(name)) }
        return now
    }

    private func deliver(
        to table: TableDescription, isEmpty: Bool, _ store: SQLiteStateStore, _ report: inout TableReport
    ) async throws -> Ending {
        let saved = try store.load()
        let checkpoint: Checkpoint
        if let saved {
            checkpoint = saved.checkpoint
        } else {
            checkpoint = Checkpoint(
                ranges: DumpedItems.starts(of: dump).map { Checkpoint.Range(frontier: $0) }, indexCount: table.globalIndexes.count)
            try store.begin(identity(table, isEmpty: isEmpty), checkpoint)
        }
        let names = table.globalIndexes.map(\.name)
        let reader = DumpedItems(dump, for: table, transform: options.transform, frontiers: checkpoint.ranges.map(\.frontier))
        let head = WriteHead.batch(BatchWriteHead(table: name, capacity: .indexes))
        let sender = DynamoDBSender(client: client, table: name, key: table.key, indexNames: names, head: head)
        var settings = Delivery<DumpedItems, DynamoDBSender>.Options()
        settings.runTime = options.runTime
        settings.totalRows = digest.count
        settings.dispatcher.seed = UInt64.random(in: 0 ... .max)
        settings.dispatcher.maximumItems = table.batchLimit
        let target = TargetWatch(client: client, table: table)
        let timetable = options.timetable
        let limits = try WriteLimits(timetable, indexes: names, table: table)
        let watch = TableWatch(limits) {
            try await target.describe()
        } renew: {
            try WriteLimits(timetable, indexes: names, table: $0)
        }
        settings.guidance.pace = { watch.pace(at: $0) }
        settings.capacity = { await watch.look() }
        let limit = options.maximumRejects
        settings.mayGoOn = { account in limit.map { account.rejected <= $0 } ?? true }
        let delivery = Delivery(
            reader: reader, sender: sender, head: head, checkpoint: checkpoint, store: store,
            rejects: try RejectFile(path: folder.rejects, length: checkpoint.rejectBytes),
            deferrals: try DeferralFiles(folder: folder.deferred, checkpoint.deferred),
            indexes: table.globalIndexes.map { IndexKey(name: $0.name, attribute: $0.key.hash.name) },
            limits: limits.limits(now: .now), options: settings)
        target.whenRecreated { delivery.end($0) }
        let name = name
        monitor.follow { .loading(table: name, delivery.progress()) }
        let begun = MonotonicTime.now
        let result = try await delivery.run()
        report.ending = result.ending
        report.account = result.checkpoint.account
        report.usage = result.checkpoint.usage
        report.rejectReasons = result.checkpoint.rejectReasons
        report.runs = result.checkpoint.runs
        report.loadSeconds = (MonotonicTime.now - begun).inSeconds
        if result.ending == .finished {
            let latest = try await client.explained { try await self.target.find() }
            if latest?.identity != table.identity { report.ending = .failed(TargetWatch.recreated(name)) }
        }
        return report.ending
    }

    /// Deletes what the dump says was deleted.
    /// - Returns: whether everything of it is done; otherwise the report says why not.
    private func delete(
        from table: TableDescription, deadline: ContinuousClock.Instant?, _ report: inout TableReport
    ) async throws -> Bool {
        let (monitor, name) = (monitor, name)
        let deletes = DeletedItems(
            table: dump, transform: options.transform, client: client, target: table, folder: folder,
            limits: try WriteLimits(options.timetable, indexes: table.globalIndexes.map(\.name), table: table), deadline: deadline
        ) { monitor.set(.waiting(table: name, reason: "deleting what the export says was deleted: \($0) so far")) }
        do {
            let (count, isWhole) = try await client.explained { try await deletes.apply() }
            report.deleted = count
            if !isWhole { report.ending = .runTime }
        } catch is CancellationError {
            report.deleted = folder.deletions
            report.ending = .interrupted
        }
        return report.ending == .finished
    }

    /// Indexes, then the comparison with the dump.
    private func finish(_ table: TableDescription, wasEmpty: Bool, _ report: inout TableReport) async throws {
        if isWhole, options.createsIndexesAfter, let plan {
            try await client.explained { try await target.addIndexes(plan) }
        }
        guard options.verification != .none else {
            report.verdict = .unchecked("--verify none")
            return
        }
        guard wasEmpty else {
            report.verdict = .unchecked("the table had other items before")
            return
        }
        let begun = MonotonicTime.now
        let wanted = try RestoredDigest(table: dump, transform: options.transform, known: digest, rejectFile: folder.rejects)
            .expected(rejected: report.account.rejected)
        let scan = TableScan(client: client, table: table, timetable: options.timetable)
        let name = name
        monitor.follow {
            let (items, problem) = scan.progress
            return .verifying(table: name, items: items, expected: wanted.count, problem: problem)
        }
        let found: ItemDigest? = options.verification == .count ? nil : try await scan.digest()
        let count = if let found { found.count } else { try await scan.count() }
        if count != wanted.count {
            report.verdict = .different("the table has \(count) items, and should have \(wanted.count)")
        } else if let found, found != wanted {
            report.verdict = .different("its \(count) items are not all as in the dump: digest \(found.hex), and should be \(wanted.hex)")
        } else {
            report.verdict = .equal(items: count)
        }
        report.verifySeconds = (MonotonicTime.now - begun).inSeconds
    }
}

extension Checkpoint {
    /// Everything has been read, and every write has come to its end.
    fileprivate var isFinished: Bool {
        ranges.allSatisfy(\.isDone) && unsettled.isEmpty && deferred.allSatisfy { $0.head == $0.tail }
    }
}
