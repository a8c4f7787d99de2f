package import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillPacing
import Synchronization

/// The settings and the limits of a load while it runs: they follow what the table says of itself, and what people say.
package final class LoadSteering: Sendable {
    private struct State {
        var settings: LoadSettings
        /// The table as it was described last, and the limits that follow from it; nil before the load has looked at its table.
        var table: TableDescription?
        var limits: WriteLimits?
        /// Has a running delivery look at its pace again.
        var follow: @Sendable () -> Void = {}
        var end: (@Sendable (Ending) -> Void)?
    }
    private let state: Mutex<State>
    private let indexes: [String]
    private let clock: JobClock

    init(_ spec: MigrationSpec, ceiling: RateCeiling?, clock: JobClock) {
        state = Mutex(State(settings: LoadSettings(spec, ceiling: ceiling)))
        indexes = spec.indexes.map(\.name)
        self.clock = clock
    }

    package var settings: LoadSettings { state.withLock { $0.settings } }

    /// Whether the load has got to its table, so that settings can be judged by it.
    package var hasTable: Bool { state.withLock { $0.table != nil } }

    /// Changes settings of the load, from now on.
    /// - Throws: what the change throws, and `JobFailure` when the table does not admit the settings; nothing is changed then.
    package func change(_ body: (inout LoadSettings) throws -> Void) throws {
        let (indexes, now) = (indexes, Int64(clock.secondsSince1970()))
        let follow = try state.withLock { state in
            var settings = state.settings
            try body(&settings)
            if let table = state.table { state.limits = try settings.limits(indexes: indexes, table: table, now: now) }
            state.settings = settings
            return state.follow
        }
        follow()
    }

    /// Ends the load after a checkpoint, resumable; false when it is not under way yet.
    package func stop() -> Bool {
        guard let end = state.withLock({ $0.end }) else { return false }
        end(.interrupted)
        return true
    }

    // MARK: For the load

    /// Takes in the table as it was found.
    func begin(_ table: TableDescription) throws -> WriteLimits {
        let (indexes, now) = (indexes, Int64(clock.secondsSince1970()))
        return try state.withLock { state in
            let limits = try state.settings.limits(indexes: indexes, table: table, now: now)
            (state.table, state.limits) = (table, limits)
            return limits
        }
    }

    /// A delivery is to follow the settings from now on.
    func attach(follow: @escaping @Sendable () -> Void, end: @escaping @Sendable (Ending) -> Void) {
        state.withLock { ($0.follow, $0.end) = (follow, end) }
        follow()
    }

    /// What applies at a time of day, in seconds since 1970; a pause applies at all of them.
    package func pace(at utc: Int64) -> Pace {
        state.withLock { state in
            var pace = state.limits?.pace(at: utc) ?? Pace(rates: [], text: "")
            if let pause = state.settings.pause { pace.closed = pause }
            (pace.requests, pace.items) = (state.settings.requests, state.settings.items)
            return pace
        }
    }

    /// What the table, and then each index, is provisioned with now, in write units a second, nil where it does not say.
    ///
    /// When the table does not answer, or says what the ceilings cannot be reckoned from, everything stays as it was.
    /// - Parameter describe: asks the endpoint for the table.
    /// - Returns: nil in that case.
    func look(_ describe: () async throws -> TableDescription) async -> [Double?]? {
        guard let table = try? await describe() else { return nil }
        let (indexes, now) = (indexes, Int64(clock.secondsSince1970()))
        return state.withLock { state in
            guard let limits = try? state.settings.limits(indexes: indexes, table: table, now: now) else { return nil }
            (state.table, state.limits) = (table, limits)
            return limits.provisioned
        }
    }
}
