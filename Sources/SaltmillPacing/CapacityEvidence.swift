/// Units that were accepted and refused in a stretch of time.
struct CapacityEvidence: Sendable {
    private(set) var accepted = 0.0
    private(set) var refused = 0.0
    private(set) var answers = 0
    /// Sum of the squares of each answer's refused fraction.
    private var squares = 0.0
    let start: MonotonicTime
    private(set) var end: MonotonicTime

    init(from start: MonotonicTime) {
        self.start = start
        end = start
    }

    mutating func note(accepted: Double, refused: Double, now: MonotonicTime) {
        self.accepted += accepted
        self.refused += refused
        answers += 1
        let fraction = refused / (accepted + refused)
        squares += fraction * fraction
        end = now
    }

    var seconds: Double { end.seconds(since: start) }
    var tries: Double { accepted + refused }
    var refusedFraction: Double { refused > 0 ? refused / tries : 0 }
    /// Square of the refused fraction's standard error, by how much it differs from answer to answer.
    var uncertainty: Double {
        max(squares / Double(answers) - refusedFraction * refusedFraction, 0.25 / tries) / Double(max(answers - 1, 1))
    }
    /// Units a second that were tried.
    var tried: Double { seconds > 0 ? tries / seconds : 0 }

    /// Whether at least this part of a rate was tried: less, and something else held the tries back.
    func uses(_ part: Double, of rate: Double) -> Bool { tries > seconds * rate * part }
}

/// A rate on its way down, and whether that has helped.
struct RateDescent: Sendable {
    /// Steps in a row that must not have helped, before the rate is taken to be none of the reasons.
    private static let patience = 2
    /// How many standard errors a step is to exceed.
    private static let certainty = 4.0
    /// Refused fraction from which on a step is not judged: who refuses nearly everything would refuse the same of half as much.
    private static let hopeless = 0.7

    /// The rate at the last place from where going down has helped, and whether the capacity was still being searched there.
    let top: Double
    let isSearching: Bool
    private var reference: CapacityEvidence
    private var failures = 0

    init(from top: Double, isSearching: Bool, _ evidence: CapacityEvidence) {
        self.top = top
        self.isSearching = isSearching
        reference = evidence
    }

    /// What was refused at the last step that was judged.
    var refusedFraction: Double { reference.refusedFraction }

    var isInVain: Bool { failures >= Self.patience }
    var isDoubtful: Bool { failures > 0 }

    /// Judges a step by what has been seen since.
    ///
    /// A limit admits as much of fewer tries as before; a store that refuses for another reason refuses the same part of them. What is nearer
    /// to the second than to the first, on a scale of ratios, has not helped.
    /// - Returns: false when it has helped, so that the way down begins here.
    mutating func isStill(_ evidence: CapacityEvidence) -> Bool {
        let (later, earlier) = (1 - evidence.refusedFraction, 1 - reference.refusedFraction)
        let slower = reference.tried / evidence.tried
        let (falls, rises) = (later * later / (earlier * earlier), earlier * earlier / (later * later))
        // More refusals of fewer tries are those of reserves that have just run dry.
        guard evidence.refusedFraction < Self.hopeless, falls < slower, rises * rises < slower else { return false }
        failures += 1
        reference = evidence
        return true
    }

    /// Whether so much less was tried that it can be told from chance whether that has helped.
    func isStep(_ evidence: CapacityEvidence) -> Bool {
        let slower = reference.tried / evidence.tried - 1
        let chance = (evidence.uncertainty + reference.uncertainty).squareRoot() / max(1 - reference.refusedFraction, 0.1)
        return slower > 0.1 && slower > Self.certainty * chance
    }
}
