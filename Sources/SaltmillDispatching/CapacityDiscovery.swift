package import SaltmillPacing

/// Finds out how much of what a table or an index admits is there for this writer.
package struct CapacityDiscovery: Sendable {
    private var law: AdaptiveCapacity
    /// Units a second that it is provisioned with; nil when it does not say.
    package private(set) var known: Double?
    private var best: BestRate

    /// Refusals never bring the rate below this part of what is provisioned, nor below that part of what was lately accepted: a store that
    /// refuses as much at a quarter or an eighth does not refuse because of the rate.
    private static let leastPartOfKnown = 0.25
    private static let leastPartOfAccepted = 0.125
    /// Nor, where nothing is provisioned, below a sixteenth of the 4,000 units a second that a new on-demand table is promised (Amazon DynamoDB
    /// Developer Guide, "On-demand capacity mode"): so few tries would tell too little of whether the rate is the reason.
    private static let leastUnknown = 250.0

    /// - Parameter known: units a second that it is provisioned with; nil when it does not say.
    init(known: Double?, now: MonotonicTime) {
        law = AdaptiveCapacity(known: known, now: now)
        self.known = known
        best = BestRate(now: now)
    }

    /// Units a second to try at most.
    package var rate: Double {
        max(law.rate, known.map { $0 * Self.leastPartOfKnown } ?? Self.leastUnknown, best.rate * Self.leastPartOfAccepted)
    }

    /// Whether the rate is what the table says of itself or what refusals have told; before that it is no more than where a search has got to.
    package var isFound: Bool { !law.isSearching }

    /// Takes in what the table says of itself now.
    mutating func know(_ known: Double?) {
        law.know(known)
        self.known = known
    }

    /// Takes in the units of one answer's tries.
    mutating func note(accepted: Double, refused: Double, now: MonotonicTime) {
        law.note(accepted: accepted, refused: refused, now: now)
        best.note(accepted, now: now)
    }
}

/// The highest rate of the last minutes.
private struct BestRate {
    /// A rate is a mean over so long, at least, and counts for once to twice as long as an epoch.
    private static let stretch = Duration.seconds(2)
    private static let epoch = Duration.seconds(150)

    private var units = 0.0
    private var stretchStart: MonotonicTime
    private var epochStart: MonotonicTime
    private var current = 0.0
    private var previous = 0.0

    init(now: MonotonicTime) {
        stretchStart = now
        epochStart = now
    }

    /// Units a second.
    var rate: Double { max(current, previous) }

    mutating func note(_ accepted: Double, now: MonotonicTime) {
        units += accepted
        guard now - stretchStart >= Self.stretch else { return }
        current = max(current, units / (now - stretchStart).inSeconds)
        units = 0
        stretchStart = now
        guard now - epochStart >= Self.epoch else { return }
        (previous, current) = (current, 0)
        epochStart = now
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
