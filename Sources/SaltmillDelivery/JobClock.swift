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
        let time = SkippingTime()
        return JobClock(
            now: { MonotonicTime(nanoseconds: time.passed) }, secondsSince1970: { start + Double(time.passed) / 1e9 },
            skip: { time.advance(to: $0.nanoseconds) })
    }
}

/// Time that passes only by being skipped, and never backwards; in nanoseconds.
private final class SkippingTime: Sendable {
    // Not from zero on: that is the time before all times.
    private let nanoseconds = Atomic<Int64>(1)

    var passed: Int64 { nanoseconds.load(ordering: .acquiring) }

    func advance(to time: Int64) { _ = nanoseconds.max(time, ordering: .acquiringAndReleasing) }
}
