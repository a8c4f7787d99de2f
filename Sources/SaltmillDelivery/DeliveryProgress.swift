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
    /// Units a second that the table, or the index that admits least, is taken to admit; nil while neither the table nor refusals have told.
    package var capacity: Double?
    /// What holds the rate back; nil when trouble does, or everything is done.
    package var limiter: RateLimiter?
    package var parkedLanes: Int
    package var requestsInFlight: Int
    /// Requests that may be under way at once.
    package var concurrency: Int
    /// Rows that have been read and wait for their turn.
    package var backlog: Int
    /// Rows set aside for hot keys.
    package var deferred: Int
    /// The ceiling that the schedule has now, and when that changes, in seconds since 1970; nil for never.
    package var schedule: String?
    package var scheduleUntil: Int64?
    /// What the job waits for, if it waits.
    package var wait: Wait?
    /// Age of the last checkpoint in seconds; nil before the first.
    package var checkpointAge: Double?
    /// Seconds since this run began.
    package var elapsed: Double
    package var hotKeys: [HotKeyEntry]
    /// The limits that apply now.
    package var limits: [LimitInForce]
    /// Which of the job's runs this is, counted from 1.
    package var run: Int

    /// What the job waits for, as a sentence.
    package var problem: String? { wait?.reason }

    package init(
        account: Account, usage: Usage, totalRows: Int? = nil, ceiling: Double? = nil, limiter: RateLimiter? = nil, elapsed: Double = 0,
        run: Int = 1
    ) {
        self.account = account
        self.usage = usage
        self.totalRows = totalRows
        self.ceiling = ceiling
        self.limiter = limiter
        parkedLanes = 0
        requestsInFlight = 0
        concurrency = 32
        backlog = 0
        deferred = 0
        self.elapsed = elapsed
        hotKeys = []
        limits = []
        self.run = run
    }

    init(_ state: DeliveryState, totalRows: Int?, elapsed: Double, lastCheckpoint: MonotonicTime?, now: MonotonicTime) {
        account = state.account
        usage = state.usage
        self.totalRows = totalRows
        ceiling = state.limits.first { $0.discovery == nil && !$0.bucket.isUnlimited }?.bucket.rate
        capacity = state.limits.filter { $0.discovery?.isFound == true }.map(\.bucket.rate).min()
        limiter = state.limiter(now: now)
        parkedLanes = state.parkedLanes
        requestsInFlight = state.inFlight
        concurrency = state.concurrency
        backlog = state.backlog
        deferred = state.deferredCount
        (schedule, scheduleUntil) = state.schedule
        wait = state.waitsFor
        limits = state.limitsInForce
        run = state.run
        checkpointAge = lastCheckpoint.map { (MonotonicTime.now - $0).inSeconds }
        self.elapsed = elapsed
        hotKeys = state.hotKeys(5)
    }
}
