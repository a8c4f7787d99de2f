import SaltmillDispatching
import SaltmillPacing

/// A look at a running delivery, for whoever shows it: a value that does not change.
package struct DeliveryProgress: Sendable, Codable, Equatable {
    package var account: Account
    package var usage: Usage
    /// Rows of the source; nil while not known.
    package var totalRows: Int?
    /// The user's ceiling in force, per second; nil when there is none.
    package var ceiling: Double?
    /// Units a second that a provisioned table is taken to admit; nil for others.
    package var capacity: Double?
    package var parkedLanes: Int
    package var requestsInFlight: Int
    /// What the job waits for, if it waits.
    package var problem: String?
    /// Age of the last checkpoint in seconds; nil before the first.
    package var checkpointAge: Double?
    /// Seconds since this run began.
    package var elapsed: Double
    package var hotKeys: [HotKeyEntry]

    init(_ state: DeliveryState, totalRows: Int?, elapsed: Double, lastCheckpoint: MonotonicTime?) {
        account = state.account
        usage = state.usage
        self.totalRows = totalRows
        ceiling = state.limits.first { $0.discovery == nil && !$0.bucket.isUnlimited }?.bucket.rate
        capacity = state.limits.first { $0.discovery != nil && !$0.bucket.isUnlimited }?.bucket.rate
        parkedLanes = state.parkedLanes
        requestsInFlight = state.inFlight
        problem = state.waitsFor
        checkpointAge = lastCheckpoint.map { (MonotonicTime.now - $0).inSeconds }
        self.elapsed = elapsed
        hotKeys = state.hotKeys(5)
    }
}
