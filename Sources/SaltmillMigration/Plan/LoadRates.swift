import SaltmillDelivery
import SaltmillDispatching
import SaltmillDynamoDB
import SaltmillPacing

/// How fast a load can go at any time: the user's ceilings and what the store admits, the tightest of which rules.
struct LoadRates {
    /// What a load costs under one limit, in all.
    struct Bound {
        var name: String
        /// Units, items or bytes of the whole load.
        var total: Double
        /// The same a second; infinite where nothing limits.
        var rate: Double
        /// The share of the load that a second does.
        var progress: Double { total > 0 ? rate / total : .infinity }
    }

    /// On-demand tables and indexes admit this much at first, in write units a second (Developer Guide, "On-demand capacity mode").
    static let firstOnDemand = 4_000.0
    /// They admit twice their peak, and the peak counts after half an hour.
    static let doublingSeconds: Int64 = 1_800
    /// What an account's tables get without asking (Developer Guide, "Service quotas").
    static let onDemandQuota = 40_000.0

    private let limits: WriteLimits
    private let userLimits: [RateLimit]
    private let userTotals: [Double]
    private let names: [String]
    private let provisioned: [Double?]
    let units: [Double]

    /// - Parameters:
    ///   - units: of the table and each index, in all.
    ///   - items: rows to be written.
    ///   - bytes: their size as items.
    init(_ limits: WriteLimits, names: [String], provisioned: [Double?], units: [Double], items: Int, bytes: Int, now: Int64) {
        self.limits = limits
        self.names = names
        self.provisioned = provisioned
        self.units = units
        userLimits = Array(limits.limits(now: .zero).prefix(limits.pace(at: now).rates.count))
        userTotals = userLimits.map { limit in
            switch limit.measure {
            case .items: Double(items)
            case .bytes: Double(bytes)
            case .units: units.indices.reduce(0) { $0 + (limit.resources >> UInt32($1) & 1 != 0 ? units[$1] : 0) }
            }
        }
    }

    func pace(at utc: Int64) -> (closed: Bool, text: String, until: Int64?) {
        let pace = limits.pace(at: utc)
        return (pace.closed != nil, pace.text, pace.until)
    }

    /// What bounds the load at a time.
    /// - Parameter open: seconds that the load has been running for, closed hours not counted.
    func bounds(at utc: Int64, open: Int64) -> [Bound] {
        let pace = limits.pace(at: utc)
        var bounds: [Bound] = zip(userLimits.indices, pace.rates).compactMap { number, rate in
            guard rate.isFinite else { return nil }
            let resources = userLimits[number].resources
            let resource = names.indices.first { resources == 1 << UInt32($0) }
            let name = resource.map { "ceiling \(pace.text) of \(names[$0])" } ?? "ceiling \(pace.text)"
            return Bound(name: name, total: userTotals[number], rate: rate)
        }
        for resource in names.indices {
            if let known = provisioned[resource] {
                bounds.append(
                    Bound(
                        name: "provisioned \(Int(known))/s of \(names[resource])", total: units[resource],
                        rate: known * AdaptiveCapacity.partOfKnown))
            } else {
                let doublings = min(open / Self.doublingSeconds, 8)
                let rate = min(Self.firstOnDemand * Double(1 << doublings), Self.onDemandQuota)
                bounds.append(Bound(name: "on-demand start \(Int(rate))/s of \(names[resource])", total: units[resource], rate: rate))
            }
        }
        return bounds
    }

    /// Whether the bounds change with the time that the load has been running for.
    var grows: Bool { provisioned.contains(nil) }
}

/// When a load will be done, walked through its schedule.
package struct LoadTimeline: Sendable {
    package struct Leg: Sendable, Equatable {
        /// Seconds since 1970.
        package var start: Double
        package var end: Double
        /// What limits; the schedule where nothing is written.
        package var limit: String
        package var isClosed: Bool
        /// Share of the load done, 0 to 1.
        package var share: Double
        /// Write units a second of table and indexes together.
        package var unitsPerSecond: Double
    }

    package private(set) var legs: [Leg] = []
    /// When everything is written, in seconds since 1970; nil when that is not within ten years.
    package private(set) var end: Double?
    package var start: Double
    /// Seconds in which the load writes.
    package var openSeconds: Double { legs.reduce(0) { $0 + ($1.isClosed ? 0 : $1.end - $1.start) } }
    /// Largest rate of any leg, as the share of the load that a second does.
    package private(set) var peakProgress = 0.0

    private static let horizon = 3_660.0 * 86_400
    /// Seconds that make no difference.
    private static let instant = 1e-3

    /// - Parameter held: seconds of open time that the load takes at least, however fast it may go: the hottest key's.
    init(_ rates: LoadRates, start: Int64, heldFor held: Double = 0) {
        self.start = Double(start)
        var now = Double(start)
        var open = 0.0
        var left = 1.0
        let total = rates.units.reduce(0, +)
        guard total > 0 else {
            end = now
            return
        }
        while now - self.start < Self.horizon {
            let utc = Int64(now)
            let pace = rates.pace(at: utc)
            let change = pace.until.map(Double.init) ?? .infinity
            if pace.closed {
                guard change.isFinite else { return }
                add(Leg(start: now, end: change, limit: "schedule", isClosed: true, share: 0, unitsPerSecond: 0))
                now = change
                continue
            }
            let bound = rates.bounds(at: utc, open: Int64(open)).min { $0.progress < $1.progress }
            let progress = bound?.progress ?? .infinity
            var length = progress.isFinite ? left / progress : 0
            var limit = bound?.name ?? "nothing"
            if left <= 0 || !progress.isFinite {
                (length, limit) = (max(held - open, 0), "the hottest key")
            }
            if rates.grows {
                let step = Double(LoadRates.doublingSeconds)
                length = min(length, ((open + Self.instant) / step).rounded(.down) * step + step - open)
            }
            // Lengths are added up, not differences of instants, which have too few digits for the last of them.
            length = min(length, change - now)
            let share = progress.isFinite ? min(left, length * progress) : left
            if left > 0 { peakProgress = max(peakProgress, progress.isFinite ? progress : 0) }
            add(
                Leg(
                    start: now, end: now + length, limit: limit, isClosed: false, share: share,
                    unitsPerSecond: length > 0 ? share * total / length : 0))
            left = left - share < 1e-12 ? 0 : left - share
            open += length
            now += length
            if left <= 0, open >= held - Self.instant {
                if now - self.start < Self.horizon { end = now }
                return
            }
        }
    }

    /// Appends a leg, or lengthens the last one where nothing has changed.
    private mutating func add(_ leg: Leg) {
        guard leg.end > leg.start else { return }
        if let last = legs.last, last.limit == leg.limit, last.isClosed == leg.isClosed,
            abs(last.unitsPerSecond - leg.unitsPerSecond) < 1e-9
        {
            legs[legs.count - 1].end = leg.end
            legs[legs.count - 1].share += leg.share
        } else {
            legs.append(leg)
        }
    }
}
