/// An on-demand table's previous peak, double of which it serves at once.
///
/// "If you need more than double your previous peak, space the growth over at least 30 minutes" (Developer Guide, "On-demand capacity mode"):
/// traffic counts as a previous peak half an hour after it was seen. What a peak is measured over is not published; our choice is one minute.
struct PeakHistory: Sendable {
    private static let minute: Int64 = 60_000_000_000
    private static let age = 30

    private(set) var previous: Units
    /// End of the current minute.
    private(set) var minuteEnd: Int64
    private var drawn = Units(read: 0, write: 0)
    /// Rates of the last half hour, minute by minute, the oldest at `oldest`.
    private var rates = [Units](repeating: Units(read: 0, write: 0), count: age)
    private var oldest = 0

    init(previous: Units, at now: Int64) {
        self.previous = previous
        minuteEnd = now + Self.minute
    }

    mutating func add(_ units: Double, _ access: Access) { drawn[access] += units }

    /// A table that has been paid for so much has had half of it as its peak (Developer Guide, "Switching capacity modes").
    mutating func raise(_ access: Access, toHalfOf provisioned: Int) { previous[access] = max(previous[access], Double(provisioned) / 2) }

    /// Forgets what is not half an hour old.
    mutating func restart(at now: Int64) { self = PeakHistory(previous: previous, at: now) }

    /// Closes the minutes that are over.
    /// - Parameter limit: the most that the table was to serve: a second's worth that was in its bucket is no peak.
    mutating func advance(to now: Int64, limit: Units) {
        while minuteEnd <= now {
            for access in Access.allCases {
                previous[access] = max(previous[access], rates[oldest][access])
                rates[oldest][access] = min(limit[access], drawn[access] * 1e9 / Double(Self.minute))
            }
            oldest = (oldest + 1) % Self.age
            drawn = Units(read: 0, write: 0)
            minuteEnd += Self.minute
            if now - minuteEnd > 2 * Int64(Self.age) * Self.minute, rates.allSatisfy({ max($0.read, $0.write) == 0 }) {
                minuteEnd = now + Self.minute
            }
        }
    }
}
