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

    package init(_ measure: Measure = .units, resources: UInt32 = .max, rate: Double, now: MonotonicTime) {
        self.measure = measure
        self.resources = resources
        bucket = TokenBucket(rate: rate, now: now)
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
