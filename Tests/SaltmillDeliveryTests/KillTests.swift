import SaltmillDelivery
import SaltmillDispatching
import SaltmillPacing
import SaltmillSources
import Testing

/// Whole jobs in virtual time, killed at random: from checkpoint to checkpoint no row is lost and none is counted twice.
@Suite struct KillTests {
    /// What survives a kill: the store, the last checkpoint, the reject file as far as the checkpoint counts it, the files of rows set aside.
    private struct Disk {
        var hasIndex: Bool
        var mostDeferred = 0
        var deferred: [Int: [DeferredRow]] = [:]
        var written: [Int: Int] = [:]
        var checkpoint: Checkpoint
        var rejects: [String] = []
    }

    @Test(arguments: 0..<40)
    func killedAnywhereEveryRowIsAccountedFor(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let count = Int.random(in: 1...3000, using: &random)
        let ranges = Int.random(in: 1...5, using: &random)
        let kinds: [ListReader.Kind] = (0..<count).map { _ in
            let draw = Int.random(in: 0..<20, using: &random)
            return draw == 0 ? .reject : draw == 1 ? .superseded : .item
        }
        let poison = Set((0..<3).map { _ in Int.random(in: 0..<count, using: &random) }.filter { kinds[$0] == .item })
        let hasIndex = !seed.isMultiple(of: 2)
        var disk = Disk(hasIndex: hasIndex, checkpoint: ListReader(kinds: kinds, ranges: ranges, hasIndex: hasIndex).start)
        var runs = 0
        while !run(&disk, kinds, ranges, poison, &random) {
            runs += 1
            guard runs < 500 else {
                Issue.record("seed \(seed): the job does not come to an end")
                return
            }
        }

        let items = Set(kinds.indices.filter { kinds[$0] == .item })
        #expect(Set(disk.written.keys) == items.subtracting(poison), "seed \(seed)")
        let account = disk.checkpoint.account
        #expect(account.read == count && account.pending == 0, "seed \(seed): \(account)")
        #expect(account.written == items.count - poison.count)
        #expect(account.superseded == kinds.count { $0 == .superseded })
        let bad = kinds.indices.filter { kinds[$0] == .reject }.map { "\($0) bad" } + poison.map { "\($0) invalid" }
        #expect(disk.rejects.sorted() == bad.sorted(), "seed \(seed): rejects are neither lost nor doubled")
        if count > 2500 { #expect(disk.mostDeferred > 0, "seed \(seed): rows of the hot value are set aside") }
        #expect(disk.checkpoint.rejectReasons.values.reduce(0, +) == account.rejected)
        #expect((1...runs + 1).contains(disk.checkpoint.runs), "a run counts from its first checkpoint on")
    }

    /// One run of the job; true when it came to its end, false when it was killed.
    private func run(
        _ disk: inout Disk, _ kinds: [ListReader.Kind], _ ranges: Int, _ poison: Set<Int>, _ random: inout SplitMix64
    ) -> Bool {
        var reader = ListReader(kinds: kinds, ranges: ranges, hasIndex: disk.hasIndex, from: disk.checkpoint)
        var configuration = Dispatcher.Configuration()
        configuration.seed = random.next()
        configuration.window = Int.random(in: 60...400, using: &random)
        configuration.laneCapacity = Int.random(in: 2...20, using: &random)
        let unsettled = disk.checkpoint.unsettled.sorted()
        var state = DeliveryState(
            head: head, checkpoint: disk.checkpoint, indexes: disk.hasIndex ? [IndexKey(name: "by_day", attribute: "day")] : [], limits: [],
            configuration: configuration)
        if !unsettled.isEmpty {
            for start in stride(from: 0, to: unsettled.count, by: 10) {
                state.add(reader.reread(Array(unsettled[start..<min(start + 10, unsettled.count)])), range: state.recoveryRange)
            }
            state.exhausted(range: state.recoveryRange)
        }
        for segment in disk.checkpoint.deferred {
            disk.deferred[segment.bucket, default: []].removeLast(disk.deferred[segment.bucket, default: []].count - Int(segment.tail))
            for row in disk.deferred[segment.bucket, default: []][Int(segment.head)...] { state.restoreDeferred(lane: row.lane, count: 1) }
        }
        for bucket in disk.deferred.keys where !disk.checkpoint.deferred.contains(where: { $0.bucket == bucket }) {
            disk.deferred[bucket] = []
        }
        var lines: [String] = []
        func checkpoint(_ state: inout DeliveryState) {
            let (checkpoint, rejects) = state.checkpoint(elapsed: 1, takenAt: 0)
            disk.mostDeferred = max(disk.mostDeferred, state.deferredCount)
            let deferred = checkpoint.deferred.reduce(0) { $0 + Int($1.tail - $1.head) }
            #expect(checkpoint.unsettled.count + deferred == checkpoint.account.pending)
            #expect(Set(checkpoint.unsettled).count == checkpoint.unsettled.count)
            lines += String(decoding: rejects.lines, as: UTF8.self).split(separator: "\n").map(String.init)
            lines += rejects.storeRejects.map { "\($0.locator.offset / 10) \($0.code)" }
            disk.rejects += lines
            lines = []
            disk.checkpoint = checkpoint
        }

        let life = Int.random(in: 5...400, using: &random)
        var now = MonotonicTime.zero
        var inFlight: [(id: BatchID, records: [Int])] = []
        for _ in 0..<life {
            while let write = state.deferralsToWrite {
                disk.deferred[write.bucket, default: []] += write.rows
                #expect(disk.deferred[write.bucket, default: []].count == Int(write.at) + write.rows.count)
                state.wroteDeferrals(write.rows.count, bucket: write.bucket)
            }
            if let recall = state.recall() {
                let file = disk.deferred[recall.bucket, default: []]
                let rows = Array(file[Int(recall.head)..<(Int(recall.head) + recall.inFile)])
                state.add(reader.reread(state.takeRecalled(rows, bucket: recall.bucket)), range: state.recoveryRange)
            }
            while let range = state.demand() {
                if let chunk = reader.read(range: range) { state.add(chunk, range: range) } else { state.exhausted(range: range) }
            }
            switch state.next(now: now) {
            case .send(let id, let body): inFlight.append((id, records(in: body)))
            case .wait(let until):
                if state.ending == .finished {
                    checkpoint(&state)
                    return true
                }
                if let until { now = max(now, until) }
            }
            if !inFlight.isEmpty, Bool.random(using: &random) {
                let flight = inFlight.remove(at: Int.random(in: inFlight.indices, using: &random))
                state.settle(flight.id, reply(to: flight.records, poison, &disk, &random), now: now)
            }
            if Int.random(in: 0..<10, using: &random) == 0 { checkpoint(&state) }
        }
        // Killed. Requests under way may have been applied all the same.
        for flight in inFlight where Bool.random(using: &random) { for record in flight.records { disk.written[record, default: 0] += 1 } }
        for record in poison { disk.written[record] = nil }
        return false
    }

    private func reply(to records: [Int], _ poison: Set<Int>, _ disk: inout Disk, _ random: inout SplitMix64) -> Reply {
        if !poison.isDisjoint(with: records) { return .invalid(code: "invalid", message: "no") }
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return .throttled()
        case 1:
            // The answer is lost; the writes may have been done.
            if Bool.random(using: &random) { for record in records { disk.written[record, default: 0] += 1 } }
            return .failed(Problem("gone"))
        default:
            // One value is hot: of the table's hash key, or of the index's.
            let refused = records.filter { record in
                let isHot = disk.hasIndex ? record.isMultiple(of: 3) : record % 5 == 2
                return Int.random(in: 0..<20, using: &random) < (isHot ? 16 : 1)
            }
            for record in records where !refused.contains(record) { disk.written[record, default: 0] += 1 }
            return .answered(refused: refused.map(ListReader.key), consumed: nil)
        }
    }
}
