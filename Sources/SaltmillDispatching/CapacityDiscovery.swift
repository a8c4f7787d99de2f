import SaltmillPacing

/// Finds out how much of what a table or an index is provisioned with is there for this writer.
package struct CapacityDiscovery: Sendable {
    private var law: AdaptiveCapacity
    private let least: Double

    /// Refusals never bring the rate below this part of what is provisioned: a store that refuses as much at a quarter does not refuse because
    /// of the rate.
    private static let leastPart = 0.25

    /// - Parameter known: units a second that it is provisioned with.
    init(known: Double, now: MonotonicTime) {
        law = AdaptiveCapacity(known: known, now: now)
        least = known * Self.leastPart
    }

    /// Units a second to try at most.
    package var rate: Double { max(law.rate, least) }

    /// Takes in the units of one answer's tries.
    mutating func note(accepted: Double, refused: Double, now: MonotonicTime) {
        law.note(accepted: accepted, refused: refused, now: now)
    }
}
