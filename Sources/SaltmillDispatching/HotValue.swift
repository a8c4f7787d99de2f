import SaltmillPacing

/// A value of a hash key that refusals concentrated on, and what is known of it.
package struct HotValue: Sendable {
    /// 0 for the table's hash key, *i* + 1 for that of global index *i*.
    package var resource: Int
    /// Tries of its items, and how many of them were refused, since it was first suspected.
    package internal(set) var tries: Int
    package internal(set) var refusals: Int
    /// Items with the value, and all items, that came while it was watched.
    private(set) var rows: Int
    private var allRows = 0
    /// Count of all items at which watching began; nil while there is no lane.
    private var watchedFrom: Int?

    /// Units a second that were done of its items between two refusals, the most there were, and of all others on the same resource meanwhile.
    package private(set) var given = 0.0
    package private(set) var givenToOthers = 0.0
    /// Where the time since a refusal began: when, and units done till then, of the value's items and of all.
    private var start: (time: MonotonicTime, all: Double)
    private var units = 0.0

    /// A stretch shorter than this says nothing of a rate.
    private static let shortest = 1.0

    /// - Parameters:
    ///   - suspect: what is known from before it had a lane; nil for a lane of an earlier run.
    ///   - allTries: of all items, now.
    ///   - units: done so far on the resource.
    init(_ suspect: Suspects.Suspect?, resource: Int, allTries: Int, all units: Double, now: MonotonicTime) {
        self.resource = resource
        tries = suspect?.tries ?? 0
        refusals = suspect?.refusals ?? 0
        rows = tries
        allRows = suspect.map { allTries - $0.triesBefore } ?? 0
        start = (now, units)
    }

    /// Part of all items that have the value, while it was watched.
    package var share: Double { allRows > 0 ? min(Double(rows) / Double(allRows), 1) : 1 }

    mutating func watch(from count: Int) { watchedFrom = watchedFrom ?? count }

    mutating func unwatch(at count: Int) {
        allRows += watchedFrom.map { count - $0 } ?? 0
        watchedFrom = nil
    }

    /// As it is when `count` items have come in all.
    func upToDate(_ count: Int) -> Self {
        var value = self
        value.unwatch(at: count)
        return value
    }

    mutating func came() { rows += 1 }

    mutating func accepted(_ units: Double) {
        tries += 1
        self.units += units
    }

    /// - Parameter all: units done so far on the resource.
    mutating func refused(all: Double, now: MonotonicTime) {
        tries += 1
        refusals += 1
        let seconds = (now - start.time).inSeconds
        guard seconds >= Self.shortest else { return }
        if units / seconds > given {
            given = units / seconds
            givenToOthers = max(all - start.all - units, 0) / seconds
        }
        start = (now, all)
        units = 0
    }
}
