/// Discovers how many units a second one table or index admits, from the units of tries that it accepts and refuses.
///
/// A store keeps what has not been used for a while in reserve, one reserve per partition, so a rate that is too high goes unpunished until the
/// first of them runs dry. What is refused tells in three ways:
///
/// - **A few refusals.** An estimate of the capacity drifts until the refused fraction is a small target, whatever the number and size of the
///   reserves.
/// - **None for a while.** A lead over the estimate grows faster and faster, as fast as answers confirm it. The first refusal ends it, and for a
///   moment the rate stays below the estimate, so that the reserves recover what the lead has used up.
/// - **An overload:** more than a tolerated fraction, by more than chance explains. What was admitted meanwhile is the new estimate: while every
///   partition is overloaded that is the capacity itself, neither more nor less, however long answers take.
///
/// Some refusals have nothing to do with the rate. They show when the rate is lowered and that does not help: then it is raised again, the fraction
/// is taken for granted, and the question is asked again at growing intervals.
///
/// What a table says of itself is a bound that the rate stays just below, and the first estimate; without it the search begins at what a new
/// on-demand table admits, and doubles until something is refused.
///
/// Only tries that the rate limit held back are evidence: what is refused because one key is hot must not be noted here.
package struct AdaptiveCapacity: Sendable {
    /// What the search begins with when nothing is known, in units a second (Amazon DynamoDB Developer Guide, "On-demand capacity mode").
    package static let firstRate = 4000.0
    /// The rate is never lower, in units a second.
    package static let leastRate = 1.0
    /// Part of a known capacity that is asked for: the rest keeps chance refusals rare.
    package static let partOfKnown = 0.99

    /// Seconds in which answers are taken together, at least; with fewer than four answers it takes up to `longestPeriod`.
    private static let period = 0.15
    private static let longestPeriod = 2.0
    /// Refused fraction that the estimate drifts to, and how much of the difference it is corrected by in a second.
    private static let target = 0.004
    private static let gain = 0.3
    /// The lead begins when nothing was refused for this long, and for so many tries that this many refusals would have been the target; at the
    /// latest after the longest time.
    private static let quietSeconds = 1.0
    private static let longestQuiet = 5.0
    private static let quietRefusals = 1.5
    /// What the lead begins with, and its growth in a second in parts of itself.
    private static let leadStart = 0.04
    private static let leadGrowth = 0.9
    /// Part of the rate that must have been tried for the lead to grow: where answers take long, it waits for them.
    private static let confirmed = 0.85
    /// Lead that uses up reserves, and lead that none explains: what is refused then is measured as an overload.
    private static let smallLead = 0.05
    private static let largeLead = 2.0
    /// Refused fraction that is tolerated: as it is, beside what is taken for granted, and during a recovery how much more than before it.
    private static let tolerated = 0.03
    private static let toleratedBesideGranted = 0.13
    private static let toleratedInRecovery = 0.15
    /// Requests' worth of refusals beyond what is tolerated that make an overload, and the seconds it is measured for at least.
    private static let overload = 4.0
    private static let measuring = 0.3
    /// Part of the estimate that is asked for during a recovery, and its seconds after an overload and after a lead.
    private static let partInRecovery = 0.95
    private static let recoveryFromOverload = 2.0
    private static let recoveryFromLead = 1.5
    /// The rate is never cut to a smaller part at once.
    private static let deepestCut = 1.0 / 16
    /// Part of the rate that makes a step on the way down, and the answers and refused units that tell whether it has helped.
    private static let step = 0.85
    private static let tellingAnswers = 20
    private static let tellingUnits = 20.0
    /// Seconds after which refusals taken for granted are doubted, at first and at most.
    private static let firstDoubt = 10.0
    private static let lastDoubt = 600.0

    /// Nothing is known and nothing was refused because of the rate.
    package private(set) var isSearching: Bool
    private var estimate: Double
    /// How far the rate is above the estimate, in parts of it.
    private var lead = 0.0
    /// Seconds that the rate stays below the estimate.
    private var recovery = 0.0
    /// What the rate never exceeds.
    private var ceiling: Double
    private var current: CapacityEvidence
    /// How long nothing was refused, and how many refusals would have been the target meanwhile.
    private var quiet = (seconds: 0.0, refusals: 0.0)
    /// Requests' worth of refusals beyond what is tolerated, and what came since they began.
    private var excess = 0.0
    private var excessive: CapacityEvidence
    /// Refused fraction of the last overload.
    private var lastOverload = 0.0
    private var descent: RateDescent?
    /// The rate of the last step down, and what came since, recoveries left out.
    private var stepRate: Double
    private var sinceStep: CapacityEvidence
    /// Refused fraction that has nothing to do with the rate, until when it is taken for granted, and for how long the next one will be.
    private var granted = 0.0
    private var doubtAt = MonotonicTime.zero
    private var doubtAfter = firstDoubt

    /// - Parameters:
    ///   - known: units a second that the table says it is provisioned with, if it does.
    ///   - first: what the search begins with otherwise, in units a second.
    ///   - now: when the first tries are made.
    package init(known: Double?, first: Double = firstRate, now: MonotonicTime) {
        ceiling = Self.ceiling(known)
        estimate = known == nil ? first : ceiling
        isSearching = known == nil
        stepRate = estimate
        current = CapacityEvidence(from: now)
        excessive = current
        sinceStep = current
    }

    private static func ceiling(_ known: Double?) -> Double { known.map { max($0 * partOfKnown, leastRate) } ?? .infinity }

    /// Units a second to try at most; it changes only when something is noted or gets known.
    package var rate: Double {
        max(min(estimate * (recovery > 0 ? Self.partInRecovery : 1 + lead), ceiling), Self.leastRate)
    }

    /// Takes in what the table says of itself: units a second it is provisioned with, nil when it does not say.
    ///
    /// When it has been given more, all of the difference is taken to be there for this writer: others keep what they had.
    package mutating func know(_ known: Double?) {
        let before = ceiling
        ceiling = Self.ceiling(known)
        guard ceiling != before else { return }
        if isSearching, ceiling < .infinity {
            estimate = ceiling
            isSearching = false
        } else if before < ceiling, ceiling < .infinity {
            estimate += ceiling - before
            lead = 0
        }
        stayWithinBounds()
    }

    /// Takes in one answer.
    /// - Parameters:
    ///   - accepted: units of its tries that were done.
    ///   - refused: units of its tries that were refused: of items returned unprocessed, or of all of a throttled request.
    ///   - now: when it came.
    package mutating func note(accepted: Double, refused: Double, now: MonotonicTime) {
        guard accepted + refused > 0 else { return }
        current.note(accepted: accepted, refused: refused, now: now)
        if recovery > 0 { sinceStep = CapacityEvidence(from: now) } else { sinceStep.note(accepted: accepted, refused: refused, now: now) }
        if isOverload(accepted: accepted, refused: refused, now: now) {
            slowDown()
        } else if isPeriodOver || (refused > 0 && lead > Self.smallLead && granted == 0) {
            judge(now)
        } else {
            return
        }
        stayWithinBounds()
        current = CapacityEvidence(from: now)
    }

    private var isPeriodOver: Bool {
        current.seconds >= Self.period && (current.answers >= 4 || current.seconds >= Self.longestPeriod)
    }

    /// Refused fraction that is no overload.
    private var tolerance: Double {
        let most = granted > 0 ? granted + Self.toleratedBesideGranted : Self.tolerated
        return recovery > 0 ? max(most, lastOverload + Self.toleratedInRecovery) : most
    }

    private mutating func stayWithinBounds() {
        if estimate * (1 + lead) >= ceiling {
            estimate = ceiling
            lead = 0
        }
        estimate = max(estimate, Self.leastRate)
    }

    // MARK: Overloads

    /// Adds up refusals beyond the tolerance: what chance explains dies away, an overload piles up.
    private mutating func isOverload(accepted: Double, refused: Double, now: MonotonicTime) -> Bool {
        if excess <= 0 { excessive = CapacityEvidence(from: max(excessive.end, current.start)) }
        excessive.note(accepted: accepted, refused: refused, now: now)
        excess = max(excess + refused / (accepted + refused) - tolerance, 0)
        // Answers to what was tried before the rate was lowered are no news.
        if recovery > 0, excessive.seconds > Self.period, excessive.uses(1.25, of: rate) { excess = 0 }
        guard excess >= Self.overload, excessive.seconds >= Self.measuring else { return false }
        return descent == nil || recovery > 0 || sinceStep.answers >= Self.tellingAnswers
    }

    /// Takes what was admitted during an overload for the capacity, unless slower does not help.
    private mutating func slowDown() {
        let before = rate
        let hasHelped = goDown(excessive)
        if hasHelped {
            let part = 1 - excessive.refusedFraction
            let admitted = (excessive.uses(0.5, of: before) ? excessive.tried : min(before, excessive.tried)) * part
            estimate = min(before, max(admitted / (1 - granted), before * Self.deepestCut))
            if descent?.isDoubtful == true { estimate = min(estimate, before * Self.step) }
            isSearching = false
            lastOverload = excessive.refusedFraction
            recovery = Self.recoveryFromOverload
            stepRate = estimate
        }
        lead = 0
        quiet = (0, 0)
        excess = 0
    }

    /// Judges the last step down before another one.
    /// - Returns: false when the rate was raised again, since slower has not helped.
    private mutating func goDown(_ latest: CapacityEvidence) -> Bool {
        if descent != nil, sinceStep.answers < Self.tellingAnswers { return true }
        defer { sinceStep = CapacityEvidence(from: latest.end) }
        guard var descent, sinceStep.refusedFraction > descent.refusedFraction / 3 else {
            descent = RateDescent(from: isSearching ? rate : max(rate, stepRate), isSearching: isSearching, latest)
            return true
        }
        guard descent.isStep(sinceStep) else { return true }
        if !descent.isStill(sinceStep) { descent = RateDescent(from: stepRate, isSearching: false, sinceStep) }
        self.descent = descent.isInVain ? nil : descent
        guard descent.isInVain else { return true }
        estimate = descent.top
        stepRate = estimate
        isSearching = descent.isSearching
        recovery = 0
        granted = descent.refusedFraction
        doubtAt = latest.end + .seconds(doubtAfter)
        doubtAfter = min(doubtAfter * 2, Self.lastDoubt)
        return false
    }

    // MARK: Without an overload

    private mutating func judge(_ now: MonotonicTime) {
        let seconds = min(current.seconds, 1)
        recovery -= seconds
        let isQuiet = granted > 0 ? excess < Self.overload / 2 : current.refused == 0
        if isSearching {
            if isQuiet, current.uses(0.5, of: rate) { estimate *= 2 }
        } else if !isQuiet {
            quiet = (0, 0)
            if lead > Self.largeLead {
                estimate = rate
            } else if lead > Self.smallLead {
                recovery = Self.recoveryFromLead
            }
            lead = 0
        } else if current.uses(0.5, of: rate) {
            quiet.seconds += seconds
            quiet.refusals += current.tries * Self.target
            let isTelling = quiet.refusals > Self.quietRefusals || quiet.seconds > Self.longestQuiet
            if quiet.seconds > Self.quietSeconds, isTelling { grow(seconds) }
        }
        if granted > 0 {
            if now > doubtAt { granted = 0 }
        } else if !isSearching {
            drift(seconds)
        }
    }

    private mutating func grow(_ seconds: Double) {
        lead = max(lead, Self.leadStart)
        if current.uses(Self.confirmed, of: rate) { lead += seconds * (1 + lead) * min(Self.leadGrowth * lead, 1) }
    }

    /// Corrects the estimate by the difference to the target.
    private mutating func drift(_ seconds: Double) {
        estimate *= 1 + Self.gain * seconds * (Self.target - min(current.refusedFraction, Self.tolerated))
        if estimate >= stepRate {
            stepRate = estimate
            sinceStep = CapacityEvidence(from: current.end)
        } else if estimate < stepRate * Self.step, sinceStep.refused > Self.tellingUnits, goDown(sinceStep) {
            stepRate = estimate
            estimate *= Self.step
            recovery = Self.recoveryFromOverload
        }
    }
}
