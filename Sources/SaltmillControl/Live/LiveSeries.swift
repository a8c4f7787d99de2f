import SaltmillDelivery

/// A job's last quarter of an hour, a sample a second.
struct LiveSeries: Sendable {
    struct Sample: Sendable, Equatable {
        /// Seconds since 1970, and on a clock that is never set.
        var wall: Double
        var boot: Double
        var units: Double
        var settled: Int
        var tries: Int
        var refused: Int
        var ceiling: Double?
        var isWaiting: Bool
    }

    /// How far back it reaches, in seconds.
    static let length = 900.0
    private static let interval = 0.95

    private(set) var samples: [Sample] = []
    /// The first sample since the job waited last.
    private var open = 0

    mutating func note(_ progress: DeliveryProgress, _ clocks: Clocks) {
        if let last = samples.last, clocks.boot - last.boot < Self.interval { return }
        let account = progress.account
        samples.append(
            Sample(
                wall: clocks.wall, boot: clocks.boot, units: progress.usage.units.reduce(0, +), settled: account.read - account.pending,
                tries: account.written + progress.usage.refusedItems, refused: progress.usage.refusedItems, ceiling: progress.ceiling,
                isWaiting: progress.wait != nil))
        if progress.wait != nil { open = samples.count }
        // Old ones go a minute's worth at a time, which is cheaper than one by one.
        if clocks.boot - (samples.first?.boot ?? 0) > Self.length + 60 {
            let old = samples.firstIndex { clocks.boot - $0.boot <= Self.length } ?? 0
            samples.removeFirst(old)
            open = max(open - old, 0)
        }
    }

    /// Units a second, and the share of tries that were refused, over the last seconds; nil while there is too little to tell from.
    func recent(seconds: Double = 15) -> (units: Double, refused: Double)? {
        guard let last = samples.last, let first = samples.last(where: { last.boot - $0.boot >= seconds }) ?? samples.first,
            last.boot - first.boot > 0.5
        else { return nil }
        let tries = last.tries - first.tries
        return (
            max(last.units - first.units, 0) / (last.boot - first.boot),
            tries > 0 ? Double(last.refused - first.refused) / Double(tries) : 0
        )
    }

    /// The speed since the job waited last, over two minutes at most; told from twenty samples and twenty rows on.
    func openSpeed() -> (rows: Double, units: Double)? {
        let open = samples[min(open, samples.count)...].suffix(120)
        guard open.count >= 20, let first = open.first, let last = open.last, last.settled - first.settled >= 20 else { return nil }
        let seconds = last.boot - first.boot
        return (Double(last.settled - first.settled) / seconds, (last.units - first.units) / seconds)
    }
}
