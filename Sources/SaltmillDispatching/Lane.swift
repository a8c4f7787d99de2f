import DequeModule
import Glibc
import SaltmillPacing

/// Writes of one hash key value that refusals concentrate on: they wait here while all others go on. Or a single write that was refused for no
/// reason of its own.
///
/// A lane exists only while something of it waits or is in flight. Its writes go out at a rate of their own. A refusal means that its partition is
/// full, of other keys' writes perhaps: the lane gives way at once, by a part of its rate and by a pause in which the partition recovers, and by a
/// little for each other write that is refused, since that may have been for its sake; so what is scarce goes to the others. Without refusals the rate
/// grows in proportion to itself, slowly near where it was last refused, faster the further it is from there, and fast when the others are gone.
struct Lane: Sendable {
    var queue: Deque<Slot> = []
    /// 0 for the table's hash key, *i* + 1 for that of index *i*; nil for a write by itself.
    var resource: Int?
    /// Not before this time.
    var until: MonotonicTime = .zero
    /// Refusals in a row.
    var attempt = 0
    var inFlight = 0
    /// Units a second that the lane's writes may cost its resource.
    private(set) var rate: Double
    /// The rate at which it last gave way, and whether there were no other writes then.
    private var wall: Double
    private var wasAlone = false
    /// Refusals of other writes that it has given way to.
    private var yielded: Int
    /// Up to when its rate has grown.
    private var grown: MonotonicTime
    /// Number of the last batch that had been formed when the lane was last put off: what an older one reports is no news.
    private var horizon: UInt64 = 0
    /// Marks the lane's valid entry among those due.
    var ticket: UInt64 = 0
    /// Writes that were set aside because too many wait already.
    var deferred = 0

    /// What a lane is never slower than, in units a second.
    private static let leastRate = 4.0
    /// What is left of the rate after a refusal, and after one more without a success between.
    private static let partLeft = 0.7
    private static let partLeftAgain = 0.5
    /// What is left of it after another write's refusal.
    private static let partLeftToOthers = 0.97
    /// Growth a second, in parts of the rate: at the wall; for each part of the wall away from it; at most.
    private static let leastGrowth = 0.05
    private static let growth = 1.0
    private static let fastestGrowth = 2.0
    /// Writes go out in portions of so many seconds' worth.
    private static let portion = 0.02

    /// - Parameter rate: units a second to begin with.
    init(resource: Int?, rate: Double = .infinity, othersRefused: Int = 0, now: MonotonicTime) {
        self.resource = resource
        self.rate = max(rate, Self.leastRate)
        wall = self.rate
        yielded = othersRefused
        grown = now
        until = now
    }

    var isIdle: Bool { queue.isEmpty && inFlight == 0 && deferred == 0 }
    var isHot: Bool { resource != nil }

    /// How many writes may go out at once.
    func portion(capacity: Int) -> Int {
        guard isHot else { return 1 }
        return max(min(Int(min(rate * Self.portion, 1e6)), capacity - inFlight), inFlight < capacity ? 1 : 0)
    }

    /// Charges what has been sent.
    mutating func sent(_ units: Double, now: MonotonicTime) {
        guard isHot else { return }
        until = max(until, now) + .seconds(units / rate)
    }

    /// Gives way to other writes, of which so many have been refused so far.
    mutating func yield(to othersRefused: Int) {
        guard othersRefused > yielded else { return }
        rate = max(rate * pow(Self.partLeftToOthers, Double(othersRefused - yielded)), Self.leastRate)
        wall = rate
        wasAlone = false
        yielded = othersRefused
    }

    /// A write was done.
    /// - Parameter isAlone: no other writes were sent with it.
    mutating func accepted(batch: BatchID, isAlone: Bool, now: MonotonicTime) {
        guard isHot, batch.number > horizon else { return }
        attempt = 0
        let seconds = min((now - grown).inSeconds, 1)
        grown = max(now, grown)
        guard seconds > 0, !queue.isEmpty || deferred > 0 else { return }
        let growth = isAlone && !wasAlone ? Self.fastestGrowth : Self.leastGrowth + Self.growth * abs(1 - rate / wall)
        rate *= 1 + seconds * min(growth, Self.fastestGrowth)
    }

    /// A write was refused.
    mutating func refused(
        batch: BatchID, last: UInt64, isAlone: Bool, _ backoff: Backoff, now: MonotonicTime, using random: inout SplitMix64
    ) {
        guard batch.number > horizon else { return }
        attempt += 1
        horizon = last
        until = max(until, now + backoff.wait(attempt: attempt, using: &random))
        guard isHot else { return }
        wall = rate
        wasAlone = isAlone
        rate = max(rate * (attempt == 1 ? Self.partLeft : Self.partLeftAgain), Self.leastRate)
        grown = until
    }
}

/// When a lane or a group of writes may go on.
struct Due: Comparable, Sendable {
    var time: MonotonicTime
    var ticket: UInt64
    /// The lane's key, or the group's number.
    var id: UInt64

    static func < (a: Due, b: Due) -> Bool { (a.time, a.ticket) < (b.time, b.ticket) }
}

/// Writes that go out again together, as they are: after a request without an answer, or as a part of one that was invalid.
struct Group: Sendable {
    var slots: [Slot]
    /// Requests without an answer so far.
    var attempt: Int
}
