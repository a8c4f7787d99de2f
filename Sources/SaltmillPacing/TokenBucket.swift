/// A token bucket: how much may be spent now, and how long to wait for more.
///
/// It starts empty, so that a job that is restarted over and over never gets ahead of its limit. It holds one second of the rate, or one
/// largest request where that is more. The level may go below zero: what has been spent is charged even when it turns out dearer than was thought.
package struct TokenBucket: Sendable {
    /// Tokens per second; infinite means no limit.
    package private(set) var rate: Double
    /// The most the bucket holds, in tokens.
    package private(set) var capacity: Double
    private var level: Double = 0
    private var updated: MonotonicTime
    private var largest: Double = 1

    /// Creates an empty bucket.
    /// - Parameters:
    ///   - rate: tokens per second, greater than zero.
    ///   - now: when it starts to fill.
    package init(rate: Double, now: MonotonicTime) {
        precondition(rate > 0, "a rate is greater than zero")
        self.rate = rate
        capacity = max(rate, 1)
        updated = now
    }

    /// Whether the bucket limits anything.
    package var isUnlimited: Bool { rate == .infinity }

    /// Tokens below which the bucket is low: who waits for more keeps it there.
    package var low: Double { capacity / 2 }
    package func isLow(at now: MonotonicTime) -> Bool { available(at: now) < low }

    /// Tokens there are now; infinite when there is no limit.
    package func available(at now: MonotonicTime) -> Double {
        guard !isUnlimited else { return .infinity }
        return min(capacity, level + rate * max(now.seconds(since: updated), 0))
    }

    /// Changes the rate from now on; what has been saved up stays, as far as the bucket still holds it.
    package mutating func setRate(_ newRate: Double, now: MonotonicTime) {
        precondition(newRate > 0, "a rate is greater than zero")
        level = isUnlimited ? 0 : available(at: now)
        updated = now
        rate = newRate
        capacity = max(newRate, largest)
        level = min(level, capacity)
    }

    /// Makes room for a request of this many tokens.
    package mutating func fit(_ tokens: Double) {
        guard tokens > largest else { return }
        largest = tokens
        capacity = max(rate, largest)
    }

    /// When this many tokens will be there, `now` at the earliest; at most the bucket's capacity can be waited for.
    package func time(of tokens: Double, now: MonotonicTime) -> MonotonicTime {
        let missing = min(tokens, capacity) - available(at: now)
        guard missing > 0, !isUnlimited else { return now }
        return MonotonicTime(nanoseconds: now.nanoseconds + Int64((missing / rate * 1e9).rounded(.up)))
    }

    /// Takes tokens out; a negative number puts them back.
    package mutating func charge(_ tokens: Double, now: MonotonicTime) {
        guard !isUnlimited else { return }
        level = min(available(at: now) - tokens, capacity)
        updated = now
    }
}
