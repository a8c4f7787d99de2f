import SaltmillDelivery

/// The recent past of a load: what its speed is told from.
struct RateWindow {
    struct Sample {
        var time: Double
        var units: Double
        var settled: Int
        var tries: Int
        var refused: Int
    }
    private var samples: [Sample] = []
    private let length: Double

    /// - Parameter length: how far back the window reaches, in seconds.
    init(length: Double = 15) { self.length = length }

    mutating func note(_ progress: DeliveryProgress) {
        let account = progress.account
        samples.append(
            Sample(
                time: progress.elapsed, units: progress.usage.units.reduce(0, +), settled: account.read - account.pending,
                tries: account.written + progress.usage.refusedItems, refused: progress.usage.refusedItems))
        while samples.count > 2, samples[1].time < progress.elapsed - length { samples.removeFirst() }
    }

    private func perSecond(_ value: (Sample) -> Double) -> Double? {
        guard let first = samples.first, let last = samples.last, last.time - first.time > 0.5 else { return nil }
        return (value(last) - value(first)) / (last.time - first.time)
    }

    /// Write units a second; nil while there is too little to tell from.
    var unitsPerSecond: Double? { perSecond(\.units) }
    /// Rows settled a second.
    var rowsPerSecond: Double? { perSecond { Double($0.settled) } }
    /// Share of the tries that were refused, 0 to 1.
    var refusedShare: Double? {
        guard let first = samples.first, let last = samples.last, last.tries > first.tries else { return nil }
        return Double(last.refused - first.refused) / Double(last.tries - first.tries)
    }
}
