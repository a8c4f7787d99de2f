import SaltmillPacing

/// How fast one table may be read, and how large its pages are to be: what is provisioned for it, and what a share of that allows.
struct ReadPace: Sendable {
    /// Part of a second's units that one page may cost, so that no page is a burst; and units below which a page would waste too much by what
    /// is rounded up, unless a second has no more.
    private static let partOfSecond = 0.05
    private static let leastUnits = 4.0
    /// Factor by which a page may be larger than the largest before it, while little is known of the items.
    private static let growth = 4
    /// What a new table on demand admits, in units a second (Amazon DynamoDB Developer Guide, "On-demand capacity mode"): with it the search
    /// for what this one admits begins.
    private static let firstOnDemand = 12_000.0
    /// Refusals never bring the rate below this part of what is provisioned: a store that refuses as much at a quarter does not refuse because
    /// of the rate.
    private static let leastPart = 0.25

    /// Read units that a page costs at most: 1 MB in steps of 4 KB, half a unit each unless the read is consistent (Amazon DynamoDB Developer
    /// Guide, "Read consumption").
    let unitsOfFullPage: Double
    private var share: Double?
    /// The share's bucket.
    private var ceiling: TokenBucket
    /// What the store itself admits, as far as refusals tell.
    private var law: AdaptiveCapacity
    private var capacity: TokenBucket
    private var provisioned: Double?

    /// Units and items of the pages so far, the recent ones counting more.
    private var units = 0.0
    private var items = 0.0
    /// Items of the largest page asked for so far.
    private var largest = 0

    /// - Parameters:
    ///   - provisioned: read units a second; nil for tables on demand.
    ///   - share: the part of them that may be used; nil for all.
    init(provisioned: Double?, share: Double?, isConsistent: Bool, now: MonotonicTime) {
        let provisioned = provisioned.flatMap { $0 > 0 ? $0 : nil }
        unitsOfFullPage = isConsistent ? 256 : 128
        self.provisioned = provisioned
        self.share = share
        ceiling = TokenBucket(rate: .infinity, now: now)
        law = AdaptiveCapacity(known: provisioned, first: Self.firstOnDemand, now: now)
        capacity = TokenBucket(rate: law.rate, now: now)
        setShare(share, now: now)
        setCapacity(now: now)
    }

    /// Sets the part of what is provisioned that may be used; nil for all.
    mutating func setShare(_ share: Double?, now: MonotonicTime) {
        self.share = share
        let rate = share.flatMap { share in provisioned.map { $0 * share } } ?? .infinity
        if rate != ceiling.rate { ceiling.setRate(rate, now: now) }
    }

    /// Takes in what the table says of itself.
    mutating func know(_ provisioned: Double?, now: MonotonicTime) {
        let provisioned = provisioned.flatMap { $0 > 0 ? $0 : nil }
        self.provisioned = provisioned
        setShare(share, now: now)
        law.know(provisioned)
        setCapacity(now: now)
    }

    private mutating func setCapacity(now: MonotonicTime) {
        let rate = max(law.rate, (provisioned ?? 0) * Self.leastPart)
        if rate != capacity.rate { capacity.setRate(rate, now: now) }
    }

    /// The user's share in units a second; infinite for none.
    var ceilingRate: Double { ceiling.rate }
    /// What the table is taken to admit, in units a second.
    var capacityRate: Double { capacity.rate }

    /// The next page's size and what it is expected to cost.
    /// - Parameter rate: what a limit over several tables allows, in units a second.
    func nextPage(under rate: Double) -> (limit: Int?, cost: Double) {
        let rate = min(rate, ceiling.rate, capacityRate)
        guard rate * Self.partOfSecond < unitsOfFullPage else { return (nil, unitsOfFullPage) }
        let perItem = items > 0 ? units / items : 0.5
        let target = max(rate * Self.partOfSecond, min(Self.leastUnits, rate))
        let limit = max(1, min(Int(target / perItem), max(largest, 1) * (largest > 0 ? Self.growth : 1)))
        return (limit, max(Double(limit) * perItem, 0.5))
    }

    /// When a page of this cost may be asked for.
    mutating func time(of cost: Double, now: MonotonicTime) -> MonotonicTime {
        ceiling.fit(cost)
        capacity.fit(cost)
        return max(ceiling.time(of: cost, now: now), capacity.time(of: cost, now: now))
    }

    /// Takes in that a page is being asked for.
    mutating func charge(_ cost: Double, limit: Int?, now: MonotonicTime) {
        ceiling.charge(cost, now: now)
        capacity.charge(cost, now: now)
        largest = max(largest, limit ?? 0)
    }

    /// Takes in what a page has cost.
    mutating func settle(charged: Double, consumed: Double, scanned: Int, now: MonotonicTime) {
        ceiling.charge(consumed - charged, now: now)
        capacity.charge(consumed - charged, now: now)
        law.note(accepted: consumed, refused: 0, now: now)
        setCapacity(now: now)
        guard scanned > 0 else { return }
        units = units * 0.75 + consumed
        items = items * 0.75 + Double(scanned)
    }

    /// Takes in that a page was refused; it stays charged.
    mutating func refused(charged: Double, now: MonotonicTime) {
        law.note(accepted: 0, refused: charged, now: now)
        setCapacity(now: now)
    }
}
