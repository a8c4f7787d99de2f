import SaltmillSources

/// What is counted of the hash keys of one table or index while a source is read, in bounded memory.
struct KeyTally {
    /// The load is looked at in parts, one after the other, to see what is hot at its time; in at most this many, and none of fewer rows than this.
    private static let mostSlices = 64
    private static let sliceRows = 2_000

    var items = 0
    var bytes = 0
    var units = 0
    /// Neighbouring rows of one key.
    private(set) var neighbours = 0
    private var last: UInt64?
    private var byUnits = HeavyHitters(counters: 1_000)
    private var byRows = HeavyHitters(counters: 1_000)
    private var slices: [HeavyHitters]
    private var sliceUnits: [Int]
    /// How many rows each one that was counted stands for.
    private var scale = 1.0
    /// A value has to be that of more rows to be hot.
    private var leastRows = 1

    /// - Parameter rows: how many there will be, where that is known.
    init(rows: Int?) {
        let count = min(max((rows ?? .max) / Self.sliceRows, 1), Self.mostSlices)
        slices = [HeavyHitters](repeating: HeavyHitters(counters: 100), count: count)
        sliceUnits = [Int](repeating: 0, count: count)
    }

    /// - Parameter part: how far in its range the row stands, from 0 to 1; a load reads all ranges at once.
    mutating func add(_ lane: UInt64, size: Int, units: Int, part: Double, at locator: RecordLocator) {
        let slice = min(Int(part * Double(slices.count)), slices.count - 1)
        items += 1
        bytes += size
        self.units += units
        if last == lane { neighbours += 1 }
        last = lane
        byUnits.add(lane, weight: UInt64(units), at: locator)
        byRows.add(lane, at: locator)
        slices[slice].add(lane, weight: UInt64(units), at: locator)
        sliceUnits[slice] += units
    }

    /// Makes the tally one of all rows, where those counted are a sample.
    /// - Parameter neighbours: so many rows of one value may stand together in the sample though no others carry it.
    mutating func scale(by factor: Double, neighbours: Int) {
        scale = factor
        // Fewer than this are chance, or two clumps at most.
        leastRows = max(10, 2 * neighbours)
        items = items.scaled(by: factor)
        bytes = bytes.scaled(by: factor)
        units = units.scaled(by: factor)
        self.neighbours = self.neighbours.scaled(by: factor)
    }

    /// A value of the hash key that many rows carry, at some time of the load at least.
    struct Hot {
        var lane: UInt64
        var rows: Int
        var units: Int
        /// The largest share of the units that it takes in any part of the load, 0 to 1.
        var peakShare: Double
        var exemplar: RecordLocator
    }

    /// The hottest values, hottest at its time first. Values that no more than a few rows carry are not hot.
    func hottest(_ limit: Int) -> [Hot] {
        var found: [UInt64: Hot] = [:]
        for entry in byUnits.top(limit) where entry.count > max(byUnits.error, 1) {
            found[entry.value] = Hot(lane: entry.value, rows: 0, units: Int(entry.count), peakShare: 0, exemplar: entry.exemplar)
        }
        for (slice, total) in zip(slices, sliceUnits) where total > 0 {
            for entry in slice.top(limit) where entry.count > max(2 * slice.error, 1) {
                let share = Double(entry.count) / Double(total)
                var hot = found[entry.value] ?? Hot(lane: entry.value, rows: 0, units: 0, peakShare: 0, exemplar: entry.exemplar)
                hot.peakShare = max(hot.peakShare, share)
                hot.units = max(hot.units, Int(entry.count))
                found[entry.value] = hot
            }
        }
        let rows = Dictionary(uniqueKeysWithValues: byRows.top(2_000).map { ($0.value, Int($0.count)) })
        return found.values.compactMap { hot in
            guard let count = rows[hot.lane], count > leastRows else { return nil }
            var hot = hot
            hot.rows = count.scaled(by: scale)
            hot.units = hot.units.scaled(by: scale)
            hot.peakShare = max(hot.peakShare, Double(hot.units) / Double(max(units, 1)))
            return hot
        }
        .sorted { ($1.peakShare, $1.units, $0.lane) < ($0.peakShare, $0.units, $1.lane) }
        .prefix(limit).map(\.self)
    }
}

extension Int {
    /// The nearest whole number to so many times this one.
    func scaled(by factor: Double) -> Int { Int((Double(self) * factor).rounded()) }
}
