package import SaltmillPacing

/// What keeps a dispatcher from sending more.
package enum DispatchLimiter: Sendable, Equatable {
    /// One of the limits, by its number.
    case limit(Int)
    /// A hot value, by its lane: nothing else is left to send.
    case hotValue(lane: UInt64)
    /// As many requests are under way as may be.
    case requestsInFlight
    /// No more writes are offered than are sent.
    case offers
}

extension Dispatcher {
    /// What keeps it from sending more at this moment.
    package func limiter(now: MonotonicTime) -> DispatchLimiter {
        if let lane = hotLaneLeft { return .hotValue(lane: lane) }
        // Who waits for tokens keeps the bucket low.
        let scarce = limits.indices.filter { !limits[$0].bucket.isUnlimited && limits[$0].bucket.isLow(at: now) }
        if let limit = scarce.min(by: { limits[$0].bucket.rate / meanCost[$0] < limits[$1].bucket.rate / meanCost[$1] }) {
            return .limit(limit)
        }
        return inFlight >= configuration.maximumInFlight ? .requestsInFlight : .offers
    }

    /// The lane of a hot value for which most writes wait, where only such writes are left and no limit holds them back.
    private var hotLaneLeft: UInt64? {
        guard openRanges.allSatisfy({ $0 == intake.count - 1 }), intake.dropLast().allSatisfy(\.isEmpty), ready.isEmpty else { return nil }
        let left = lanes.filter { $1.isHot && !$1.isIdle }
        guard let slowest = left.max(by: { ($0.value.waiting, $0.key) < ($1.value.waiting, $1.key) }), !slowest.value.isHeldBack else {
            return nil
        }
        return slowest.key
    }
}
