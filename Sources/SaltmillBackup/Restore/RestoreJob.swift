import SaltmillDelivery
package import SaltmillDynamoDB
import SaltmillItems

/// A restore from the dump's folder to the report: everything is looked at first, then one table after the other is restored.
package struct RestoreJob: Sendable {
    package let path: String
    private let client: DynamoDBClient
    private let options: RestoreOptions
    package let monitor = RestoreMonitor()

    /// - Parameter path: the dump's folder.
    package init(_ path: String, client: DynamoDBClient, options: RestoreOptions) {
        self.path = path
        self.client = client
        self.options = options
    }

    /// Runs the restore, or goes on with it where an earlier run left off.
    ///
    /// Cancelling the task interrupts it: a checkpoint is written and the report says so.
    /// - Throws: before anything is touched for whatever keeps the restore from beginning: ``JobFailure``, ``DumpError``, `JobLockError`,
    ///   `StateError`; later for what keeps it from going on.
    package func run() async throws -> RestoreReport {
        let dump = try DumpReader(opening: path)
        let choices = try options.selection.choices(among: dump.tables.map(\.name))
        let plans = try choices.map { try plan(dump.tables[$0.table], as: $0.target) }
        var tables: [(restore: TableRestore, start: TableRestore.Start)] = []
        for (choice, plan) in zip(choices, plans) {
            let restore = try check(dump.tables[choice.table], as: choice.target, plan)
            tables.append((restore, try await restore.look()))
        }
        var report = RestoreReport(dump: path, endpoint: client.endpoint.url, tables: [])
        for table in tables {
            do {
                let result = try await table.restore.run(table.start)
                report.tables.append(result)
                guard result.ending == .finished else { break }
            } catch {
                // What has been restored already is told in any case.
                guard !report.tables.isEmpty else { throw error }
                report.tables.append(table.restore.report(of: error))
                break
            }
        }
        return report
    }

    private func plan(_ table: DumpedTable, as target: String) throws -> TablePlan? {
        guard let description = table.description else {
            guard options.transform.salt == nil else {
                throw JobFailure(
                    .usage, "the dump does not say what the table's key is, so it cannot be salted; dump the table with saltmill")
            }
            return nil
        }
        let blueprint: TableBlueprint
        do throws(DynamoDBFailure) {
            blueprint = try TableBlueprint(describing: description)
        } catch {
            throw JobFailure(.failed, "the dump of \(table.name ?? target) does not say how the table is made: \(error)")
        }
        var settings = TablePlan.Settings()
        if let facts = table.manifest?.facts.settings {
            settings.timeToLive = facts.timeToLive
            settings.tags = facts.tags.map { Tag($0.key, $0.value) }
            settings.hasPointInTimeRecovery = facts.pointInTimeRecovery == true
            settings.recoveryDays = facts.recoveryDays
        }
        let partial = try partiality(of: table, as: target)
        var plan = try TablePlan(
            blueprint, as: target, settings: settings, billing: options.billing, createsIndexesAfter: options.createsIndexesAfter,
            transform: options.transform)
        for (what, why) in (table.manifest?.facts.settings.missing ?? [:]).sorted(by: { $0.key < $1.key }) {
            plan.notes.append("\(what) is not in the dump: \(why)")
        }
        plan.notes += partial
        return plan
    }

    /// What a dump leaves out of its table by request, in sentences.
    /// - Throws: ``JobFailure`` where that is not what the command asks for: a table must not be replaced by a part of itself unawares.
    private func partiality(of table: DumpedTable, as target: String) throws(JobFailure) -> [String] {
        guard let facts = table.manifest?.facts else { return [] }
        if facts.segments == 0 {
            guard options.content == .schema else {
                throw JobFailure(
                    .usage, "the dump of \(table.label) was made with --schema-only and has no items; restore it with --schema-only")
            }
            return []
        }
        var notes: [String] = []
        if let filter = facts.filter { notes.append("the dump holds only the items that its filter let through: \(filter)") }
        if let projection = facts.projection { notes.append("the dump holds only these attributes of the items: \(projection)") }
        if !notes.isEmpty, options.selection.replaced.contains(target), !options.allowsPartial {
            throw JobFailure(
                .usage,
                "\(notes.joined(separator: "; ")); to replace the table \(target) by that, add --partial, or restore beside it with --as")
        }
        return notes
    }

    /// Checks the dump of a table; all of it, down to every item, when the table there is to be deleted.
    private func check(_ table: DumpedTable, as target: String, _ plan: TablePlan?) throws -> TableRestore {
        let isReplaced = options.selection.replaced.contains(target)
        guard table.parts.count <= DumpLocator.maximumParts else {
            throw JobFailure(.failed, "the dump of \(target) has \(table.parts.count) files, more than \(DumpLocator.maximumParts)")
        }
        let progress = { monitor.set(.checking(table: target, doneBytes: $0, totalBytes: $1)) }
        var digest = ItemDigest.empty
        if options.content != .schema || isReplaced {
            let quick = isReplaced ? nil : try DumpCheck.quick(table, progress: progress)
            digest = try quick ?? DumpCheck.whole(table, progress: progress)
        }
        return TableRestore(
            client: client, dump: table, digest: digest, name: target, plan: plan, isReplaced: isReplaced, options: options,
            monitor: monitor)
    }
}
