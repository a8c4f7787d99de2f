import SaltmillBytes
import SaltmillDelivery
import SaltmillDispatching
import SaltmillDynamoDB
import SaltmillItems
import SaltmillPacing
import SaltmillSources

/// Makes a table what its source says, where the two were found to differ.
struct TableRepair {
    let client: DynamoDBClient
    let spec: ResolvedSpec
    let source: any RowSource
    let table: TableDescription
    let store: VerifyStore
    let run: RunLimits
    let limits: VerifyLimits
    let monitor: VerifyMonitor
    /// The differences that were confirmed.
    let confirmed: SuspectList

    private var folder: VerifyFolder { store.folder }

    // MARK: Rows

    /// Writes the rows anew that have no item or another one, at the spec's own rate; goes on where an earlier run was.
    /// - Returns: how it ended, and how many rows were written in all.
    func putRows() async throws -> (Ending, Int) {
        let state = try SQLiteStateStore(path: folder.repairState)
        let saved = try state.load()
        let identity = JobIdentity(facts: store.now.facts, mapping: spec.spec.fingerprint.text)
        let list: SpillFile
        if saved == nil {
            list = try makeList()
        } else {
            list = try SpillFile(path: folder.repairs, length: SpillFile.size(of: folder.repairs))
        }
        guard list.length > 0 else { return (.finished, 0) }
        let first = RecordLocator(offset: 0, line: 0)
        let checkpoint = saved?.checkpoint ?? Checkpoint(ranges: [Checkpoint.Range(frontier: first)], indexCount: spec.spec.indexes.count)
        if saved == nil { try state.begin(identity, checkpoint) }
        let delivery = try delivery(list, from: checkpoint, state)
        monitor.repairing { delivery.progress() }
        let result = try await delivery.run()
        return (result.ending, result.checkpoint.account.written)
    }

    /// Lists where the rows stand, in the order of the source.
    private func makeList() throws -> SpillFile {
        var sorter = try HashedRowSorter(folder: folder.scratch, memory: 4 << 20)
        // Items that `existing: keep` has left as they were are meant to differ.
        let keeps = spec.spec.target.existing == .keep
        var position = 0
        while true {
            let suspects = try confirmed.read(from: position, count: 4096)
            if suspects.isEmpty { break }
            for (number, suspect) in suspects.enumerated() where suspect.kind == .missing || (suspect.kind == .different && !keeps) {
                let locator = try store.source.locator(at: suspect.source)
                try sorter.append(HashedRow(high: locator.offset, low: locator.line, place: UInt64(position + number), content: 0))
            }
            position += suspects.count
        }
        let list = try SpillFile(path: folder.repairs, length: 0)
        try sorter.finish { row in
            var record: [UInt8] = []
            record.append(word: row.high)
            record.append(word: row.low)
            try list.append(record)
        }
        _ = try list.sync()
        return list
    }

    private func delivery(
        _ list: SpillFile, from checkpoint: Checkpoint, _ state: SQLiteStateStore
    ) throws -> Delivery<RepairReader, DynamoDBSender> {
        let migration = spec.spec
        let names = migration.indexes.map(\.name)
        let steering = LoadSteering(migration, ceiling: nil, clock: .system)
        let limits = try steering.begin(table)
        let reader = try RepairReader(
            source, spec, list: list, from: checkpoint.ranges.first?.frontier ?? RecordLocator(offset: 0, line: 0))
        var options = Delivery<RepairReader, DynamoDBSender>.Options()
        options.runTime = run.deadline.map { max($0 - .now, .milliseconds(1)) }
        options.totalRows = Int(list.length) / 16
        let client = client
        let head = WriteHead.batch(BatchWriteHead(table: table.name, capacity: .indexes))
        options.guidance.pace = { steering.pace(at: $0) }
        options.guidance.endsWhenClosed = run.exitsAtWindow
        options.capacity = { await steering.look { try await client.describeTable(migration.target.table) } }
        options.dispatcher.seed = .random(in: 0 ... .max)
        return Delivery(
            reader: reader, sender: DynamoDBSender(client: client, table: table.name, key: table.key, indexNames: names, head: head),
            head: head, checkpoint: checkpoint, store: state,
            rejects: try RejectFile(path: folder.repairRejects, length: checkpoint.rejectBytes),
            deferrals: try DeferralFiles(folder: folder.repairDeferred, checkpoint.deferred),
            indexes: migration.indexes.map { IndexKey(name: $0.name, attribute: $0.hashAttribute) }, limits: limits.limits(now: .now),
            options: options)
    }

    // MARK: Items

    /// Attributes that a delete's condition names at most; an item with more is judged by these (an expression has 300 operators at most:
    /// Amazon DynamoDB Developer Guide, "Quotas").
    private static let maximumConditions = 100
    private static let retry = Backoff(base: .milliseconds(100), cap: .seconds(30))

    /// Deletes the items that no row has, each on the condition that it still is what was compared.
    func deleteItems(_ reads: inout PointReads) async throws {
        let total = store.now.found.extra
        var pacer = RequestPacer(run) { limits.deleteRate(at: $0) }
        var (position, done) = (0, 0)
        while true {
            let suspects = try confirmed.read(from: position, count: DynamoDBClient.maximumKeys)
            if suspects.isEmpty { return }
            position += suspects.count
            let extra = suspects.filter { $0.kind == .extra && $0.target != Suspect.nowhere }
            for (item, key) in try await unchanged(extra, &reads) {
                monitor.enter(.deleting(done: done, of: total))
                if try await delete(item, key: key, &pacer) { store.change { $0.deleted += 1 } }
                done += 1
            }
        }
    }

    /// Of suspects those items that are what they were, with the JSON of their keys.
    private func unchanged(_ suspects: [Suspect], _ reads: inout PointReads) async throws -> [(item: [UInt8], key: [UInt8])] {
        guard !suspects.isEmpty else { return [] }
        let keys = try suspects.map { try store.target.rest(at: $0.target) }
        let seen = Set(suspects.map(\.content))
        let items = try await reads.items(of: keys)
        var hasher = ItemHasher(table.key)
        var result: [(item: [UInt8], key: [UInt8])] = []
        for item in items {
            guard seen.contains(try hasher.hash(item.span).content) else { continue }
            var key: [UInt8] = []
            hasher.appendKey(of: item.span, to: &key)
            result.append((item, key))
        }
        return result
    }

    private func delete(_ item: [UInt8], key: [UInt8], _ pacer: inout RequestPacer) async throws -> Bool {
        let attributes = (try JSONValue(parsing: item.span, maximumDepth: 256).members ?? []).prefix(Self.maximumConditions)
        let body: JSONValue = [
            "TableName": .string(table.name), "Key": try JSONValue(parsing: key.span), "ReturnConsumedCapacity": "TOTAL",
            "ConditionExpression": .string(attributes.indices.map { "#a\($0) = :v\($0)" }.joined(separator: " AND ")),
            "ExpressionAttributeNames": .object(attributes.indices.map { .init("#a\($0)", .string(attributes[$0].name)) }),
            "ExpressionAttributeValues": .object(attributes.indices.map { .init(":v\($0)", attributes[$0].value) }),
        ]
        var random = SplitMix64(seed: .random(in: 0 ... .max))
        var failures = 0
        while true {
            try await pacer.spend(1) { monitor.wait($0) }
            do throws(DynamoDBFailure) {
                let answer = try await client.call(.deleteItem, body)
                pacer.settle(charged: 1, consumed: answer["ConsumedCapacity"]?["CapacityUnits"]?.double ?? 1)
                return true
            } catch {
                try Task.checkCancellation()
                // Somebody has changed or deleted it since: what that means is found when the key is looked at again.
                if error.errorClass == .conditionFailed { return false }
                guard [.throttling, .transient, .tableNotReady].contains(error.errorClass) else { throw JobFailure(error, client: client) }
                failures += 1
            }
            try await ContinuousClock().sleep(for: Self.retry.wait(attempt: failures, using: &random))
        }
    }
}
