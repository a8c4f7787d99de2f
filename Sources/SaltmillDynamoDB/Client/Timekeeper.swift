import Glibc

/// Time as control operations see it: a clock that tests can replace, with its instants as durations since the start.
package struct Timekeeper: Sendable {
    /// Time since the timekeeper was made.
    package let elapsed: @Sendable () -> Duration
    package let sleep: @Sendable (Duration) async throws -> Void

    package init(_ clock: some Clock<Duration>) {
        let start = clock.now
        elapsed = { start.duration(to: clock.now) }
        sleep = { try await clock.sleep(for: $0) }
    }

    /// The machine's clock in seconds since 1970-01-01.
    @Sendable package static func systemSeconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec
    }
}
