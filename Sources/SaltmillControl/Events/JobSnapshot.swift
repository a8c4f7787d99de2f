import Glibc
package import SaltmillDelivery

/// A look at a running job, with the clocks it was taken by.
package struct JobSnapshot: Sendable, Equatable {
    package enum Phase: String, Sendable, CaseIterable {
        case preparing
        case surveying
        case loading
    }

    package var clocks: Clocks
    package var phase: Phase
    /// Nil before loading.
    package var progress: DeliveryProgress?

    package init(clocks: Clocks, phase: Phase, progress: DeliveryProgress? = nil) {
        self.clocks = clocks
        self.phase = phase
        self.progress = progress
    }
}

/// Three clocks at one moment, in seconds: together they tell a machine that slept from a clock that was set.
package struct Clocks: Sendable, Equatable {
    /// Since 1970; it may be set.
    package var wall: Double
    /// Goes on while the machine sleeps, and is never set.
    package var boot: Double
    /// Stands still while the machine sleeps, and is never set.
    package var awake: Double

    package init(wall: Double, boot: Double, awake: Double) {
        self.wall = wall
        self.boot = boot
        self.awake = awake
    }

    package static var now: Clocks {
        func read(_ clock: clockid_t) -> Double {
            var time = timespec()
            clock_gettime(clock, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        return Clocks(wall: read(CLOCK_REALTIME), boot: read(CLOCK_BOOTTIME), awake: read(CLOCK_MONOTONIC))
    }
}
