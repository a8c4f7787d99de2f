import SaltmillBytes
import SaltmillDelivery
import SaltmillDynamoDB

/// Makes the table that a restore writes into, and gives it its settings.
struct TargetTable: Sendable {
    let client: DynamoDBClient
    let name: String
    let monitor: RestoreMonitor
    let options: RestoreOptions

    /// The table as it is; nil where there is none.
    func find() async throws(DynamoDBFailure) -> TableDescription? {
        do {
            return try await client.describeTable(name)
        } catch {
            guard error.errorClass == .tableMissing else { throw error }
            return nil
        }
    }

    func isEmpty() async throws(DynamoDBFailure) -> Bool {
        var request = ScanRequest(table: name)
        request.limit = 1
        repeat {
            let page = try await client.scan(request)
            guard page.items.isEmpty else { return false }
            request.start = page.next
        } while request.start != nil
        return true
    }

    /// Deletes the table and waits until it is gone. Only ever called for a table that the command names as one to be replaced.
    func delete() async throws {
        monitor.set(.waiting(table: name, reason: "deleting the table to be replaced"))
        do throws(DynamoDBFailure) {
            try await client.deleteTable(name)
        } catch {
            // An earlier try whose answer was lost has deleted it.
            guard error.errorClass == .tableMissing else { throw error }
        }
        try await client.waitUntilGone(name, deadline: options.tableDeadline)
    }

    // MARK: Creating

    /// Creates the table. What the server does not know of is left out, with a note.
    /// - Throws: a ``JobFailure`` where somebody else has made a table of that name meanwhile, which is none of ours to write to.
    func create(_ plan: TablePlan) async throws -> TableDescription {
        monitor.set(.waiting(table: name, reason: "creating the table"))
        var (blueprint, tags) = (plan.blueprint, plan.settings.tags)
        // Whether a try ended without an answer, and so may have created the table.
        var isUncertain = false
        var failures = 0
        while true {
            do throws(DynamoDBFailure) {
                try await tryOnce(.createTable, blueprint.creation(as: name, tags: tags, withGlobalIndexes: !plan.createsIndexesAfter))
                break
            } catch {
                let text = "\(error)"
                if error.errorClass == .validation, !tags.isEmpty, text.lowercased().contains("tag") {
                    monitor.note("\(name): the server takes no tags (\(text))")
                    tags = []
                } else if error.errorClass == .validation, blueprint.tableClass != nil, text.contains("TableClass") {
                    monitor.note(
                        "\(name): the table class \(blueprint.tableClass ?? "") is not restored, since the server refuses it (\(text))")
                    blueprint.tableClass = nil
                } else if error.errorClass == .validation, blueprint.hasRequestLimits, text.contains("OnDemandThroughput") {
                    monitor.note("\(name): limits of on-demand throughput are not restored, since the server refuses them (\(text))")
                    blueprint.dropRequestLimits()
                } else if error.errorClass == .tableNotReady, try await find() != nil {
                    guard isUncertain else { throw madeByAnother }
                    let table = try await client.waitUntilActive(name, deadline: options.tableDeadline)
                    guard plan.differences(to: table, in: .whole).isEmpty, try await isEmpty() else { throw madeByAnother }
                    return table
                } else if [.transient, .throttling, .limitExceeded].contains(error.errorClass), failures < Self.creationRetries {
                    isUncertain = isUncertain || error.mayHaveBeenApplied
                    try await ContinuousClock().sleep(for: .milliseconds(100 << failures))
                    failures += 1
                } else {
                    throw error
                }
            }
        }
        return try await client.waitUntilActive(name, deadline: options.tableDeadline)
    }

    /// How often CreateTable is tried again; the pauses double from 100 ms.
    private static let creationRetries = 7

    private var madeByAnother: JobFailure {
        JobFailure(
            .failed,
            "somebody else has created the table \(name) meanwhile, so nothing is written to it; give another name with --as, or look at that table first"
        )
    }

    /// Carries an operation out without trying again, so that it is known whether an earlier try may have been applied.
    private func tryOnce(_ operation: WireOperation, _ body: JSONValue) async throws(DynamoDBFailure) {
        let result: Result<HTTPResponse, DynamoDBFailure> = await withCheckedContinuation { continuation in
            client.submit(operation, body: body.bytes, deadline: .seconds(20)) { continuation.resume(returning: $0) }
        }
        _ = try result.get()
    }

    /// Adds the indexes that the table lacks, one after the other.
    func addIndexes(_ plan: TablePlan) async throws(DynamoDBFailure) {
        for index in plan.blueprint.globalIndexes {
            let table = try await client.waitUntilActive(name, deadline: options.indexDeadline)
            guard !table.globalIndexes.contains(where: { $0.name == index.name }) else { continue }
            monitor.set(.waiting(table: name, reason: "creating the index \(index.name)"))
            try await client.addIndex(index, of: plan.blueprint, to: name)
        }
        _ = try await client.waitUntilActive(name, deadline: options.indexDeadline)
    }

    // MARK: Settings

    /// Gives the table the settings that it had, as far as the server knows of them.
    /// - Returns: what the server does not have, and what it refuses or the credentials do not permit, in sentences.
    func apply(_ plan: TablePlan) async throws(DynamoDBFailure) -> (notes: [String], refused: [String]) {
        monitor.set(.waiting(table: name, reason: "restoring the settings"))
        var notes = Unrestored()
        let (table, json) = try await client.describeTableWhole(name)
        let settings = plan.settings
        if !settings.tags.isEmpty, let arn = table.arn {
            var hasTags = true
            try await attempt("the tags", &notes) { () async throws(DynamoDBFailure) in
                let present = try await client.listTags(arn: arn)
                let lacking = settings.tags.filter { present?.contains($0) != true }
                if !lacking.isEmpty { hasTags = try await client.tagResource(arn: arn, lacking) }
            }
            if !hasTags { notes.unknown.append("the server has no tags, so the table has none") }
        }
        if let attribute = settings.timeToLive {
            try await attempt("expiry by \(attribute)", &notes) { () async throws(DynamoDBFailure) in
                let present = try await client.furtherSettings(of: table)
                guard present.timeToLiveAttribute != attribute else { return }
                try await client.enableTimeToLive(name, attribute: attribute)
            }
        }
        if settings.hasPointInTimeRecovery {
            try await attempt("point-in-time recovery", &notes) { () async throws(DynamoDBFailure) in
                try await client.enablePointInTimeRecovery(name, days: settings.recoveryDays)
            }
        }
        if let view = plan.blueprint.streamView, json["StreamSpecification"]?["StreamEnabled"]?.bool != true {
            try await attempt("the stream of \(view)", &notes) { () async throws(DynamoDBFailure) in
                try await client.enableStream(name, view: view)
                _ = try await client.waitUntilActive(name, deadline: options.tableDeadline)
            }
        }
        if plan.blueprint.isProtectedFromDeletion, json["DeletionProtectionEnabled"]?.bool != true {
            try await attempt("protection from deletion", &notes) { () async throws(DynamoDBFailure) in
                try await client.protectFromDeletion(name)
                _ = try await client.waitUntilActive(name, deadline: options.tableDeadline)
            }
        }
        return (notes.unknown, notes.refused)
    }

    private struct Unrestored {
        var unknown: [String] = []
        var refused: [String] = []
    }

    /// Does something that a server may not know of, or not permit, which is then noted.
    private func attempt(
        _ what: String, _ notes: inout Unrestored, _ body: () async throws(DynamoDBFailure) -> Void
    ) async throws(DynamoDBFailure) {
        do throws(DynamoDBFailure) {
            try await body()
        } catch {
            if error.isUnknownOperation || error.errorClass == .notDynamoDB {
                notes.unknown.append("\(what) is not restored: \(error)")
            } else if [.accessDenied, .validation].contains(error.errorClass) {
                notes.refused.append("\(what): \(error)")
            } else {
                throw error
            }
        }
    }
}

extension TableBlueprint {
    fileprivate var hasRequestLimits: Bool { requestLimits != nil || globalIndexes.contains { $0.requestLimits != nil } }

    fileprivate mutating func dropRequestLimits() {
        requestLimits = nil
        for index in globalIndexes.indices { globalIndexes[index].requestLimits = nil }
    }
}
