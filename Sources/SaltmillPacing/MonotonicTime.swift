/// A point on a monotonic clock: nanoseconds since a start that only its clock knows.
///
/// Everything that decides about time takes one of these as an argument, so that the same code runs on the system's clock, in tests and in
/// simulated time.
package struct MonotonicTime: Hashable, Comparable, Sendable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static let zero = MonotonicTime(nanoseconds: 0)

    package static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

    package static func + (a: Self, b: Duration) -> Self { Self(nanoseconds: a.nanoseconds + b.wholeNanoseconds) }

    package static func - (a: Self, b: Self) -> Duration { .nanoseconds(a.nanoseconds - b.nanoseconds) }

    /// Seconds since an earlier point, or minus the seconds until a later one; cheaper than by way of a duration.
    func seconds(since other: Self) -> Double { Double(nanoseconds - other.nanoseconds) / 1e9 }

    package static func += (a: inout Self, b: Duration) { a = a + b }
}

extension Duration {
    /// The duration in nanoseconds, cut to what 64 bits hold (292 years).
    package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (high, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min / 2 : .max / 2 }
        return high + attoseconds / 1_000_000_000
    }

    /// The duration in seconds.
    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
