package import SaltmillPacing

/// Finds out how much of what a table or an index admits is there for this writer.
package struct CapacityDiscovery: Sendable {
    private var law: AdaptiveCapacity
    private var least = 0.0

    /// Refusals never bring the rate below this part of what is provisioned: a store that refuses as much at a quarter does not refuse because
    /// of the rate.
    private static let leastPart = 0.25

    /// - Parameter known: units a second that it is provisioned with; nil when it does not say.
    init(known: Double?, now: MonotonicTime) {
        law = AdaptiveCapacity(known: known, now: now)
        least = (known ?? 0) * Self.leastPart
    }

    /// Units a second to try at most.
    package var rate: Double { max(law.rate, least) }

    /// Whether the rate is what the table says of itself or what refusals have told; before that it is no more than where a search has got to.
    package var isFound: Bool { !law.isSearching }

    /// Takes in what the table says of itself now.
    mutating func know(_ known: Double?) {
        law.know(known)
        least = (known ?? 0) * Self.leastPart
    }

    /// Takes in the units of one answer's tries.
    mutating func note(accepted: Double, refused: Double, now: MonotonicTime) {
        law.note(accepted: accepted, refused: refused, now: now)
    }
}

extension Dispatcher {
    /// Takes in what the table says of itself while it is written to.
    /// - Parameter units: what the table, and then each global index, is provisioned with, in write units a second; nil where it does not say.
    package mutating func know(_ units: [Double?], now: MonotonicTime) {
        for index in limits.indices where limits[index].discovery != nil {
            let resource = limits[index].resources.trailingZeroBitCount
            if resource < units.count { limits[index].know(units[resource], now: now) }
        }
    }
}
