package import SaltmillPacing
import Synchronization

/// The time that a job goes by: the machine's, or that of a rehearsal, in which nobody waits.
package struct JobClock: Sendable {
    package let now: @Sendable () -> MonotonicTime
    /// The time of day, in seconds since 1970.
    package let secondsSince1970: @Sendable () -> Double
    /// Goes on to a later moment at once; nil where time passes by itself.
    package let skip: (@Sendable (MonotonicTime) -> Void)?

    /// The machine's clocks.
    package static let system = JobClock(
        now: { .now }, secondsSince1970: { SaltmillDelivery.secondsSince1970() }, skip: nil)

    /// A clock that stands still while there is something to do, and skips every wait.
    ///
    /// Ten days of a limited load thus take as long as its requests alone.
    /// - Parameter start: the time of day to begin with, in seconds since 1970.
    package static func rehearsal(from start: Double) -> JobClock {
        // Nanoseconds since the start; the first is not zero, since that is the beginning of all time.
        let passed = Arc(Atomic<Int64>(1))
        return JobClock(
            now: { MonotonicTime(nanoseconds: passed.value.load(ordering: .acquiring)) },
            secondsSince1970: { start + Double(passed.value.load(ordering: .acquiring)) / 1e9 },
            skip: { time in
                // Time never runs backwards, whoever else skips.
                _ = passed.value.max(time.nanoseconds, ordering: .acquiringAndReleasing)
            })
    }
}

/// Shares a value that cannot be copied.
private final class Arc<Value: ~Copyable & Sendable>: Sendable {
    let value: Value

    init(_ value: consuming Value) { self.value = value }
}
