import DequeModule
package import SaltmillDispatching
import SaltmillDynamoDB
package import SaltmillPacing
package import SaltmillSources

/// Delivery without threads: rows that were read go in, requests come out, answers go in, and the account of every row is kept.
package struct DeliveryState: Sendable {
    /// Rows of a range below which more of it are read.
    static let lowWater = 64
    /// Bytes of rows that were read and not taken up beyond which no more are read.
    static let readAheadBytes = 2 << 20
    /// Reject lines that may wait to be written, in bytes, before reading pauses.
    static let rejectWater = 1 << 20
    /// Rows set aside that are read again at once, at most.
    static let mostRecalled = 64

    private struct Content: Sendable {
        var chunk: SharedChunk
        var index: Int
        var locator: RecordLocator

        var item: EncodedItem { chunk.items.items[index] }
    }

    var dispatcher: Dispatcher
    private var queues: [RangeQueue]
    private var contents: [Content?] = []
    /// Records of an earlier run, or once set aside, that wait to be taken up again, in the order in which they are read.
    private var recovering: Deque<RecordLocator>
    private var deferrals: DeferralQueues
    /// Lanes of the rows that are being read again after they were set aside.
    private var recalledLanes: [UInt64] = []
    /// Mean bytes of a row in the chunk of the largest ones so far.
    private var largestRow = 0
    private var flights: [BatchID: [Slot]] = [:]
    private let window: Int
    private let indexes: [IndexKey]
    private var head: WriteHead

    package private(set) var account: Account
    package private(set) var usage: Usage
    private var keyNames: KeyNames
    private var rejectReasons: [String: Int]
    private var rejectLines: [UInt8] = []
    private var storeRejects: [StoreReject] = []
    private let carried: (runs: Int, seconds: Double)

    /// What keeps the job waiting, if anything.
    private var problem: Wait?
    package private(set) var ending: Ending?
    /// Something was written in this run.
    package private(set) var hasAcknowledged = false
    private var isHeld = false
    /// What the schedule says now.
    private var pace: Pace?

    /// A row that the store refused for good.
    package struct StoreReject: Sendable, Equatable {
        package var locator: RecordLocator
        package var code: String
        package var reason: String
    }

    /// - Parameters:
    ///   - head: what request bodies begin with.
    ///   - checkpoint: where to go on.
    ///   - indexes: the table's global indexes, in the order of the items' index bits.
    ///   - limits: what the rate is limited by.
    ///   - personal: key attributes whose values are not told.
    package init(
        head: WriteHead, checkpoint: Checkpoint, indexes: [IndexKey], limits: [RateLimit],
        configuration: Dispatcher.Configuration = .init(), personal: PersonalKeys? = nil
    ) {
        self.head = head
        keyNames = KeyNames(hiding: personal)
        // One more range than the source has: the records of the earlier run.
        dispatcher = Dispatcher(
            ranges: checkpoint.ranges.count + 1, indexCount: indexes.count, limits: limits, configuration: configuration)
        queues = checkpoint.ranges.map { RangeQueue(frontier: $0.frontier) } + [RangeQueue(frontier: RecordLocator(offset: 0, line: 0))]
        self.indexes = indexes
        window = configuration.window
        recovering = Deque(checkpoint.unsettled.sorted())
        deferrals = DeferralQueues(checkpoint.deferred, window: window)
        account = checkpoint.account
        usage = checkpoint.usage
        rejectReasons = checkpoint.rejectReasons
        carried = (checkpoint.runs + 1, checkpoint.seconds)
        for (number, range) in checkpoint.ranges.enumerated() where range.isDone { exhausted(range: number) }
        if recovering.isEmpty { exhausted(range: recoveryRange) }
    }

    /// The number under which the records of an earlier run are read again.
    package var recoveryRange: Int { queues.count - 1 }
    package var inFlight: Int { flights.count }
    package var parkedLanes: Int { dispatcher.parkedLanes }

    // MARK: Reading

    /// The range of which more should be read now; nil when enough has been read ahead.
    ///
    /// What an earlier run left unsettled, and rows set aside that are not in a file yet, come first: a checkpoint would list them together with what is
    /// read on, and after a kill the next run too.
    package func demand() -> Int? {
        guard ending == nil, !isHeld, rejectLines.count < Self.rejectWater, queuedBytes < Self.readAheadBytes,
            recovering.count + deferrals.buffered < max(window / 2, 1)
        else {
            return nil
        }
        var lowest: (range: Int, backlog: Int)?
        for range in queues.indices.dropLast() where !queues[range].isExhausted {
            let backlog = dispatcher.backlog(range: range)
            if backlog < lowest?.backlog ?? Self.lowWater { lowest = (range, backlog) }
        }
        return lowest?.range
    }

    /// Bytes of the chunks that were read and are not used up.
    private var queuedBytes: Int { queues.reduce(0) { $0 + $1.bytes } }

    /// Whether there is anything to do for whoever reads.
    package var hasReadingToDo: Bool { demand() != nil || deferralsToWrite != nil || recall() != nil }

    package mutating func add(_ chunk: LoadedChunk, range: Int) {
        let items = chunk.items
        largestRow = max(largestRow, items.bytes.count / max(items.items.count, 1))
        dispatcher.offer(
            items.items.map {
                Offer(
                    token: UInt64(range), key: $0.key, lane: $0.lane, units: ($0.size + 1023) / 1024, indexes: $0.indexes,
                    bytes: $0.length, size: $0.size)
            }, values: items.indexLanes, range: range)
        let passed = queues[range].append(chunk)
        note(passed, range: range)
        if range == recoveryRange {
            for lane in recalledLanes { dispatcher.recalled(lane: lane) }
            recalledLanes = []
        }
    }

    package mutating func exhausted(range: Int) {
        queues[range].isExhausted = true
        dispatcher.close(range: range)
    }

    private mutating func note(_ passed: RangeQueue.Passed, range: Int) {
        if range == recoveryRange {
            recovering.removeFirst(min(passed.records, recovering.count))
        } else {
            account.read += passed.records
        }
        account.superseded += passed.superseded
        account.filtered += passed.gone
        for reject in passed.rejects {
            account.rejected += 1
            rejectReasons[reject.code, default: 0] += 1
            rejectLines += reject.line
        }
    }

    // MARK: Rows set aside

    /// Rows set aside that are read again at once: fewer when rows are large.
    private var recallCount: Int { min(max(Self.readAheadBytes / max(largestRow, 1), 1), Self.mostRecalled) }

    /// Rows set aside in all.
    package var deferredCount: Int { deferrals.count }

    /// Rows set aside in an earlier run wait in this lane.
    package mutating func restoreDeferred(lane: UInt64, count: Int) { dispatcher.restoreDeferred(lane: lane, count: count) }

    /// Rows set aside that are due to be written: to which file, where, and which.
    package var deferralsToWrite: (bucket: Int, at: UInt64, rows: [DeferredRow])? { deferrals.toWrite }

    package mutating func wroteDeferrals(_ count: Int, bucket: Int) { deferrals.wrote(count, bucket: bucket) }

    /// The rows set aside that have room again: where in which file they begin, and how many of them are there.
    package func recall() -> (bucket: Int, head: UInt64, inFile: Int)? {
        guard ending == nil, !isHeld, recovering.isEmpty, let lane = dispatcher.laneToRecall() else { return nil }
        let bucket = DeferralQueues.bucket(of: lane)
        let next = deferrals.next(of: bucket, atMost: recallCount)
        return (bucket, next.head, next.inFile)
    }

    /// Takes rows back that were set aside; they are then to be read again and added as the recovery range.
    /// - Parameter rows: those read from the file; where the file has none, those in memory are taken.
    /// - Returns: what to read.
    package mutating func takeRecalled(_ rows: [DeferredRow], bucket: Int) -> [RecordLocator] {
        var rows = rows
        if rows.isEmpty {
            rows = deferrals.takeFromMemory(recallCount, bucket: bucket)
        } else {
            deferrals.takeFromFile(rows.count, bucket: bucket)
        }
        recalledLanes = rows.map(\.lane)
        let locators = rows.map(\.locator).sorted()
        recovering.append(contentsOf: locators)
        return locators
    }

    // MARK: Sending

    /// The next request to send, or how long to wait for one.
    package enum Turn: Sendable {
        /// A request, with its body.
        case send(BatchID, [UInt8])
        case wait(until: MonotonicTime?)
    }

    package mutating func next(now: MonotonicTime) -> Turn {
        if isDone { end(.finished) }
        guard ending == nil, !isHeld, pace?.closed == nil else { return .wait(until: nil) }
        let step = dispatcher.next(now: now)
        var sent: [Slot] = []
        if case .send(_, let slots) = step { sent = slots }
        admit(sent: sent)
        switch step {
        case .finished:
            if isDone { end(.finished) }
            return .wait(until: nil)
        case .wait(let until): return .wait(until: until)
        case .send(let id, let slots):
            flights[id] = slots
            usage.requests += 1
            return .send(id, body(of: slots))
        }
    }

    private mutating func admit(sent: [Slot]) {
        for admission in dispatcher.takeAdmissions() {
            let range = Int(admission.token)
            guard let next = queues[range].takeNext() else { continue }
            note(next.passed, range: range)
            guard let slot = admission.slot else {
                deferrals.append(DeferredRow(locator: next.locator, lane: admission.lane))
                continue
            }
            while contents.count <= slot { contents.append(nil) }
            contents[slot] = Content(chunk: next.chunk, index: next.index, locator: next.locator)
            // A write that waits must not keep the whole chunk it came in.
            if !sent.contains(slot) { compact(slot) }
        }
    }

    private mutating func compact(_ slot: Slot) {
        guard let content = contents[slot], content.chunk.items.items.count > 1 else { return }
        var item = content.item
        var chunk = ItemChunk(indexCount: content.chunk.items.indexCount)
        chunk.bytes = Array(content.chunk.items.bytes[Int(item.offset)..<Int(item.offset + item.length)])
        item.offset = 0
        chunk.items = [item]
        contents[slot] = Content(chunk: SharedChunk(chunk), index: 0, locator: content.locator)
    }

    private func body(of slots: [Slot]) -> [UInt8] {
        switch head {
        case .batch(let head): return batch(head, of: slots)
        case .newItem(let head):
            guard let content = contents[slots[0]] else { return [] }
            let item = content.item
            let bytes = content.chunk.items.bytes
            return head.body(bytes.span.extracting(Int(item.offset)..<Int(item.offset + item.length)))
        }
    }

    private func batch(_ head: BatchWriteHead, of slots: [Slot]) -> [UInt8] {
        let length = slots.reduce(0) { $0 + Int(contents[$1]?.item.length ?? 0) }
        var body = BatchWriteBody(head, requests: slots.count, itemBytes: length)
        for slot in slots {
            guard let content = contents[slot] else { continue }
            let item = content.item
            let bytes = content.chunk.items.bytes
            body.put(bytes.span.extracting(Int(item.offset)..<Int(item.offset + item.length)))
        }
        return body.finish()
    }

    // MARK: Answers

    package mutating func settle(_ id: BatchID, _ reply: Reply, now: MonotonicTime) {
        guard let slots = flights.removeValue(forKey: id) else { return }
        let settlement: Settlement
        var isKept = false
        switch reply {
        case .answered(let refused, let consumed):
            problem = nil
            hasAcknowledged = true
            let positions = refused.compactMap { key in slots.firstIndex { contents[$0]?.item.key == key } }
            guard positions.count == refused.count else {
                // The answer speaks of items that were not in the request: nothing in it can be relied on.
                usage.failedRequests += 1
                settlement = dispatcher.settle(id, .failed, now: now)
                problem = Wait(.endpoint, "the endpoint returned unprocessed items that were not sent")
                break
            }
            let units = consumed ?? estimate(slots.indices.filter { !positions.contains($0) }.map { slots[$0] })
            for index in usage.units.indices where index < units.count { usage.units[index] += units[index] }
            usage.refusedItems += refused.count
            settlement = dispatcher.settle(id, .answered(refused: positions, consumed: consumed), now: now)
        case .present(let isEqual, let units):
            problem = nil
            hasAcknowledged = true
            isKept = !isEqual
            let units = units ?? estimate(slots)[0]
            usage.units[0] += units
            settlement = dispatcher.settle(id, .declined(units: units), now: now)
        case .throttled(let resources):
            problem = nil
            usage.throttledRequests += 1
            usage.refusedItems += slots.count
            settlement = dispatcher.settle(id, .throttled(resources: resources), now: now)
        case .invalid(let code, let message):
            settlement = dispatcher.settle(id, .invalid, now: now)
            for slot in settlement.rejected { reject(slot, code: code, reason: message) }
        case .failed(let failure):
            usage.failedRequests += 1
            problem = Wait(failure.cause, failure.message)
            settlement = dispatcher.settle(id, .failed, now: now)
            for slot in slots { compact(slot) }
            if !hasAcknowledged, failure.isPermanent || dispatcher.failuresInARow >= 10 {
                end(failure.isPermanent ? .failed(failure.message) : .temporary(failure.message))
            }
        case .reform(let capacity):
            head = head.asking(for: capacity)
            settlement = dispatcher.settle(id, .failed, now: now)
        case .broken(let failure):
            settlement = dispatcher.settle(id, .failed, now: now)
            end(.failed(failure.message))
        }
        for slot in settlement.written {
            if isKept { account.kept += 1 } else { account.written += 1 }
            contents[slot] = nil
        }
        for slot in settlement.refused {
            compact(slot)
            name(slot)
        }
    }

    /// What writes are charged at most, by the table and by each index, where the answer does not say it.
    private func estimate(_ slots: [Slot]) -> [Double] {
        var units = [Double](repeating: 0, count: indexes.count + 1)
        for case let item? in slots.map({ contents[$0]?.item }) {
            let cost = Double((item.size + 1023) / 1024)
            for resource in units.indices where resource == 0 || item.indexes >> UInt32(resource - 1) & 1 != 0 { units[resource] += cost }
        }
        return units
    }

    private mutating func reject(_ slot: Slot, code: String, reason: String) {
        guard let content = contents[slot] else { return }
        account.rejected += 1
        rejectReasons[code, default: 0] += 1
        storeRejects.append(StoreReject(locator: content.locator, code: code, reason: reason))
        contents[slot] = nil
    }

    /// Notes what the value is called for which a write waits.
    private mutating func name(_ slot: Slot) {
        guard let hot = dispatcher.hotLane(ofRefused: slot), let content = contents[slot] else { return }
        let attribute = hot.resource == 0 ? nil : indexes[hot.resource - 1].attribute
        let names = keyNames
        keyNames.note(hot.lane) {
            let item = content.item
            return names.key(in: content.chunk.items.bytes[Int(item.offset)..<Int(item.offset + item.length)], attribute)
        }
    }

    /// The values that refusals concentrated on, those refused most first.
    package func hotKeys(_ count: Int) -> [HotKeyEntry] {
        let keys = dispatcher.hot.compactMap { lane, value -> HotKeyEntry? in
            guard let name = keyNames[lane] else { return nil }
            let shards = dispatcher.advisedShards(for: value)
            let relaxed = dispatcher.advisedShards(for: value, atPartOfCapacity: ShardAdvice.relaxedCeiling)
            return HotKeyEntry(
                key: name, index: indexName(value.resource), refusals: value.refusals, tries: value.tries, share: value.share,
                shards: shards,
                relaxedShards: relaxed.flatMap { $0 < (shards ?? 0) / 2 ? $0 : nil })
        }
        return Array(keys.sorted { ($0.refusals, $1.key) > ($1.refusals, $0.key) }.prefix(count))
    }

    private func indexName(_ resource: Int) -> String? { resource == 0 ? nil : indexes[resource - 1].name }

    // MARK: Steering

    /// Ends delivery: nothing more is sent; what is under way still counts when it is answered.
    package mutating func end(_ ending: Ending) {
        if self.ending == nil { self.ending = ending }
    }

    /// Stops reading and sending for the time being; nil goes on.
    package mutating func hold(_ wait: Wait?) {
        guard isHeld || wait != nil else { return }
        isHeld = wait != nil
        problem = wait
    }

    /// Sets the limits' rates, or closes for the time being.
    package mutating func setPace(_ pace: Pace, now: MonotonicTime) {
        guard pace != self.pace else { return }
        self.pace = pace
        dispatcher.setConcurrency(requests: pace.requests, items: pace.items)
        for (number, rate) in pace.rates.enumerated() { dispatcher.setRate(rate, ofLimit: number, now: now) }
    }

    /// Every row is settled; what an earlier run set aside may not have been taken up by the dispatcher yet.
    package var isDone: Bool { dispatcher.isFinished && deferrals.count == 0 && recovering.isEmpty }

    /// What keeps reading from going on, if anything: a full disk, or a source that cannot be read now.
    package var readingProblem: Wait?

    /// What keeps the job from going on, if anything: a disk that is full, then the schedule or a person, then trouble with the endpoint, of which
    /// nothing new is heard while nothing is sent.
    package var waitsFor: Wait? { (isHeld ? problem : nil) ?? pace?.closed ?? problem ?? readingProblem }

    package var limits: [RateLimit] { dispatcher.limits }

    /// The limits that apply now.
    package var limitsInForce: [LimitInForce] { dispatcher.limits.compactMap { LimitInForce($0, indexes: indexes) } }

    /// Requests that may be under way at once.
    package var concurrency: Int { dispatcher.concurrency }

    /// Rows that have been read and not been taken up yet.
    package var backlog: Int { queues.indices.reduce(0) { $0 + dispatcher.backlog(range: $1) } }

    /// What the schedule says, and when that changes, in seconds since 1970; nil before it was asked, or for never.
    package var schedule: (text: String?, until: Int64?) { (pace?.text, pace?.until) }

    /// Which of the job's runs this is, counted from 1.
    package var run: Int { carried.runs }

    /// What holds the rate back at this moment; nil when trouble does, or everything is done.
    package func limiter(now: MonotonicTime) -> RateLimiter? {
        if let wait = waitsFor { return wait.cause == .window ? .closed : nil }
        guard ending == nil, !isDone else { return nil }
        switch dispatcher.limiter(now: now) {
        case .limit(let number):
            guard limits[number].discovery != nil else { return pace?.isWindow == true ? .window : .ceiling }
            return .capacity(index: indexName(limits[number].resources.trailingZeroBitCount))
        case .hotValue(let lane):
            let name = keyNames[lane].map { HotKeyEntry.name(ofKey: $0) }
            let resource = dispatcher.hot.first { $0.lane == lane }?.value.resource ?? 0
            return .hotKey(attribute: name?.attribute ?? "?", value: name?.value ?? "?", index: indexName(resource))
        case .requestsInFlight: return .requestsInFlight
        case .offers: return .source
        }
    }

    // MARK: Checkpoints

    /// What must be on the disk before a checkpoint counts it.
    package struct Rejects: Sendable {
        package var lines: [UInt8] = []
        package var storeRejects: [StoreReject] = []
    }

    /// How far each range of the source has been taken up.
    package var frontiers: [Checkpoint.Range] {
        queues.dropLast().map { Checkpoint.Range(frontier: $0.frontier, isDone: $0.isExhausted && $0.isEmpty) }
    }

    /// The state of the job, and the rejects it counts that have not been written yet; `rejectBytes` is left to whoever writes them.
    package mutating func checkpoint(elapsed: Double, takenAt: Double) -> (Checkpoint, Rejects) {
        var checkpoint = Checkpoint(ranges: frontiers, indexCount: indexes.count)
        checkpoint.unsettled = contents.compactMap { $0?.locator } + recovering + deferrals.rowsInMemory.map(\.locator)
        checkpoint.deferred = deferrals.segments
        checkpoint.account = account
        checkpoint.usage = usage
        checkpoint.rejectReasons = rejectReasons
        checkpoint.runs = carried.runs
        checkpoint.seconds = carried.seconds + elapsed
        checkpoint.takenAt = takenAt
        defer {
            rejectLines = []
            storeRejects = []
        }
        return (checkpoint, Rejects(lines: rejectLines, storeRejects: storeRejects))
    }
}
