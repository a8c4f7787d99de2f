import SaltmillDelivery
import SaltmillDispatching
import SaltmillPacing
import SaltmillSources

/// A promise that was not kept.
struct BrokenPromise: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// What one run has done so far, as seen from outside, and the promises that hold at its every step.
struct RunPromises {
    private let base: Account
    /// Keys of the items that were sent and are not answered.
    private var keysInFlight: Set<UInt64> = []
    /// Rows of which this run knows that they are written.
    private var acknowledged: Set<Int> = []
    private var rejectedByStore = 0

    init(_ checkpoint: Checkpoint) { base = checkpoint.account }

    mutating func noteSent(_ items: [SentItem], scenario: Scenario) throws(BrokenPromise) {
        guard (1...scenario.configuration.maximumItems).contains(items.count) else {
            throw BrokenPromise("\(items.count) items are sent at once")
        }
        for item in items {
            guard keysInFlight.insert(item.key).inserted else { throw BrokenPromise("two writes of row \(item.row)'s key are in flight") }
            guard !acknowledged.contains(item.row) else { throw BrokenPromise("row \(item.row) is written and sent again") }
            guard !scenario.rows[item.row].isSuperseded else { throw BrokenPromise("row \(item.row) is superseded and sent") }
        }
    }

    /// - Parameter refused: keys of the items that came back; nil when nothing of the request is known to be done.
    mutating func noteAnswered(_ items: [SentItem], refused: Set<UInt64>?, isRejected: Bool, store: ModelStore) throws(BrokenPromise) {
        for item in items { keysInFlight.remove(item.key) }
        if isRejected, items.count == 1 { rejectedByStore += 1 }
        guard let refused else { return }
        for item in items where !refused.contains(item.key) {
            acknowledged.insert(item.row)
            guard store.firstWritten[item.row] != nil else { throw BrokenPromise("row \(item.row) is acknowledged and not in the store") }
        }
    }

    /// What must hold after every step.
    func check(_ state: DeliveryState) throws(BrokenPromise) {
        let account = state.account
        guard account.written == base.written + acknowledged.count else {
            throw BrokenPromise("\(account.written) rows count as written, \(base.written + acknowledged.count) are acknowledged")
        }
        guard account.rejected >= base.rejected + rejectedByStore, account.superseded >= base.superseded, account.read >= base.read else {
            throw BrokenPromise("the account goes backwards: \(account)")
        }
        guard account.pending >= keysInFlight.count + state.deferredCount else {
            throw BrokenPromise("\(account.pending) rows are pending, \(keysInFlight.count) in flight, \(state.deferredCount) set aside")
        }
    }
}

extension ModelSource {
    /// Checks that a checkpoint lets nothing of what was read get lost: every record before a frontier is settled or listed.
    /// - Parameters:
    ///   - rejected: rows in the reject file, as far as the checkpoint counts it, or on their way there.
    func check(_ checkpoint: Checkpoint, disk: ModelDisk, rejected: [Int], store: ModelStore) throws(BrokenPromise) {
        var listed = checkpoint.unsettled.map(Self.row)
        for segment in checkpoint.deferred {
            let rows = try disk.read(bucket: segment.bucket, at: segment.head, count: Int(segment.tail - segment.head))
            listed += rows.map { Self.row($0.locator) }
        }
        guard listed.count == checkpoint.account.pending else {
            throw BrokenPromise("a checkpoint lists \(listed.count) unsettled rows and counts \(checkpoint.account.pending)")
        }
        var isCovered = [Bool](repeating: false, count: scenario.rows.count)
        for row in listed {
            guard !isCovered[row] else { throw BrokenPromise("a checkpoint lists row \(row) twice") }
            isCovered[row] = true
        }
        for row in rejected {
            guard !isCovered[row] else { throw BrokenPromise("row \(row) is rejected twice, or rejected and unsettled") }
            isCovered[row] = true
        }
        var passed = 0
        for range in checkpoint.ranges.indices {
            let frontier = Self.row(checkpoint.ranges[range].frontier)
            passed += frontier - cuts[range]
            for row in cuts[range]..<frontier where !isCovered[row] && !scenario.rows[row].isSuperseded {
                guard store.firstWritten[row] != nil else { throw BrokenPromise("row \(row) is read, not settled, and in no list") }
            }
        }
        guard passed == checkpoint.account.read else {
            throw BrokenPromise("\(passed) records lie before the frontiers, \(checkpoint.account.read) count as read")
        }
    }

    /// What is kept in memory, and would have to be read again, does not grow with the input, nor with the number of kills.
    func checkMemory(of checkpoint: Checkpoint) throws(BrokenPromise) {
        let window = scenario.configuration.window
        guard checkpoint.unsettled.count <= window * 3 / 2 + 64 else {
            throw BrokenPromise("a checkpoint lists \(checkpoint.unsettled.count) unsettled rows, with a window of \(window)")
        }
    }

    /// Checks what the whole job came to.
    func checkEnd(_ disk: ModelDisk, store: ModelStore) throws(BrokenPromise) {
        var winners: [UInt64: Set<Int>] = [:]
        var expected = Account()
        var bad: [Int] = []
        expected.read = scenario.rows.count
        for (number, row) in scenario.rows.enumerated() {
            if row.isSuperseded {
                expected.superseded += 1
            } else if row.nature == .good {
                expected.written += 1
                winners[UInt64(row.day) << 32 | UInt64(row.id), default: []].insert(number)
            } else {
                expected.rejected += 1
                bad.append(number)
            }
        }
        let account = disk.checkpoint.account
        guard account == expected else { throw BrokenPromise("the account ends as \(account), not as \(expected)") }
        let rejected = ModelDisk.rows(in: disk.rejects).sorted()
        guard rejected == bad else { throw BrokenPromise("rows \(rejected) are in the reject file, not \(bad)") }
        guard disk.checkpoint.rejectReasons.values.reduce(0, +) == bad.count else { throw BrokenPromise("the reasons do not add up") }

        for row in store.items.values.sorted() {
            let key = UInt64(scenario.rows[row].day) << 32 | UInt64(scenario.rows[row].id)
            guard let rows = winners.removeValue(forKey: key) else {
                throw BrokenPromise("row \(row)'s key has two items, or should have none")
            }
            guard rows.contains(row) else { throw BrokenPromise("the item of row \(row) is in the store instead of \(rows.sorted())") }
        }
        guard winners.isEmpty else {
            throw BrokenPromise("\(winners.count) items are missing, such as row \(winners.values.first?.min() ?? 0)")
        }
    }
}
