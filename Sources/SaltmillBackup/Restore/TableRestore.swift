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
        case resume(TableDescription)
        case create
        /// The table there is deleted first.
        case replace
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
        let found = try await explained(by: client) { try await target.find() }
        if folder.hasState, let saved = try SQLiteStateStore(path: folder.state).load() {
            let differences = try differences(saved, found)
            // One that came to another end than the dump says is begun anew where the table may be replaced, and otherwise compared again.
            if differences.isEmpty, let found, !(isReplaced && folder.isDifferent) { return .resume(found) }
            guard isReplaced else {
                throw RestoreFailure(
                    .failed,
                    "the checkpoint in \(folder.path) belongs to something else: \(differences.joined(separator: "; ")). Undo the change, or remove that folder to begin anew"
                )
            }
        }
        guard let found else {
            guard isWhole else {
                throw RestoreFailure(
                    .failed,
                    "there is no table \(name) at \(client.endpoint); leave out \(options.intoExisting ? "--into-existing" : "--data-only") to have it created"
                )
            }
            _ = try wholePlan()
            return .create
        }
        if isReplaced {
            _ = try wholePlan()
            return .replace
        }
        guard options.content != .schema else {
            throw RestoreFailure(
                .failed, "the table \(name) is there already; give another name with --as, or --replace \(name) to delete it first")
        }
        try checkShape(of: found)
        let isEmpty = try await explained(by: client) { try await target.isEmpty() }
        guard isEmpty || options.intoExisting else {
            throw RestoreFailure(
                .failed,
                "the table \(name) already has items; give another name with --as, --into-existing to write over those of the same keys, or --replace \(name) to delete the table first"
            )
        }
        return .use(found, isEmpty: isEmpty)
    }

    private func wholePlan() throws(RestoreFailure) -> TablePlan {
        guard let plan else {
            throw RestoreFailure(
                .usage, "the dump does not say how its table is made; create \(name) yourself and restore with --data-only")
        }
        return plan
    }

    private func checkShape(of table: TableDescription) throws(RestoreFailure) {
        guard let differences = plan?.differences(to: table, in: isWhole ? .whole : .key), !differences.isEmpty else { return }
        throw RestoreFailure(
            .usage,
            "the table \(name) is not made like the dumped one: \(differences.joined(separator: "; ")); restore into another table with --as, or --replace \(name)"
        )
    }

    // MARK: State

    private func identity(_ table: TableDescription, isEmpty: Bool) -> JobIdentity {
        JobIdentity(
            facts: [
                "endpoint": client.endpoint.url, "table": name, "table id": Self.id(of: table), "dump": dumpIdentity,
                "target": isEmpty ? "empty" : "with items",
            ], mapping: options.transform.text)
    }

    private static func id(of table: TableDescription) -> String {
        table.id ?? "\(table.arn ?? table.name) created \(table.created ?? 0)"
    }

    /// What is in the dump and where in it: a checkpoint's locators hold for no other.
    private var dumpIdentity: String {
        var digester = Digester(.sha256)
        for part in dump.parts { digester.update(Array("\(part.file) \(part.bytes)\n".utf8).span) }
        return "\(digest) in \(digester.finishSHA256())"
    }

    /// What has changed since the state was saved, in words.
    private func differences(_ saved: Saved, _ table: TableDescription?) throws -> [String] {
        guard let table else { return ["the table \(name) is gone, though this restore has written to it"] }
        let current = identity(table, isEmpty: true)
        var found: [String] = []
        for fact in ["endpoint", "table", "table id", "dump"] {
            let (old, new) = (saved.identity.facts[fact] ?? "", current.facts[fact] ?? "")
            let subject = ["table id": "the table \(name) has been recreated", "dump": "the dump is another one"][fact] ?? fact
            if old != new { found.append("\(subject): \(old) → \(new)") }
        }
        if saved.identity.mapping != current.mapping {
            found.append("the changes to items: \(saved.identity.mapping) → \(current.mapping)")
        }
        if found.isEmpty, saved.checkpoint.ranges.count != DumpedItems.starts(of: dump).count {
            found.append("the dump is read in other parts")
        }
        return found
    }

    // MARK: Doing

    func run(_ start: Start) async throws -> TableReport {
        try folder.make()
        let lock = try JobLock(path: folder.lock)
        var report = TableReport(source: dump.name, target: name, ending: .finished, rejectFile: folder.rejects)
        report.notes = plan?.notes ?? []
        let (table, isEmpty) = try await prepare(start)
        if options.content == .schema {
            report.verdict = .unchecked("only the table was restored")
        } else {
            let store = try SQLiteStateStore(path: folder.state)
            let result = try await deliver(to: table, isEmpty: isEmpty, store, &report)
            guard result == .finished else { return report }
            report.deleted = try await explained(by: client) {
                try await DeletedItems(table: dump, transform: options.transform, client: client, target: table).apply()
            }
            try await finish(wasEmpty: try store.load()?.identity.facts["target"] == "empty", &report)
        }
        var isDifferent = false
        if case .different = report.verdict { isDifferent = true }
        folder.note(isDifferent: isDifferent)
        if isWhole, let plan {
            if isDifferent {
                report.notes.append(
                    "expiry, stream and other settings are left off while the table is not like the dump; run again, or with --verify none")
            } else {
                report.notes += try await explained(by: client) { try await target.apply(plan) }
            }
        }
        if report.exitCode == 0 { folder.remove() }
        _ = consume lock
        return report
    }

    /// The table that takes the items.
    private func prepare(_ start: Start) async throws -> (table: TableDescription, isEmpty: Bool) {
        switch start {
        case .resume, .use: break
        case .create, .replace: folder.clear()
        }
        return try await explained(by: client) {
            switch start {
            case .resume: return (try await client.waitUntilActive(name, deadline: options.tableDeadline), true)
            case .use(_, let isEmpty): return (try await client.waitUntilActive(name, deadline: options.tableDeadline), isEmpty)
            case .create: return (try await target.create(try wholePlan()), true)
            case .replace:
                try await target.delete()
                return (try await target.create(try wholePlan()), true)
            }
        }
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
        let sender = DynamoDBSender(client: client, table: name, key: table.key, indexNames: names)
        var settings = Delivery<DumpedItems, DynamoDBSender>.Options()
        settings.runTime = options.runTime
        settings.totalRows = digest.count
        settings.dispatcher.seed = UInt64.random(in: 0 ... .max)
        let limit = options.maximumRejects
        settings.mayGoOn = { account in limit.map { account.rejected <= $0 } ?? true }
        let delivery = Delivery(
            reader: reader, sender: sender, head: BatchWriteHead(table: name, capacity: .indexes), checkpoint: checkpoint, store: store,
            rejects: try RejectFile(path: folder.rejects, length: checkpoint.rejectBytes),
            deferrals: try DeferralFiles(folder: folder.deferred, checkpoint.deferred),
            indexes: table.globalIndexes.map { IndexKey(name: $0.name, attribute: $0.key.hash.name) },
            limits: try options.ceiling.limits(of: table, now: .now), options: settings)
        monitor.loading(name) { delivery.progress() }
        let begun = MonotonicTime.now
        let result = try await delivery.run()
        report.ending = result.ending
        report.account = result.checkpoint.account
        report.usage = result.checkpoint.usage
        report.rejectReasons = result.checkpoint.rejectReasons
        report.runs = result.checkpoint.runs
        report.loadSeconds = (MonotonicTime.now - begun).inSeconds
        return result.ending
    }

    /// Indexes, then the comparison with the dump.
    private func finish(wasEmpty: Bool, _ report: inout TableReport) async throws {
        if isWhole, options.createsIndexesAfter, let plan {
            try await explained(by: client) { try await target.addIndexes(plan) }
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
        let (monitor, name) = (monitor, name)
        monitor.set(.verifying(table: name, items: 0, expected: wanted.count))
        let scan = TableScan(client: client, table: name)
        let found: ItemDigest? =
            options.verification == .count
            ? nil
            : try await explained(by: client) {
                try await scan.digest { monitor.set(.verifying(table: name, items: $0, expected: wanted.count)) }
            }
        let count = if let found { found.count } else { try await explained(by: client) { try await scan.count() } }
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
