import SaltmillPacing

/// Checks that what is tried never exceeds a ceiling, over any stretch of time: at most one second of the rate, or one largest request where
/// that is more, on top of what flows in; and nothing saved up from before a start.
struct RateAudit {
    private let allowance: Double
    private var rate = Double.infinity
    private var level = 0.0
    private var largest: Double
    private var updated: MonotonicTime

    /// - Parameters:
    ///   - largest: the dearest item that there is.
    ///   - allowance: what may be exceeded for a moment where the price of a write is known only afterwards.
    init(largest: Double, allowance: Double, now: MonotonicTime) {
        self.largest = largest
        self.allowance = allowance
        updated = now
    }

    private mutating func refill(_ now: MonotonicTime) {
        level = rate == .infinity ? 0 : min(max(rate, largest), level + rate * (now - updated).inSeconds)
        updated = now
    }

    mutating func setRate(_ rate: Double, now: MonotonicTime) {
        refill(now)
        self.rate = rate
        level = min(level, max(rate, largest))
    }

    /// Notes a try; throws when it exceeds the ceiling.
    mutating func note(_ cost: Double, now: MonotonicTime) throws(BrokenPromise) {
        refill(now)
        guard rate < .infinity else { return }
        largest = max(largest, cost)
        level -= cost
        guard level >= -allowance - 1e-4 * max(rate, 1) else { throw BrokenPromise("the ceiling of \(rate)/s is exceeded by \(-level)") }
    }
}
