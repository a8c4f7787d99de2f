/// Exponential backoff with full jitter: a random wait between zero and a bound that doubles with each attempt.
///
/// Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
package struct Backoff: Sendable {
    /// The bound of the first wait.
    package var base: Duration
    /// The bound no wait exceeds.
    package var cap: Duration

    package init(base: Duration, cap: Duration) {
        self.base = base
        self.cap = cap
    }

    /// The wait after the given number of failures in a row, counted from 1.
    package func wait(attempt: Int, using random: inout SplitMix64) -> Duration {
        let bound = min(base.wholeNanoseconds << Int64(min(max(attempt - 1, 0), 20)), cap.wholeNanoseconds)
        return .nanoseconds(Int64.random(in: 0...max(bound, 0), using: &random))
    }
}

/// A small, fast generator of pseudo-random numbers, the same everywhere for the same seed.
///
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
