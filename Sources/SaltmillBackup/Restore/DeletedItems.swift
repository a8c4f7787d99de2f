import SaltmillBytes
import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillPacing

/// The items that an incremental export says were deleted: taken out of the table when those that were written are in it. An export holds each key
/// once, so the order between the two does not matter.
///
/// How many are done is kept in the restore's folder: what has been deleted once is not deleted again, since it may have come back for good.
struct DeletedItems {
    /// Deletes in one request (Amazon DynamoDB API Reference, "BatchWriteItem").
    private static let batchSize = 25
    /// Waits of a request that is refused or gets no answer, which is tried again without end.
    private static let retry = Backoff(base: .milliseconds(100), cap: .seconds(10))
    private static let savingInterval = Duration.seconds(1)

    let table: DumpedTable
    let transform: ItemTransform
    let client: DynamoDBClient
    let target: TableDescription
    let folder: RestoreFolder
    let limits: WriteLimits
    /// When to stop, resumable.
    let deadline: ContinuousClock.Instant?
    /// Told how many are done.
    let progress: (Int) -> Void

    /// - Returns: how many are deleted, in this run and earlier ones, and whether these are all.
    func apply() async throws -> (count: Int, isWhole: Bool) {
        guard table.holdsChanges else { return (0, true) }
        var done = folder.deletions
        var saved = ContinuousClock.now
        do {
            let isWhole = try await apply(&done) { count in
                guard ContinuousClock.now - saved >= Self.savingInterval else { return }
                try folder.save(deletions: count)
                saved = .now
            }
            try folder.save(deletions: done)
            return (done, isWhole)
        } catch {
            try? folder.save(deletions: done)
            throw error
        }
    }

    private func apply(_ done: inout Int, save: (Int) throws -> Void) async throws -> Bool {
        var pace = DeletionPace(limits)
        var seen = 0
        var keys: [JSONValue] = []
        for part in table.parts.indices {
            let cursor = try PartCursor(table, part: part)
            while try cursor.advance() {
                guard cursor.current?.kind == .delete else { continue }
                seen += 1
                guard seen > done else { continue }
                let key = cursor.withItem { item, _ in item.withUnsafeBufferPointer { Array($0) } }
                keys.append(try JSONValue(parsing: (transform.isEmpty ? key : try transform.apply(to: key.span)).span))
                guard keys.count == Self.batchSize else { continue }
                guard try await delete(keys, &pace) else { return false }
                done = seen
                keys = []
                progress(done)
                try save(done)
            }
        }
        if !keys.isEmpty { guard try await delete(keys, &pace) else { return false } }
        done = max(done, seen)
        return true
    }

    /// Deletes, and again what comes back, until nothing does.
    /// - Returns: false when the deadline came before.
    private func delete(_ keys: [JSONValue], _ pace: inout DeletionPace) async throws -> Bool {
        var requests = keys.map { JSONValue.object([.init("DeleteRequest", ["Key": $0])]) }
        var random = SplitMix64(seed: .random(in: 0 ... .max))
        var failures = 0
        while true {
            try Task.checkCancellation()
            guard try await pace.wait(until: deadline) else { return false }
            do throws(DynamoDBFailure) {
                let answer = try await client.call(
                    .batchWriteItem,
                    ["RequestItems": .object([.init(target.name, .array(requests))]), "ReturnConsumedCapacity": "TOTAL"])
                pace.charge(answer, items: requests.count, bytes: requests.reduce(0) { $0 + $1.bytes.count })
                guard let left = answer["UnprocessedItems"]?[target.name]?.array, !left.isEmpty else { return true }
                failures = left.count < requests.count ? 1 : failures + 1
                requests = left
            } catch {
                guard error.errorClass == .throttling || error.errorClass == .transient else { throw error }
                failures += 1
            }
            try await ContinuousClock().sleep(for: Self.retry.wait(attempt: failures, using: &random))
        }
    }
}

/// Keeps deletes below the ceilings: after each request comes a wait as long as they take for what it has cost.
private struct DeletionPace {
    private let limits: WriteLimits
    private var next = ContinuousClock.now

    init(_ limits: WriteLimits) { self.limits = limits }

    /// Waits until something may be deleted.
    /// - Returns: false when the deadline came before.
    func wait(until deadline: ContinuousClock.Instant?) async throws -> Bool {
        while true {
            if let deadline, ContinuousClock.now >= deadline { return false }
            guard limits.pace(at: Int64(secondsSince1970())).closed != nil else { break }
            try await ContinuousClock().sleep(for: .seconds(1))
        }
        try await ContinuousClock().sleep(until: next)
        return true
    }

    mutating func charge(_ answer: JSONValue, items: Int, bytes: Int) {
        let units = max(answer["ConsumedCapacity"]?.array?.first?["CapacityUnits"]?.double ?? 0, Double(items))
        let seconds = limits.seconds(for: units, items: items, bytes: bytes, at: Int64(secondsSince1970()))
        next = max(next, .now) + .seconds(seconds)
    }
}

extension DumpedTable {
    /// Whether it is a list of changes, with deletes among them.
    var holdsChanges: Bool { parts.contains { $0.shape == .changeLines } }
}
