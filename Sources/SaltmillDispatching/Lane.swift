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
    /// Its writes waited for tokens that others need: its rate is not what limits it.
    private(set) var isHeldBack = false
    /// Units done since it last gave way, and since when.
    private var done = (units: 0.0, since: MonotonicTime.zero)
    /// Number of the last batch that had been formed when the lane was last put off: what an older one reports is no news.
    private var horizon: UInt64 = 0
    /// Marks the lane's valid entry among those due.
    var ticket: UInt64 = 0
    /// Writes that were set aside because too many wait already.
    var deferred = 0

    /// What a lane is never slower than, in units a second.
    private static let leastRate = 4.0
    /// What is left of the rate after a refusal, after one more without a success between, and at least where less was done than it asked for.
    private static let partLeft = 0.7
    private static let partLeftAgain = 0.5
    private static let leastPartLeft = 0.25
    /// Seconds after which what was done tells what may be done.
    private static let telling = 0.5
    /// What is left of it after another write's refusal.
    private static let partLeftToOthers = 0.97
    /// Growth a second, in parts of the rate: at the wall; for each part of the wall away from it; at most.
    private static let leastGrowth = 0.05
    private static let growth = 1.0
    private static let fastestGrowth = 2.0
    /// Writes go out in portions of so many seconds' worth; as many that were late go out at once.
    private static let portion = 0.02
    /// What may be in flight and what may wait, in seconds' worth: answers may take long, and what was set aside comes back with a delay.
    private static let mostInFlight = 1.0
    private static let mostWaiting = 0.1

    /// - Parameter rate: units a second to begin with.
    init(resource: Int?, rate: Double = .infinity, othersRefused: Int = 0, now: MonotonicTime) {
        self.resource = resource
        self.rate = max(rate, Self.leastRate)
        wall = self.rate
        yielded = othersRefused
        grown = now
        done.since = now
        until = now
    }

    var isIdle: Bool { queue.isEmpty && inFlight == 0 && deferred == 0 }
    var isHot: Bool { resource != nil }
    /// Writes that are not under way.
    var waiting: Int { queue.count + deferred }

    private func worth(_ seconds: Double) -> Int { isHot ? Int(min(rate * seconds, 1e6)) : 1 }

    /// How many writes may go out at once.
    /// - Parameter capacity: how many may be in flight at any rate.
    func portion(capacity: Int) -> Int {
        min(max(worth(Self.portion), 1), max(worth(Self.mostInFlight), capacity) - inFlight)
    }

    /// How many writes may wait.
    /// - Parameter capacity: how many may at any rate.
    func mayWait(capacity: Int) -> Int { max(worth(Self.mostWaiting), capacity) }

    /// Charges what has been sent.
    /// - Parameter time: when more may go, where tokens that others need kept the lane from sending all that it would have.
    mutating func sent(_ units: Double, heldBackUntil time: MonotonicTime?, now: MonotonicTime) {
        guard isHot else { return }
        until = max(max(until, now + .seconds(-Self.portion)) + .seconds(units / rate), time ?? .zero)
        isHeldBack = time != nil
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
    /// - Parameters:
    ///   - units: what it cost.
    ///   - isAlone: no other writes were sent with it.
    mutating func accepted(_ units: Double, batch: BatchID, isAlone: Bool, now: MonotonicTime) {
        done.units += units
        guard isHot, batch.number > horizon else { return }
        attempt = 0
        let seconds = min((now - grown).inSeconds, 1)
        grown = max(now, grown)
        guard seconds > 0, !isHeldBack, !queue.isEmpty || deferred > 0 else { return }
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
        wasAlone = isAlone
        wall = rate
        // What was done meanwhile tells whether it went much too far.
        let seconds = (now - done.since).inSeconds
        let part = seconds > Self.telling ? done.units / seconds / rate : 1
        let left = part < Self.partLeftAgain ? max(part, Self.leastPartLeft) : attempt == 1 ? Self.partLeft : Self.partLeftAgain
        rate = max(rate * left, Self.leastRate)
        grown = until
        done = (0, now)
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
