import DequeModule
import HeapModule
package import SaltmillPacing

/// A write that left the intake.
package struct Admission: Sendable, Equatable {
    /// The slot it was given; nil when it was set aside.
    package var slot: Slot?
    /// What it was offered with.
    package var token: UInt64
    /// The lane for which it was set aside; 0 otherwise.
    package var lane: UInt64 = 0
}

/// Decides which writes go next, when, and what an answer means for each of them.
///
/// A value without clock, socket or task: time comes in as an argument, requests go out as ``Step``s, answers come in as ``Outcome``s. Writes are
/// offered per range of the source and taken from the ranges in turn, so that sorted input does not roll over one partition after the other.
///
/// - A limit's bucket is charged when a request is formed, and settled to what was consumed; refused tries and requests without an answer stay charged.
/// - A refused write is tried again by itself, after a wait with full jitter. Where refusals concentrate on one value of a hash key, of the table's or of
///   an index's, all writes with that value go through a lane of its own, at a rate of its own, and the others go on. What a lane cannot hold is set
///   aside: the offering side keeps it and brings it back when the lane has room.
/// - Two writes of one key are never in flight together.
/// - A request that is invalid as a whole is halved until the write at fault stands alone.
package struct Dispatcher: Sendable {
    package struct Configuration: Sendable {
        /// Items in one request; 25 is the service's limit for `BatchWriteItem`.
        package var maximumItems = 25
        /// Bytes of items in one request: far fewer than the 16 MiB that the service takes, so that large items do not wait for one another.
        package var maximumBytes = 1 << 20
        /// Requests in flight at once.
        package var maximumInFlight = 32
        /// Writes that are taken up and not settled: what a resume has to read again at most.
        package var window = 4096
        /// Bytes of those writes: items of 400 KB must not take hundreds of times the memory of small ones.
        package var windowBytes = 2 << 20
        /// Writes of one lane that wait or are in flight; more of them are set aside.
        package var laneCapacity = 64
        /// Waits of a write that is refused for no reason of its own.
        package var retry = Backoff(base: .milliseconds(100), cap: .milliseconds(500))
        /// Waits of a lane whose writes are refused.
        package var refusal = Backoff(base: .milliseconds(100), cap: .seconds(2))
        /// Waits of a request that went without an answer while others are answered.
        package var failure = Backoff(base: .milliseconds(50), cap: .seconds(1))
        /// Waits of everything while nothing succeeds.
        package var outage = Backoff(base: .milliseconds(200), cap: .seconds(30))
        /// Fruitless requests in a row after which everything waits and a single request probes.
        package var outageThreshold = 4
        /// Requests in a row that are refused as a whole for going too fast after which everything waits and a single request probes.
        package var throttleThreshold = 4
        package var seed: UInt64 = 1

        package init() {}

        /// Makes requests of one write each: more of them at once, and more of them in a row tell what one of 25 tells.
        package mutating func sendSingly() {
            throttleThreshold *= maximumItems
            maximumItems = 1
            maximumInFlight = 64
        }
    }

    private(set) var configuration: Configuration
    /// What the numbers are when nothing else is asked for.
    private let usual: (requests: Int, items: Int)
    package internal(set) var limits: [RateLimit]
    /// Learnt ratio of consumed to expected units, of the table and of each index.
    var scale: [Double]
    /// Mean expected cost of a write under each limit.
    var meanCost: [Double]

    var intake: [Intake]
    let indexCount: Int
    var openRanges: Set<Int>
    private var turn = 0
    private var offered = 0

    /// Bytes of the writes that are taken up and not settled.
    private var unsettledBytes = 0
    /// More writes may be taken up.
    private var hasRoom: Bool { unsettled < configuration.window && unsettledBytes < configuration.windowBytes }
    /// So many are not settled that those of hot lanes had better be set aside.
    private var isCrowded: Bool { unsettled > configuration.window / 2 || unsettledBytes > configuration.windowBytes / 2 }

    /// Writes that came from the source so far.
    var taken = 0

    var offers: [Offer] = []
    /// For each slot its values of the indexes' hash keys.
    var values: [UInt64] = []
    /// The lane in which the slot's write waits or for which it is in flight; 0 for none.
    var laneOf: [UInt64] = []
    private var free: [Slot] = []
    private var admissions: [Admission] = []
    var keys = KeySet()
    /// Writes whose key is already taken by an earlier, unsettled write.
    var conflicts: [UInt64: Deque<Slot>] = [:]
    var ready: Deque<Slot> = []

    var lanes: [UInt64: Lane] = [:]
    /// The lanes of values, quicker to ask.
    var hotLanes = KeySet(minimumCapacity: 64)
    var suspects = Suspects()
    var lastRefusal: MonotonicTime = .zero
    /// Every value that got a lane, as far as there is room.
    var hotValues: [UInt64: HotValue] = [:]
    /// Writes done so far, and their units of the table and of each index.
    var written = 0
    var done: [Double]
    /// Lanes of which writes are set aside.
    private var deferredLanes: [UInt64] = []
    private var deferredCount = 0
    /// Some of them have come back; before that, the last range brings writes of an earlier run.
    private var hasRecalled = false
    private var dueLanes = Heap<Due>()
    var groups: [UInt64: Group] = [:]
    private var dueGroups = Heap<Due>()
    private var tickets: UInt64 = 0

    struct Flight: Sendable {
        var slots: [Slot]
        var attempt: Int
        /// What each limit was charged.
        var charged: [Double]
    }
    var flights: [BatchID: Flight] = [:]
    var spares = SpareArrays()
    var lastBatch: UInt64 = 0

    var random: SplitMix64
    var pausedUntil: MonotonicTime?
    var isProbing = false
    /// Requests without an answer in a row.
    package internal(set) var failuresInARow = 0
    var outages = 0
    /// Number of the last batch formed before the current pause: the failure of an older one is no news.
    var outageHorizon: UInt64 = 0
    var throttlesInARow = 0

    /// Creates a dispatcher.
    /// - Parameters:
    ///   - ranges: how many ranges of the source bring writes. The last one is for writes that come back: first those of an earlier run, then those
    ///     set aside, which are not set aside again.
    ///   - indexCount: how many global indexes the table has.
    ///   - limits: what the rate is limited by; all of them hold at once.
    package init(ranges: Int, indexCount: Int, limits: [RateLimit], configuration: Configuration = Configuration()) {
        self.configuration = configuration
        usual = (configuration.maximumInFlight, configuration.maximumItems)
        self.limits = limits
        scale = [Double](repeating: 1, count: indexCount + 1)
        meanCost = [Double](repeating: 1, count: limits.count)
        done = [Double](repeating: 0, count: indexCount + 1)
        self.indexCount = indexCount
        intake = [Intake](repeating: Intake(indexCount: indexCount), count: ranges)
        openRanges = Set(0..<ranges)
        random = SplitMix64(seed: configuration.seed)
    }

    /// Changes a limit's rate from now on; infinite for none.
    package mutating func setRate(_ rate: Double, ofLimit number: Int, now: MonotonicTime) {
        guard limits[number].bucket.rate != rate else { return }
        limits[number].bucket.setRate(rate, now: now)
    }

    /// Requests that may be in flight at once.
    package var concurrency: Int { configuration.maximumInFlight }

    /// Changes how many requests may be in flight at once, and how many items are in one, from now on; nil for the numbers that the dispatcher was made with.
    ///
    /// There are never more items in one than then: that is what a request of its form takes.
    package mutating func setConcurrency(requests: Int?, items: Int?) {
        configuration.maximumInFlight = max(requests ?? usual.requests, 1)
        configuration.maximumItems = min(max(items ?? usual.items, 1), usual.items)
    }

    // MARK: Intake

    /// Offers writes of one range, in the range's order.
    /// - Parameter values: for each write as many numbers as there are indexes: the hash of its value of the index's hash key, 0 where it is not in the
    ///   index; missing ones count as 0.
    package mutating func offer(_ batch: [Offer], values: [UInt64] = [], range: Int) {
        intake[range].append(batch, values: values)
        offered += batch.count
    }

    /// Says that a range brings no more.
    package mutating func close(range: Int) { openRanges.remove(range) }

    /// Writes of a range that are offered and not taken up yet.
    package func backlog(range: Int) -> Int { intake[range].count }

    /// Writes that are taken up and not settled.
    package var unsettled: Int { offers.count - free.count }
    package var inFlight: Int { flights.count }
    /// Everything offered is settled and no more will be offered.
    package var isFinished: Bool { offered == 0 && unsettled == 0 && deferredCount == 0 && openRanges.isEmpty }
    /// Lanes, of hot values and of single writes that were refused.
    package var parkedLanes: Int { lanes.count }
    /// The values that refusals concentrated on, by their lanes.
    package var hot: [(lane: UInt64, value: HotValue)] { hotValues.map { ($0, $1.upToDate(taken)) } }

    /// The value for which a refused write waits: its lane, and whose hash key it is of; nil when no value is to blame.
    package func hotLane(ofRefused slot: Slot) -> (lane: UInt64, resource: Int)? {
        lanes[laneOf[slot]]?.resource.map { (laneOf[slot], $0) }
    }

    /// How many salted values would cure a hot one, as far as can be told.
    /// - Parameter part: of what the table or index admits, the most that the load would then keep to.
    package func advisedShards(for value: HotValue, atPartOfCapacity part: Double = 1) -> Int? {
        guard value.given > 0, written > 0 else { return nil }
        // Writes a second that the limits let through, and what those cost the resource.
        let writes = limits.indices.map { limits[$0].bucket.rate / meanCost[$0] }.min() ?? .infinity
        let wanted = writes * done[value.resource] / Double(written)
        let capacity = limits.first { $0.discovery != nil && $0.resources == 1 << UInt32(value.resource) }?.bucket.rate
        let partition = ShardAdvice.partition(given: value.given, toOthers: value.givenToOthers, capacity: capacity)
        return ShardAdvice.shards(
            share: value.share, wanted: min(wanted, (capacity ?? wanted) * part), capacity: capacity, partition: partition)
    }

    /// The writes taken up or set aside since the last call, in each range's order.
    package mutating func takeAdmissions() -> [Admission] {
        defer { admissions.removeAll(keepingCapacity: true) }
        return admissions
    }

    /// Puts the writes taken up or set aside since the last call in the place of the buffer's content, whose memory is then used for the next ones.
    package mutating func takeAdmissions(into buffer: inout [Admission]) {
        buffer.removeAll(keepingCapacity: true)
        swap(&buffer, &admissions)
    }

    /// Takes a range's first offer up.
    private mutating func admit(_ offer: Offer, range: Int) -> Slot {
        offered -= 1
        if range < intake.count - 1 { taken += 1 }
        unsettledBytes += Int(offer.bytes)
        let slot: Slot
        if let last = free.popLast() {
            slot = last
            offers[slot] = offer
            laneOf[slot] = 0
        } else {
            slot = offers.count
            offers.append(offer)
            laneOf.append(0)
            values.append(contentsOf: repeatElement(0, count: indexCount))
        }
        if indexCount > 0 {
            for index in 0..<indexCount { values[slot * indexCount + index] = intake[range].firstValue(ofIndex: index) }
        }
        intake[range].removeFirst()
        admissions.append(Admission(slot: slot, token: offer.token))
        return slot
    }

    // MARK: Writes set aside

    /// Writes are kept for a lane from an earlier run.
    package mutating func restoreDeferred(lane key: UInt64, count: Int) {
        noteDeferred(key, count)
    }

    private mutating func noteDeferred(_ key: UInt64, _ count: Int) {
        if lanes[key] == nil {
            // Which key it is of is seen when its writes come back.
            lanes[key] = Lane(resource: 0, rate: Self.restoredRate, othersRefused: suspects.refusals, now: .zero)
            _ = hotLanes.insert(key)
        }
        if lanes[key]?.deferred == 0 { deferredLanes.append(key) }
        lanes[key]?.deferred += count
        deferredCount += count
    }

    /// Units a second that a lane of an earlier run begins with.
    private static let restoredRate = 10.0

    /// A lane that has room again for writes that were set aside; they are to be offered in the last range.
    package func laneToRecall() -> UInt64? {
        guard intake.last?.isEmpty == true, !isCrowded else { return nil }
        return deferredLanes.first { key in
            lanes[key].map { $0.queue.count < $0.mayWait(capacity: configuration.laneCapacity) / 2 } ?? false
        }
    }

    /// One of a lane's writes that were set aside is on its way back.
    package mutating func recalled(lane key: UInt64) {
        hasRecalled = true
        guard let deferred = lanes[key]?.deferred, deferred > 0 else { return }
        lanes[key]?.deferred = deferred - 1
        deferredCount -= 1
        if deferred == 1 { deferredLanes.removeAll { $0 == key } }
        dissolve(key)
    }

    /// Whether a write is to be set aside rather than wait in its lane.
    private func isToBeDeferred(_ lane: Lane, range: Int) -> Bool {
        guard range < intake.count - 1 || !hasRecalled else { return false }
        return lane.deferred > 0 || lane.queue.count >= lane.mayWait(capacity: configuration.laneCapacity)
            || isCrowded
    }

    /// Frees a settled write's slot and lets the next write of its key go on.
    mutating func release(_ slot: Slot) {
        let key = offers[slot].key
        keys.remove(key)
        free.append(slot)
        unsettledBytes -= Int(offers[slot].bytes)
        guard !conflicts.isEmpty, var waiting = conflicts[key] else { return }
        if let next = waiting.popFirst() {
            _ = keys.insert(key)
            ready.append(next)
        }
        conflicts[key] = waiting.isEmpty ? nil : waiting
    }

    // MARK: What to do next

    /// What to do now; to be called again until it says to wait, and again after every offer and settlement.
    package mutating func next(now: MonotonicTime) -> Step {
        if let pausedUntil {
            guard pausedUntil <= now else { return .wait(until: pausedUntil) }
            self.pausedUntil = nil
        }
        guard flights.count < (isProbing ? 1 : configuration.maximumInFlight) else { return .wait(until: nil) }
        while let due = dueLanes.min, lanes[due.id]?.ticket != due.ticket { dueLanes.removeMin() }
        if let due = dueGroups.min, due.time <= now { return sendGroup(due, now: now) }

        let waiting = nextDue(after: now)
        let hasLanes = !ready.isEmpty || (dueLanes.min.map { $0.time <= now } ?? false)
        if !hasLanes {
            guard offered > 0 else {
                return isFinished ? .finished : .wait(until: waiting)
            }
            // A fuller request is worth waiting for while others are under way and more rows are on their way.
            if offered < configuration.maximumItems, !flights.isEmpty, !openRanges.isEmpty { return .wait(until: waiting) }
        }
        if let time = timeOfTokens(now: now) { return .wait(until: min(time, waiting ?? time)) }

        var picking = Picking(spares.take(costs: limits.count))
        pickReady(&picking, now: now)
        pickLanes(&picking, now: now)
        pickIntake(&picking, now: now)
        if picking.count > 0 {
            if !picking.hot.isEmpty { picking.slots += picking.hot }
            return send(picking.slots, attempt: 0, costs: picking.costs, now: now)
        }
        spares.put(slots: picking.slots, costs: picking.costs)
        if let short = picking.short { return .wait(until: min(short, waiting ?? short)) }
        // A write may have gone to a lane that is due already: look again.
        if picking.isCutShort || dueLanes.min.map({ $0.time <= now }) == true { return .wait(until: now) }
        return .wait(until: nextDue(after: now))
    }

    /// When the next lane or group is due that is not due yet.
    private func nextDue(after now: MonotonicTime) -> MonotonicTime? {
        let lane = dueLanes.min.flatMap { $0.time > now ? $0.time : nil }
        let group = dueGroups.min.flatMap { $0.time > now ? $0.time : nil }
        guard let lane, let group else { return lane ?? group }
        return min(lane, group)
    }

    /// When there will be tokens for a request worth sending, if they are not there now.
    ///
    /// Half a bucket is enough: were it a whole one, every moment of delay at its brim would be lost.
    private func timeOfTokens(now: MonotonicTime) -> MonotonicTime? {
        var latest: MonotonicTime?
        let wanted = Double(min(configuration.maximumItems, max(offered, 1)))
        for (index, limit) in limits.enumerated() where !limit.bucket.isUnlimited {
            let need = min(wanted * meanCost[index], max(limit.bucket.capacity / 2, meanCost[index]))
            let time = limit.bucket.time(of: need, now: now)
            if time > now { latest = max(time, latest ?? time) }
        }
        return latest
    }

    private mutating func send(_ slots: [Slot], attempt: Int, costs: [Double], now: MonotonicTime) -> Step {
        for index in limits.indices {
            limits[index].bucket.charge(costs[index], now: now)
            meanCost[index] += (costs[index] / Double(slots.count) - meanCost[index]) / 8
        }
        lastBatch += 1
        let id = BatchID(number: lastBatch)
        flights[id] = Flight(slots: slots, attempt: attempt, charged: costs)
        return .send(id, slots)
    }

    private mutating func sendGroup(_ due: Due, now: MonotonicTime) -> Step {
        guard let group = groups[due.id] else { return .wait(until: nil) }
        var costs = [Double](repeating: 0, count: limits.count)
        var latest = now
        for index in limits.indices {
            for slot in group.slots { costs[index] += limits[index].cost(of: offers[slot], scale: scale) }
            limits[index].bucket.fit(costs[index])
            latest = max(latest, limits[index].bucket.time(of: costs[index], now: now))
        }
        guard latest <= now else { return .wait(until: latest) }
        dueGroups.removeMin()
        groups[due.id] = nil
        return send(group.slots, attempt: group.attempt, costs: costs, now: now)
    }

    mutating func schedule(_ group: Group, at time: MonotonicTime) {
        tickets += 1
        groups[tickets] = group
        dueGroups.insert(Due(time: time, ticket: tickets, id: tickets))
    }

    mutating func schedule(lane key: UInt64) {
        guard let lane = lanes[key], !lane.queue.isEmpty, lane.portion(capacity: configuration.laneCapacity) > 0 else { return }
        tickets += 1
        lanes[key]?.ticket = tickets
        dueLanes.insert(Due(time: lane.until, ticket: tickets, id: key))
    }
}

// MARK: - Picking

extension Dispatcher {
    /// A request that is being put together.
    private struct Picking {
        var slots: [Slot]
        /// Writes of hot lanes: last in the request, where they take nothing from those before them.
        var hot: [Slot] = []
        var count: Int { slots.count + hot.count }
        var bytes = 0
        var costs: [Double]
        /// When there will be tokens for the write that found too few.
        var short: MonotonicTime?
        /// There is more to look at, at once.
        var isCutShort = false

        init(_ spare: (slots: [Slot], costs: [Double])) { (slots, costs) = spare }
    }

    /// Whether a write still fits the request and the limits; if so its cost is added.
    private mutating func fits(_ offer: Offer, _ picking: inout Picking, now: MonotonicTime) -> Bool {
        guard picking.count < configuration.maximumItems, picking.short == nil,
            picking.count == 0 || picking.bytes + Int(offer.bytes) <= configuration.maximumBytes
        else { return false }
        for index in limits.indices where !limits[index].bucket.isUnlimited {
            let cost = limits[index].cost(of: offer, scale: scale)
            limits[index].bucket.fit(cost)
            let time = limits[index].bucket.time(of: picking.costs[index] + cost, now: now)
            guard time <= now, picking.costs[index] + cost <= limits[index].bucket.capacity else {
                picking.short = max(time, now + .nanoseconds(1))
                return false
            }
        }
        for index in limits.indices { picking.costs[index] += limits[index].cost(of: offer, scale: scale) }
        picking.bytes += Int(offer.bytes)
        return true
    }

    private mutating func pickReady(_ picking: inout Picking, now: MonotonicTime) {
        while let slot = ready.first, fits(offers[slot], &picking, now: now) {
            ready.removeFirst()
            picking.slots.append(slot)
        }
    }

    private mutating func pickLanes(_ picking: inout Picking, now: MonotonicTime) {
        while let due = dueLanes.min, due.time <= now {
            guard lanes[due.id]?.ticket == due.ticket, let first = lanes[due.id]?.queue.first else {
                dueLanes.removeMin()
                continue
            }
            let resource = lanes[due.id]?.resource
            if resource == nil, let hot = hotLane(of: first) {
                // Meanwhile a value of it has been found to be hot.
                dueLanes.removeMin()
                lanes[due.id] = nil
                enqueue(first, in: hot, now: now)
                continue
            }
            lanes[due.id]?.yield(to: suspects.refusals)
            var portion = lanes[due.id]?.portion(capacity: configuration.laneCapacity) ?? 0
            var units = 0.0
            var isFull = false
            var heldBackUntil: MonotonicTime?
            while portion > 0, let slot = lanes[due.id]?.queue.first {
                if resource != nil {
                    let time = timeForHot(slot, picking, now: now)
                    guard time <= now else {
                        heldBackUntil = time
                        break
                    }
                }
                guard fits(offers[slot], &picking, now: now) else {
                    isFull = true
                    break
                }
                lanes[due.id]?.queue.removeFirst()
                lanes[due.id]?.inFlight += 1
                units += cost(of: slot, on: resource ?? 0)
                if resource == nil {
                    picking.slots.append(slot)
                } else {
                    picking.hot.append(slot)
                    takeHotTurn(slot, picking, now: now)
                }
                portion -= 1
            }
            lanes[due.id]?.sent(units, heldBackUntil: heldBackUntil, now: now)
            if isFull, units == 0 { return }
            dueLanes.removeMin()
            schedule(lane: due.id)
            if isFull { return }
        }
    }

    /// When a write of a hot key may join the request without taking from others what they wait for.
    private func timeForHot(_ slot: Slot, _ picking: Picking, now: MonotonicTime) -> MonotonicTime {
        limits.indices.reduce(now) { latest, index in
            let cost = limits[index].cost(of: offers[slot], scale: scale)
            return cost > 0 ? max(latest, limits[index].timeForHot(picking.costs[index] + cost, now: now)) : latest
        }
    }

    private mutating func takeHotTurn(_ slot: Slot, _ picking: Picking, now: MonotonicTime) {
        for index in limits.indices {
            limits[index].takeHotTurn(limits[index].cost(of: offers[slot], scale: scale), ofRequest: picking.costs[index], now: now)
        }
    }

    private mutating func pickIntake(_ picking: inout Picking, now: MonotonicTime) {
        var idle = 0
        while idle < intake.count {
            guard picking.count < configuration.maximumItems, hasRoom else { return }
            turn = turn + 1 < intake.count ? turn + 1 : 0
            guard let offer = intake[turn].first else {
                idle += 1
                continue
            }
            if hotLanes.count > 0, let hot = hotLane(ofFirstIn: turn, offer) {
                // The lane is held back: its writes queue up behind those refused, and beyond a number are set aside.
                idle = 0
                if turn < intake.count - 1 { hotValues[hot]?.came() }
                if let lane = lanes[hot], isToBeDeferred(lane, range: turn) {
                    intake[turn].removeFirst()
                    offered -= 1
                    if turn < intake.count - 1 { taken += 1 }
                    noteDeferred(hot, 1)
                    admissions.append(Admission(slot: nil, token: offer.token, lane: hot))
                    // Not without end in one go: the side that keeps what was set aside must be able to follow.
                    guard admissions.count < configuration.window / 4 else {
                        picking.isCutShort = true
                        return
                    }
                    continue
                }
                let slot = admit(offer, range: turn)
                guard keys.insert(offer.key) else {
                    conflicts[offer.key, default: []].append(slot)
                    continue
                }
                enqueue(slot, in: hot, now: now)
                continue
            }
            guard keys.insert(offer.key) else {
                conflicts[offer.key, default: []].append(admit(offer, range: turn))
                idle = 0
                continue
            }
            guard fits(offer, &picking, now: now) else { return keys.remove(offer.key) }
            picking.slots.append(admit(offer, range: turn))
            idle = 0
        }
    }

    /// Puts a write at the end of a lane.
    private mutating func enqueue(_ slot: Slot, in key: UInt64, now: MonotonicTime) {
        laneOf[slot] = key
        identify(key, by: slot, now: now)
        let wasEmpty = lanes[key]?.queue.isEmpty == true
        lanes[key]?.queue.append(slot)
        if wasEmpty { schedule(lane: key) }
    }
}
