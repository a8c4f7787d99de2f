import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillPacing

/// How fast a verification may read and mend, hour by hour: by the spec's schedule, whose numbers are read units where it reads.
struct VerifyLimits: Sendable {
    let reading: RateTimetable
    private let writing: RateTimetable
    private let provisioned: Throughput?

    /// - Parameter ceiling: replaces the schedule's ceilings for reading; closed hours stay closed.
    /// - Throws: ``JobFailure`` for a share of a table without provisioned units; ``UnknownZone``.
    init(_ spec: MigrationSpec, ceiling: RateCeiling?, table: TableDescription, now: Int64) throws {
        writing = RateTimetable(spec.schedule, offsets: try spec.zoneOffsets(fromUTC: now), zone: spec.zone ?? "UTC")
        reading = writing.replacing(ceiling)
        if case .provisioned(let throughput) = table.billing { provisioned = throughput } else { provisioned = nil }
        for case .ceiling(.share) in reading.values where provisioned == nil { throw JobFailure(shareOf: table) }
    }

    /// Read units a second at a time of day, and why nothing is to be read.
    func readRate(at utc: Int64) -> (rate: Double, closed: String?) {
        let moment = reading.moment(at: utc)
        guard case .ceiling(let ceiling) = moment.value else { return (.infinity, moment.closed) }
        if case .share(let share) = ceiling { return (provisioned.map { Double($0.read) * share } ?? .infinity, moment.closed) }
        return (ceiling.readUnits, moment.closed)
    }

    /// Deletes a second, in write units, at a time of day, and why nothing is to be deleted.
    func deleteRate(at utc: Int64) -> (rate: Double, closed: String?) {
        let moment = writing.moment(at: utc)
        guard case .ceiling(let ceiling) = moment.value else { return (.infinity, moment.closed) }
        switch ceiling {
        case .none: return (.infinity, moment.closed)
        case .absolute(let rate, .units), .absolute(let rate, .items): return (rate, moment.closed)
        // At least a kilobyte is charged for each item.
        case .absolute(let rate, .bytes): return (max(rate / 1024, 1), moment.closed)
        case .share(let share): return (provisioned.map { Double($0.write) * share } ?? .infinity, moment.closed)
        }
    }
}

/// Keeps requests below a rate that a schedule may change or close, one after the other.
struct RequestPacer {
    private var bucket = TokenBucket(rate: .infinity, now: .now)
    private let rate: (Int64) -> (rate: Double, closed: String?)
    private let limits: RunLimits

    init(_ limits: RunLimits, rate: @escaping (Int64) -> (rate: Double, closed: String?)) {
        self.limits = limits
        self.rate = rate
    }

    /// Waits until so much may be spent, and spends it.
    /// - Parameter waiting: is told why, and nil when the wait is over.
    /// - Throws: ``Stopped``; `CancellationError`.
    mutating func spend(_ cost: Double, waiting: (String?) -> Void) async throws {
        bucket.fit(cost)
        while true {
            try limits.check()
            let now = MonotonicTime.now
            let (rate, closed) = self.rate(Int64(secondsSince1970()))
            waiting(closed)
            if closed != nil {
                if limits.exitsAtWindow { throw Stopped(.window(closed ?? "")) }
                try await ContinuousClock().sleep(for: .seconds(1))
                continue
            }
            if rate != bucket.rate { bucket.setRate(rate, now: now) }
            let time = bucket.time(of: cost, now: now)
            guard time > now else { break }
            try await ContinuousClock().sleep(for: min(time - now, .seconds(1)))
        }
        bucket.charge(cost, now: .now)
    }

    /// Takes in what was really charged.
    mutating func settle(charged: Double, consumed: Double) { bucket.charge(consumed - charged, now: .now) }
}

/// What ends a run before it is done.
struct RunLimits: Sendable {
    /// When the run's time is used up.
    var deadline: MonotonicTime?
    var exitsAtWindow = false

    /// - Throws: ``Stopped``; `CancellationError`.
    func check() throws {
        try Task.checkCancellation()
        if let deadline, MonotonicTime.now >= deadline { throw Stopped(.runTime) }
    }
}

/// The run ends before it is done, resumable.
struct Stopped: Error {
    var ending: Ending
    init(_ ending: Ending) { self.ending = ending }
}
