/// Units that flow in at a steady rate, up to a limit, and are taken out by requests.
///
/// Time is nanoseconds since an arbitrary start; it never runs backwards (an earlier time counts as no time passed).
struct TokenBucket: Sendable {
    /// Units a second.
    private(set) var rate: Double
    /// Most units that the bucket holds.
    private(set) var capacity: Double
    /// Units in the bucket at `updated`; negative after a request larger than the bucket.
    private(set) var level: Double
    private var updated: Int64

    /// Rounding of a sum of refills must not refuse what the rate has paid for.
    private static let tolerance = 1e-6

    /// A bucket with one second's worth in it.
    init(rate: Double, capacity: Double, at now: Int64) {
        self.rate = rate
        self.capacity = capacity
        level = min(rate, capacity)
        updated = now
    }

    /// Brings the level up to date.
    mutating func refill(at now: Int64) {
        guard now > updated else { return }
        level = min(capacity, level + rate * Double(now - updated) / 1e9)
        updated = now
    }

    /// Whether that many units can be taken: they are there, or the bucket is full and will never hold more.
    func admits(_ units: Double) -> Bool { level + Self.tolerance >= min(units, capacity) }

    /// Takes units out, below zero if need be; a negative count puts them back.
    mutating func take(_ units: Double) { level -= units }

    /// Sets another rate from `now` on; what is in the bucket stays, up to the new capacity.
    mutating func setRate(_ rate: Double, capacity: Double, at now: Int64) {
        refill(at: now)
        self.rate = rate
        self.capacity = capacity
        level = min(level, capacity)
    }

    /// Two buckets, each with half of the rate, the capacity and the content.
    mutating func halve(at now: Int64) {
        refill(at: now)
        rate /= 2
        capacity /= 2
        level /= 2
    }
}
