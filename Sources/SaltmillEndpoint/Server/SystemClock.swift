#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension EndpointClock {
    /// The machine's own time.
    package static let system = EndpointClock(
        monotonic: {
            let time = read(CLOCK_MONOTONIC)
            return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        },
        epoch: {
            let time = read(CLOCK_REALTIME)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        })

    /// Time that starts at the machine's own and runs so many times as fast, for a rehearsal of days in minutes.
    package static func system(speed: Double) -> EndpointClock {
        let start = (monotonic: system.monotonic(), epoch: system.epoch())
        return EndpointClock(
            monotonic: { start.monotonic + Int64(Double(system.monotonic() - start.monotonic) * speed) },
            epoch: { start.epoch + Double(system.monotonic() - start.monotonic) * speed / 1e9 })
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }
}
