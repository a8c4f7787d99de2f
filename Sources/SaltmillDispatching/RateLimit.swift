package import SaltmillPacing

/// One limit on a rate, and what it counts.
package struct RateLimit: Sendable {
    /// What is counted.
    package enum Measure: Sendable, Equatable {
        /// Write units of the resources in ``RateLimit/resources``, settled to what was really consumed.
        case units
        /// Items, each try of each.
        case items
        /// Bytes of items by their size, each try of each.
        case bytes
    }

    package var measure: Measure
    /// For units: bit 0 is the table (with its local indexes), bit *i* + 1 global index *i*.
    package var resources: UInt32
    package var bucket: TokenBucket
    /// How the store's own limit is found out; nil for a limit that somebody set.
    package internal(set) var discovery: CapacityDiscovery?
    /// When a write of a hot key may go next though others need all of the limit.
    private var hotTurn: MonotonicTime = .zero

    /// Part of a limit that hot keys' writes get while others need all of it: a fiftieth, where they may delay those by a twentieth. The rest goes
    /// into finding out that they are hot, and that they still are.
    private static let partForHot = 1.0 / 50

    package init(_ measure: Measure = .units, resources: UInt32 = .max, rate: Double, now: MonotonicTime) {
        self.measure = measure
        self.resources = resources
        bucket = TokenBucket(rate: rate, now: now)
    }

    /// The limit that the store itself sets on one resource, as far as refusals tell.
    /// - Parameters:
    ///   - resource: 0 for the table, *i* + 1 for global index *i*.
    ///   - known: units a second that it is provisioned with; nil when it does not say, and refusals alone can tell.
    package static func discovered(resource: Int, known: Double?, now: MonotonicTime) -> RateLimit {
        let discovery = CapacityDiscovery(known: known, now: now)
        var limit = RateLimit(.units, resources: 1 << UInt32(resource), rate: discovery.rate, now: now)
        limit.discovery = discovery
        return limit
    }

    /// Learns from one answer.
    mutating func learn(accepted: Double, refused: Double, now: MonotonicTime) {
        guard discovery != nil, accepted + refused > 0 else { return }
        discovery?.note(accepted: accepted, refused: refused, now: now)
        followDiscovery(now: now)
    }

    /// Takes in what the table says of itself.
    mutating func know(_ known: Double?, now: MonotonicTime) {
        discovery?.know(known)
        followDiscovery(now: now)
    }

    private mutating func followDiscovery(now: MonotonicTime) {
        if let rate = discovery?.rate, rate != bucket.rate { bucket.setRate(rate, now: now) }
    }

    // MARK: Hot keys

    /// When a request may go, of this cost in all, that has a write of a hot key: at once where others leave so much that the bucket would stay
    /// half full, and otherwise when it is the hot keys' turn.
    func timeForHot(_ cost: Double, now: MonotonicTime) -> MonotonicTime {
        bucket.isUnlimited ? now : min(timeToSpare(cost, now: now), max(hotTurn, now))
    }

    /// Takes the hot keys' turn for one write of a request that costs so much in all, unless others leave enough.
    mutating func takeHotTurn(_ write: Double, ofRequest cost: Double, now: MonotonicTime) {
        guard !bucket.isUnlimited, timeToSpare(cost, now: now) > now else { return }
        hotTurn = max(hotTurn, now) + .seconds(write / (bucket.rate * Self.partForHot))
    }

    private func timeToSpare(_ cost: Double, now: MonotonicTime) -> MonotonicTime {
        bucket.time(of: cost + bucket.low, now: now)
    }

    /// What one write is expected to cost under this limit; `scale` has the learnt correction of each resource, the table first.
    func cost(of offer: Offer, scale: [Double]) -> Double {
        switch measure {
        case .items: return 1
        case .bytes: return Double(offer.size)
        case .units:
            let units = Double(offer.units)
            var cost = resources & 1 != 0 ? units * scale[0] : 0
            var rest = offer.indexes & (resources >> 1)
            while rest != 0 {
                cost += units * scale[rest.trailingZeroBitCount + 1]
                rest &= rest - 1
            }
            return cost
        }
    }
}
