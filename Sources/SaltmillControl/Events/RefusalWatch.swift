import SaltmillDelivery

/// Tells when a store begins to refuse more than now and then, and when it no longer does.
struct RefusalWatch: Sendable {
    /// Refusals count from this share of the tries on, over ``span`` seconds.
    static let share = 0.02
    static let span = 10.0
    /// They are over when nothing was refused for this long, in seconds.
    static let calm = 30.0

    private struct Sample: Sendable {
        var boot: Double
        var tries: Int
        var refused: Int
    }
    private var samples: [Sample] = []
    private var began: (clocks: Clocks, refused: Int, cause: String)?
    private var lastRefused: (boot: Double, count: Int)?

    /// Takes in the counts of now.
    mutating func note(_ progress: DeliveryProgress, _ now: Clocks) -> [JobEvent] {
        let refused = progress.usage.refusedItems
        if lastRefused == nil || refused > lastRefused?.count ?? 0 { lastRefused = (now.boot, refused) }
        samples.append(Sample(boot: now.boot, tries: progress.account.written + refused, refused: refused))
        while samples.count > 2, samples[1].boot <= now.boot - Self.span { samples.removeFirst() }
        guard let first = samples.first, let last = lastRefused else { return [] }
        if let began {
            guard now.boot - last.boot >= Self.calm else { return [] }
            self.began = nil
            return [ended(began, at: now, seconds: last.boot - began.clocks.boot, refused: refused)]
        }
        let (tries, new) = (progress.account.written + refused - first.tries, refused - first.refused)
        guard now.boot - first.boot >= Self.span, new > 0, Double(new) >= Self.share * Double(tries) else { return [] }
        let hot = progress.parkedLanes > 0 ? progress.hotKeys.first : nil
        let cause = hot == nil ? "capacity" : "hot-key"
        began = (now, first.refused, cause)
        return [
            .make(.refused, at: now.wall) {
                $0.cause = cause
                $0.reason =
                    hot?.advice
                    ?? "\(new) of \(tries) tries in \(Int(Self.span)) s, of many keys\(progress.limiter.map { "; \($0.text)" } ?? "")"
                $0.refused = new
            }
        ]
    }

    /// Ends the spell under way, if there is one.
    mutating func end(_ now: Clocks) -> [JobEvent] {
        guard let began, let last = lastRefused else { return [] }
        self.began = nil
        return [ended(began, at: now, seconds: last.boot - began.clocks.boot, refused: last.count)]
    }

    private func ended(
        _ began: (clocks: Clocks, refused: Int, cause: String), at now: Clocks, seconds: Double, refused: Int
    ) -> JobEvent {
        .make(.admitted, at: now.wall) {
            $0.cause = began.cause
            $0.seconds = (max(seconds, 0) * 1000).rounded() / 1000
            $0.refused = refused - began.refused
        }
    }
}
