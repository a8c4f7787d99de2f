import SaltmillPacing

/// A store of partitions behind a paced sender, in virtual time: requests of 25 writes of one unit, of which those refused come again.
///
/// The keys are uniform: each write lies in a partition drawn at random, and stays there. A partition is a bucket that fills with its share of the
/// capacity, less what other writers take, who never wait. What was refused is tried again after full jitter, before anything new.
struct Simulation {
    /// What holds from a point in time on.
    struct Change {
        /// Seconds since the start.
        var at: Double
        /// Units a second of all partitions together.
        var capacity: Double
        /// Part of the capacity that other writers take before anybody else.
        var others = 0.0
    }

    /// What happened in one tenth of a second.
    struct Tenth {
        var accepted = 0.0
        var refused = 0.0
        /// The law's rate at its end.
        var rate = 0.0
    }

    var partitions = 8
    /// Seconds of its share that a partition holds at most.
    var burst = 1.0
    /// Seconds of its share that a partition starts with.
    var reserve = 1.0
    /// Seconds from sending to the answer, on average; each request's lies within a half of it.
    var latency = 0.005
    var maximumInFlight = 10_000
    var seed: UInt64 = 1
    /// Part of the items, and of the requests, that are refused whatever the rate.
    var itemNoise = 0.0
    var requestNoise = 0.0

    private struct Write {
        var partition: Int
        var attempt = 0
    }

    private struct Flight {
        var time: MonotonicTime
        var isAnswered = false
        /// The way there takes as long as the way back.
        var way: Duration
        var writes: [Write]
        var refused: [Write] = []
    }

    private struct Store {
        var burst: Double
        var levels: [Double]
        var filled: [MonotonicTime]
        var rate = 0.0
        var limit = 0.0

        init(partitions: Int, burst: Double) {
            self.burst = burst
            levels = [Double](repeating: 0, count: partitions)
            filled = [MonotonicTime](repeating: .zero, count: partitions)
        }

        mutating func fill(_ index: Int, now: MonotonicTime) {
            levels[index] = min(limit, levels[index] + rate * Double(now.nanoseconds - filled[index].nanoseconds) * 1e-9)
            filled[index] = now
        }

        mutating func set(_ change: Change, reserve: Double?, now: MonotonicTime) {
            for index in levels.indices { fill(index, now: now) }
            let share = change.capacity / Double(levels.count)
            rate = share * (1 - change.others)
            limit = max(share * burst, 1)
            for index in levels.indices { levels[index] = min(reserve.map { share * $0 } ?? levels[index], limit) }
        }

        mutating func admits(_ index: Int, now: MonotonicTime) -> Bool {
            fill(index, now: now)
            guard levels[index] >= 1 - 1e-6 else { return false }
            levels[index] -= 1
            return true
        }
    }

    /// Runs a law for some seconds.
    /// - Parameters:
    ///   - rate: what it begins with, in units a second.
    ///   - law: takes the units accepted and refused by one answer and the time, and gives the rate from then on.
    func run(
        seconds: Double, changes: [Change], rate: Double, law: (_ accepted: Double, _ refused: Double, _ now: MonotonicTime) -> Double
    ) -> [Tenth] {
        var random = SplitMix64(seed: seed)
        let backoff = Backoff(base: .milliseconds(50), cap: .seconds(20))
        let end = MonotonicTime.zero + .seconds(seconds)
        var now = MonotonicTime.zero
        var rate = rate
        var bucket = TokenBucket(rate: rate, now: now)
        var store = Store(partitions: partitions, burst: burst)
        var coming = changes[...]
        var flights = EarliestFirst<Flight>()
        var parked = EarliestFirst<Write>()
        var inFlight = 0
        var tenths: [Tenth] = [Tenth()]

        while now < end {
            let size = min(25, max(bucket.capacity / 2, 1))
            while inFlight < maximumInFlight, bucket.time(of: size, now: now) <= now {
                var writes: [Write] = []
                writes.reserveCapacity(25)
                while writes.count < Int(size) {
                    if let time = parked.time, time <= now {
                        writes.append(parked.removeFirst())
                    } else {
                        writes.append(Write(partition: Int(random.next() % UInt64(partitions))))
                    }
                }
                bucket.charge(Double(writes.count), now: now)
                let way = Duration.seconds(latency / 2 * (0.5 + random.chance()))
                flights.insert(Flight(time: now + way, way: way, writes: writes), at: now + way)
                inFlight += 1
            }
            var next = min(flights.time ?? end, coming.first.map { .zero + .seconds($0.at) } ?? end)
            if inFlight < maximumInFlight { next = min(next, bucket.time(of: size, now: now)) }
            now = max(now, next)
            while tenths.count <= now.nanoseconds / 100_000_000 {
                tenths[tenths.count - 1].rate = rate
                tenths.append(Tenth())
            }
            if let change = coming.first, .zero + .seconds(change.at) <= now {
                store.set(change, reserve: coming.count == changes.count ? reserve : nil, now: now)
                coming.removeFirst()
            }
            guard let time = flights.time, time <= now else { continue }
            var flight = flights.removeFirst()
            if flight.isAnswered {
                inFlight -= 1
                for write in flight.refused {
                    let again = Write(partition: write.partition, attempt: write.attempt + 1)
                    parked.insert(again, at: now + backoff.wait(attempt: again.attempt, using: &random))
                }
                rate = law(Double(flight.writes.count - flight.refused.count), Double(flight.refused.count), now)
                bucket.setRate(rate, now: now)
            } else {
                let isWhole = requestNoise > 0 && random.chance() < requestNoise
                for write in flight.writes {
                    let isRefused = isWhole || (itemNoise > 0 && random.chance() < itemNoise)
                    if isRefused || !store.admits(write.partition, now: now) { flight.refused.append(write) }
                }
                tenths[tenths.count - 1].accepted += Double(flight.writes.count - flight.refused.count)
                tenths[tenths.count - 1].refused += Double(flight.refused.count)
                flight.isAnswered = true
                flights.insert(flight, at: now + flight.way)
            }
        }
        return tenths
    }
}

/// Elements by time, the earliest first.
struct EarliestFirst<Element> {
    private var heap: [(time: MonotonicTime, element: Element)] = []

    var time: MonotonicTime? { heap.first?.time }

    mutating func insert(_ element: Element, at time: MonotonicTime) {
        heap.append((time, element))
        var child = heap.count - 1
        while child > 0, heap[child].time < heap[(child - 1) / 2].time {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() -> Element {
        heap.swapAt(0, heap.count - 1)
        let first = heap.removeLast().element
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].time < heap[least].time { least = child }
            guard least != parent else { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}

extension [Simulation.Tenth] {
    /// Part of the capacity that was used, and part of the tries that were refused, between two times in seconds.
    func figures(_ from: Double, _ to: Double, capacity: Double) -> (used: Double, refused: Double) {
        let part = self[Int((from * 10).rounded())..<Int((to * 10).rounded())]
        let accepted = part.reduce(0) { $0 + $1.accepted }
        let refused = part.reduce(0) { $0 + $1.refused }
        return (accepted / (to - from) / capacity, refused / Swift.max(accepted + refused, 1))
    }

    /// Seconds from a time until what is used stays within a tenth of the capacity, on average over the next two and the next ten seconds.
    func settling(_ from: Double, _ to: Double, capacity: Double) -> Double {
        for start in stride(from: from, through: to - 10, by: 0.1) {
            if [2.0, 10].allSatisfy({ abs(figures(start, start + $0, capacity: capacity).used - 1) <= 0.1 }) { return start - from }
        }
        return .infinity
    }
}

extension SplitMix64 {
    /// A number from zero up to one.
    mutating func chance() -> Double { Double(next() >> 11) * 0x1p-53 }
}
