import SaltmillDispatching
import SaltmillPacing
import Testing

/// A store in virtual time behind the dispatcher: it answers after a latency, as a rule of the test says, and keeps account of everything.
struct World {
    var dispatcher: Dispatcher
    var now: MonotonicTime = .zero
    var latency: Duration = .milliseconds(5)
    /// What comes of a request; the writes' tokens are what they were offered with.
    var answer: (_ tokens: [UInt64], _ now: MonotonicTime) -> Outcome = { _, _ in .answered(refused: [], consumed: nil) }

    private(set) var tokens: [Int: UInt64] = [:]
    private var inFlight: [(time: MonotonicTime, id: BatchID, slots: [Slot], tokens: [UInt64])] = []
    private(set) var written: [UInt64] = []
    private(set) var writtenAt: [UInt64: MonotonicTime] = [:]
    private(set) var rejected: [UInt64] = []
    private(set) var sends: [(time: MonotonicTime, tokens: [UInt64])] = []
    /// Key of each token, to check that no two writes of a key are under way together.
    var keys: [UInt64: UInt64] = [:]

    /// Writes that were set aside, by lane, and the most there were of them.
    private var deferred: [UInt64: [UInt64]] = [:]
    private(set) var mostDeferred = 0
    /// The most writes there were taken up and not settled.
    private(set) var mostUnsettled = 0
    private var offersByToken: [UInt64: Offer] = [:]
    private let comebacks: Int

    private var valuesByToken: [UInt64: [UInt64]] = [:]

    /// - Parameter values: of the indexes' hash keys, for the tokens that have any.
    init(
        _ offers: [[Offer]], values: [UInt64: [UInt64]] = [:], limits: [RateLimit] = [], indexCount: Int = 0,
        configuration: Dispatcher.Configuration = .init()
    ) {
        valuesByToken = values
        comebacks = offers.count
        dispatcher = Dispatcher(ranges: offers.count + 1, indexCount: indexCount, limits: limits, configuration: configuration)
        for (range, batch) in offers.enumerated() {
            dispatcher.offer(
                batch, values: values.isEmpty ? [] : batch.flatMap { values[$0.token] ?? [UInt64](repeating: 0, count: indexCount) },
                range: range)
            dispatcher.close(range: range)
            for offer in batch {
                keys[offer.token] = offer.key
                offersByToken[offer.token] = offer
            }
        }
        dispatcher.close(range: comebacks)
    }

    /// Runs until everything is settled, or until the given time of the world.
    mutating func run(until end: MonotonicTime = .zero + .seconds(1_000_000)) {
        var steps = 0
        while now < end {
            steps += 1
            guard steps < 5_000_000 else {
                Issue.record("the dispatcher does not come to an end")
                return
            }
            var wake: MonotonicTime?
            switch dispatcher.next(now: now) {
            case .finished: return
            case .send(let id, let slots):
                noteAdmissions()
                let sent = slots.map { tokens[$0, default: 0] }
                checkKeys(sent)
                sends.append((now, sent))
                inFlight.append((now + latency, id, slots, sent))
                continue
            case .wait(let until):
                // What comes back is news.
                if noteAdmissions() { continue }
                wake = until
            }
            let arrival = inFlight.indices.min { inFlight[$0].time < inFlight[$1].time }
            guard let next = [wake, arrival.map { inFlight[$0].time }].compactMap({ $0 }).min() else {
                Issue.record("the dispatcher waits for something that never comes")
                return
            }
            now = max(now, next)
            guard let arrival, inFlight[arrival].time <= now else { continue }
            let flight = inFlight.remove(at: arrival)
            let settlement = dispatcher.settle(flight.id, answer(flight.tokens, now), now: now)
            for slot in settlement.written {
                written.append(tokens[slot, default: 0])
                writtenAt[tokens[slot, default: 0]] = now
            }
            rejected += settlement.rejected.map { tokens[$0, default: 0] }
        }
    }

    /// Notes what was taken up and brings back what there is room for again; true when something came back.
    @discardableResult
    private mutating func noteAdmissions() -> Bool {
        var hasRecalled = false
        for admission in dispatcher.takeAdmissions() {
            if let slot = admission.slot {
                tokens[slot] = admission.token
            } else if let offer = offersByToken[admission.token] {
                deferred[admission.lane, default: []].append(offer.token)
            }
        }
        mostUnsettled = max(mostUnsettled, dispatcher.unsettled)
        mostDeferred = max(mostDeferred, deferred.values.reduce(0) { $0 + $1.count })
        while let lane = dispatcher.laneToRecall(), let waiting = deferred[lane], !waiting.isEmpty {
            let back = waiting.prefix(16)
            deferred[lane] = Array(waiting.dropFirst(back.count))
            dispatcher.offer(
                back.compactMap { offersByToken[$0] }, values: back.flatMap { valuesByToken[$0, default: []] }, range: comebacks)
            for _ in back { dispatcher.recalled(lane: lane) }
            hasRecalled = true
        }
        return hasRecalled
    }

    private func checkKeys(_ sent: [UInt64]) {
        let under = (inFlight.flatMap(\.tokens) + sent).map { keys[$0, default: 0] }
        #expect(Set(under).count == under.count, "two writes of one key under way together")
    }
}

/// Writes with consecutive tokens, each with a key and a lane of its own.
func offers(_ tokens: Range<UInt64>, units: UInt32 = 1, indexes: UInt32 = 0, bytes: UInt32 = 100) -> [Offer] {
    tokens.map {
        Offer(token: $0, key: mix($0), lane: mix($0 &+ 1 << 40), units: units, indexes: indexes, bytes: bytes)
    }
}

/// Spreads small numbers over 64 bits.
func mix(_ value: UInt64) -> UInt64 {
    var random = SplitMix64(seed: value)
    return random.next()
}
