import DequeModule
import SaltmillPacing

/// Writes of one partition key that has been refused: they wait here while all other keys go on.
///
/// A lane exists only while something of it waits or is in flight. After a refusal one write probes it; each full success doubles how many may be
/// in flight, each refusal begins again at one, later.
struct Lane: Sendable {
    var queue: Deque<Slot> = []
    /// Not before this time.
    var until: MonotonicTime = .zero
    /// Refusals in a row.
    var attempt = 0
    /// How many of the lane's writes may be in flight.
    var allowance = 1
    var inFlight = 0
    /// Number of the last batch that had been formed when the lane was last put off: what an older one reports is no news.
    var horizon: UInt64 = 0
    /// Marks the lane's valid entry among those due.
    var ticket: UInt64 = 0
    /// Writes that were set aside because too many wait already.
    var deferred = 0

    var isIdle: Bool { queue.isEmpty && inFlight == 0 && deferred == 0 }
    var maySend: Bool { !queue.isEmpty && inFlight < allowance }
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
