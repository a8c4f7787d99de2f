/// Discovers how many units a second one table or index admits, from the units of tries that it accepts and refuses.
///
/// A store keeps what has not been used for a while in reserve, one reserve per partition, so a rate that is too high goes unpunished until the
/// first of them runs dry. Hence two numbers: an estimate of the capacity, which refusals correct, and a lead over it, which grows in proportion
/// to itself and to the rate while nothing is refused and is given up at the first refusal:
///
/// - Few refusals: the lead is dropped at once, and for a moment the rate stays below the estimate, so that the reserves recover. What single
///   partitions refuse by chance costs no more than that.
/// - Refusals that last, although there is no lead: what was admitted meanwhile is the new estimate.
/// - Many refusals, or a lead so large that no second's reserve explains it: the overload is kept up until two periods agree on what the store
///   admits under it. While everything is overloaded, that is the capacity itself, neither more nor less.
///
/// What a table says of itself is a bound that the rate stays just below, and the first estimate; without it the search begins at a low rate.
/// Only tries that the rate limit held back are evidence: what is refused because one key is hot must not be noted here.
package struct AdaptiveCapacity: Sendable {
    /// What the search begins with when nothing is known, in units a second.
    package static let firstRate = 100.0
    /// The rate is never lower, in units a second.
    package static let leastRate = 1.0
    /// Part of a known capacity that is asked for: the rest keeps chance refusals rare.
    package static let partOfKnown = 0.99

    /// Seconds in which answers are taken together, at least; with fewer than four answers it takes up to `longestPeriod`.
    private static let period = 0.15
    private static let longestPeriod = 2.0
    /// Refused fraction that the estimate drifts to, and how much of the difference it is corrected by in a second.
    private static let target = 0.001
    private static let gain = 0.1
    /// Growth of the lead in a second, in parts of itself and of the rate; what it starts from; the most the rate may grow by.
    private static let leadGrowth = 0.9
    private static let leadStart = 0.007
    private static let fastestGrowth = 1.0
    /// Lead above which a refusal means that the capacity has to be measured, not that a reserve ran dry.
    private static let largeLead = 2.0
    /// Lead up to which a refusal calls for no recovery, and need not be judged at once.
    private static let smallLead = 0.05
    /// Refused fraction that counts as lasting, when seen for this long and in this many units of tries.
    private static let lasting = 0.03
    private static let lastingSeconds = 6.0
    private static let lastingUnits = 400.0
    /// Refused fraction that counts as an overload, and as one that is too far above the capacity to be kept up.
    private static let overload = 0.3
    private static let severeOverload = 0.9
    /// Rate of a measurement as a multiple of what was admitted, and the difference up to which two periods agree.
    private static let measuringFactor = 2.0
    private static let agreement = 0.15
    private static let longestMeasurement = 3.0
    /// Part of a measured capacity that is trusted; part of the estimate that is asked for during a recovery, and for how many seconds.
    private static let partOfMeasured = 0.99
    private static let partInRecovery = 0.95
    private static let recoveryAfterMeasuring = 2.0
    private static let recoveryAfterLead = 1.5

    private enum Phase {
        /// Nothing was ever refused, nothing is known: the rate grows as fast as it may.
        case searching
        /// Overloaded on purpose, to see what is admitted.
        case measuring(left: Double)
        /// Reserves recover and what was refused is written off; refusals are no news.
        case recovering(left: Double)
        case following
    }

    /// Units and seconds of a stretch of time.
    private struct Tally {
        var accepted = 0.0
        var refused = 0.0
        var seconds = 0.0

        var tries: Double { accepted + refused }
        var refusedFraction: Double { refused > 0 ? refused / tries : 0 }

        /// Whether the rate limit was what held the tries back.
        func isBound(by rate: Double) -> Bool { tries > seconds * rate / 2 }

        /// Units a second that the store admits by this evidence, at the given rate.
        func admitted(at rate: Double) -> Double { isBound(by: rate) ? accepted / seconds : rate * (1 - refusedFraction) }

        static func += (a: inout Self, b: Self) {
            a.accepted += b.accepted
            a.refused += b.refused
            a.seconds += b.seconds
        }
    }

    private var phase: Phase
    private var estimate: Double
    /// How far the rate is above the estimate, in parts of it; zero but in the following phase.
    private var lead = 0.0
    /// What the rate never exceeds.
    private var ceiling: Double
    private var periodStart: MonotonicTime
    private var answers = 0
    private var current = Tally()
    private var previous = Tally()
    /// Since refusals were last judged for whether they last.
    private var recent = Tally()

    /// - Parameters:
    ///   - known: units a second that the table says it is provisioned with, if it does.
    ///   - now: when the first tries are made.
    package init(known: Double?, now: MonotonicTime) {
        ceiling = known.map { max($0 * Self.partOfKnown, Self.leastRate) } ?? .infinity
        estimate = min(ceiling, known == nil ? Self.firstRate : .infinity)
        phase = known == nil ? .searching : .following
        periodStart = now
    }

    /// Units a second to try at most; it changes only when something is noted or gets known.
    package var rate: Double {
        let wanted =
            switch phase {
            case .searching, .measuring: estimate
            case .recovering: estimate * Self.partInRecovery
            case .following: estimate * (1 + lead)
            }
        return max(min(wanted, ceiling), Self.leastRate)
    }

    /// Takes in what the table says of itself: units a second it is provisioned with, nil when it does not say.
    ///
    /// When it has been given more, all of the difference is taken to be there for this writer: others keep what they had.
    package mutating func know(_ known: Double?) {
        let before = ceiling
        ceiling = known.map { max($0 * Self.partOfKnown, Self.leastRate) } ?? .infinity
        guard ceiling != before else { return }
        if case .searching = phase, ceiling < .infinity {
            estimate = ceiling
            enter(.following)
        } else if before < ceiling, ceiling < .infinity {
            estimate += ceiling - before
            lead = 0
        }
        settleWithinBounds()
    }

    /// Takes in one answer.
    /// - Parameters:
    ///   - accepted: units of its tries that were done.
    ///   - refused: units of its tries that were refused: of items returned unprocessed, or of all of a throttled request.
    ///   - now: when it came.
    package mutating func note(accepted: Double, refused: Double, now: MonotonicTime) {
        current.accepted += accepted
        current.refused += refused
        current.seconds = (now - periodStart).inSeconds
        answers += 1
        let isOver = current.seconds >= Self.period && (answers >= 4 || current.seconds >= Self.longestPeriod)
        guard isOver || (refused > 0 && lead > Self.smallLead) else { return }
        judge(current)
        settleWithinBounds()
        previous = current
        current = Tally()
        answers = 0
        periodStart = now
    }

    private mutating func settleWithinBounds() {
        if estimate * (1 + lead) >= ceiling {
            estimate = ceiling
            lead = 0
        }
        estimate = max(estimate, Self.leastRate)
    }

    private mutating func enter(_ next: Phase) {
        phase = next
        lead = 0
        recent = Tally()
    }

    /// Draws the conclusions from one period.
    private mutating func judge(_ period: Tally) {
        switch phase {
        case .searching:
            if period.refusedFraction > Self.overload {
                measure(period)
            } else if period.refused > 0 {
                enter(.measuring(left: Self.longestMeasurement))
            } else if period.isBound(by: rate) {
                estimate *= 1 + Self.fastestGrowth * min(period.seconds, 1)
            }
        case .measuring(let left): judge(period, measuringFor: left - period.seconds)
        case .recovering(let left):
            // At first, answers to earlier tries come in, and what had been refused is tried again.
            if left < Self.recoveryAfterMeasuring / 2 { recent += period }
            if left > period.seconds {
                phase = .recovering(left: left - period.seconds)
            } else if recent.refusedFraction > Self.overload {
                measure(recent)
            } else {
                enter(.following)
            }
        case .following: follow(period)
        }
    }

    /// Begins a measurement after an overload.
    private mutating func measure(_ period: Tally) {
        estimate = min(rate, max(period.admitted(at: rate) * Self.measuringFactor, rate / 4))
        enter(.measuring(left: Self.longestMeasurement))
    }

    private mutating func judge(_ period: Tally, measuringFor left: Double) {
        let admitted = period.admitted(at: estimate)
        let both = [period, previous]
        if both.allSatisfy({ $0.refusedFraction > Self.lasting }),
            abs(admitted - previous.admitted(at: estimate)) < Self.agreement * previous.admitted(at: estimate)
        {
            let mean = (period.accepted + previous.accepted) / (period.seconds + previous.seconds)
            estimate = min(estimate, mean * Self.partOfMeasured)
            enter(.recovering(left: Self.recoveryAfterMeasuring))
        } else if period.refusedFraction > Self.severeOverload {
            estimate = max(min(estimate, admitted * Self.measuringFactor), estimate / 4)
            phase = .measuring(left: left)
        } else if left > 0 {
            phase = .measuring(left: left)
        } else {
            if period.refusedFraction > Self.lasting { estimate = min(estimate, admitted) }
            enter(.following)
        }
    }

    private mutating func follow(_ period: Tally) {
        guard min(period.refusedFraction, previous.refusedFraction) <= Self.overload else { return measure(period) }
        let step = min(period.seconds, 1)
        recent += period
        if period.refused > 0 {
            if lead > Self.largeLead {
                estimate = rate
                return enter(.measuring(left: Self.longestMeasurement))
            }
            if lead > Self.smallLead { return enter(.recovering(left: Self.recoveryAfterLead)) }
            lead = 0
        } else if period.isBound(by: rate) {
            lead += step * (1 + lead) * min(Self.leadGrowth * (lead + Self.leadStart), Self.fastestGrowth)
        }
        estimate *= 1 + Self.gain * step * (Self.target - period.refusedFraction)
        guard recent.seconds >= Self.lastingSeconds, recent.tries >= Self.lastingUnits else { return }
        if recent.refusedFraction > Self.lasting {
            estimate = min(estimate, recent.admitted(at: estimate))
            enter(.recovering(left: Self.recoveryAfterMeasuring))
        }
        recent = Tally()
    }
}
