import SaltmillDispatching
import SaltmillPacing
import SaltmillPartitions

/// A load into a partitioned table with one index, in virtual time: what became of its rows, and when.
struct PartitionedWorld {
    /// Whose hash key the hot rows share.
    enum HotKey { case table, index }

    /// Rows in all; every row is one unit of the table, and of the index where there is one.
    var rows: UInt64
    /// Part of the rows that share one value, spread all through the input.
    var share: Double
    var hotKey = HotKey.table
    /// How many values the hot rows are salted over.
    var shards: UInt64 = 1
    /// How many values the other rows share; nil where each has one of its own.
    var otherValues: UInt64?
    var table: PartitionedTable
    /// Units a second that table and index are provisioned with.
    var capacity: Double
    /// The user's ceiling on the table, in units a second.
    var ceiling: Double?
    /// The wrong way: the dispatcher is not told of the values of the index's key.
    var hidesIndexKeys = false
    /// Rows that are left out.
    var leavesOutHot = false
    var latency = Duration.milliseconds(5)
    var seed: UInt64 = 1

    struct Figures {
        /// When the last of the other rows and the last of all was written, in seconds.
        var others = 0.0
        var all = 0.0
        var refused = 0.0
        /// Part of the tries of hot rows after the last other row that was refused, and rows a second written then.
        var refusedAtEnd = 0.0
        var rateAtEnd = 0.0
        var written = 0
        var mostUnsettled = 0
        var mostDeferred = 0
        /// The value refused most, with the number of shards that is advised.
        var worst: (value: HotValue, shards: Int?)?
        var hotCount = 0
    }

    func isHot(_ row: UInt64) -> Bool { Double(mix(row ^ 0xABCD) >> 11) * 0x1p-53 < share }

    /// A row's values: of the table's hash key and of the index's.
    private func values(_ row: UInt64) -> (table: UInt64, index: UInt64) {
        let own = mix(row &+ 1 << 40)
        let another = mix(row &+ 1 << 41)
        guard isHot(row) else {
            guard let otherValues else { return (own, another) }
            let shared = mix(1 << 44 &+ row % otherValues)
            return hotKey == .table ? (shared, another) : (own, shared)
        }
        let shard = mix(1 << 42 &+ mix(row &+ 1 << 43) % shards)
        return hotKey == .table ? (shard, another) : (own, shard)
    }

    func run(until end: Double = 100_000) -> Figures {
        let indexCount = table.indexes.count
        let chosen = (0..<rows).filter { !leavesOutHot || !isHot($0) }
        let offers = chosen.map { row in
            Offer(token: row, key: mix(row), lane: values(row).table, units: 1, indexes: indexCount > 0 ? 1 : 0, bytes: 100)
        }
        var limits = [RateLimit(resources: 1, rate: ceiling ?? .infinity, now: .zero)]
        for resource in 0...indexCount { limits.append(.discovered(resource: resource, known: capacity, now: .zero)) }
        var hashes: [UInt64: [UInt64]] = [:]
        if indexCount > 0, !hidesIndexKeys { for row in chosen { hashes[row] = [values(row).index] } }
        // The input is read in four ranges.
        let part = (offers.count + 3) / 4
        let ranges = stride(from: 0, to: offers.count, by: part).map { Array(offers[$0..<min($0 + part, offers.count)]) }
        var configuration = Dispatcher.Configuration()
        configuration.seed = seed
        var world = World(ranges, values: hashes, limits: limits, indexCount: indexCount, configuration: configuration)
        world.latency = latency
        var table = table
        var endTries = (tries: 0, refused: 0)
        var othersLeft = chosen.count { !isHot($0) }
        var othersEnd = MonotonicTime.zero
        world.answer = { tokens, now in
            var refused: [Int] = []
            // The items of a request are done side by side.
            for position in tokens.indices.sorted(by: { mix(tokens[$0] ^ 0x5A5A) < mix(tokens[$1] ^ 0x5A5A) }) {
                let row = tokens[position]
                let values = values(row)
                var charges = [Charge(.table, .write, position: values.table, units: 1)]
                if indexCount > 0 { charges.append(Charge(.index(0), .write, position: values.index, units: 1)) }
                do {
                    try table.admit(charges, at: now.nanoseconds)
                    if !isHot(row) {
                        othersLeft -= 1
                        if othersLeft == 0 { othersEnd = now }
                    }
                } catch {
                    refused.append(position)
                }
                if othersLeft == 0, now > othersEnd + .milliseconds(50) {
                    endTries.tries += 1
                    if refused.last == position { endTries.refused += 1 }
                }
            }
            return .answered(refused: refused, consumed: [Double](repeating: Double(tokens.count - refused.count), count: indexCount + 1))
        }
        world.run(until: .zero + .seconds(end))
        var figures = Figures()
        let times = world.writtenAt
        figures.others = times.filter { !isHot($0.key) }.values.max().map { ($0 - .zero).inSeconds } ?? 0
        figures.all = times.values.max().map { ($0 - .zero).inSeconds } ?? 0
        let tries = world.sends.reduce(0) { $0 + $1.tokens.count }
        figures.refused = Double(tries - world.written.count) / Double(tries)
        figures.refusedAtEnd = Double(endTries.refused) / Double(max(endTries.tries, 1))
        figures.rateAtEnd = Double(endTries.tries - endTries.refused) / max(figures.all - figures.others, 0.001)
        figures.written = Set(world.written).count
        figures.mostUnsettled = world.mostUnsettled
        figures.mostDeferred = world.mostDeferred
        let hot = world.dispatcher.hot
        figures.hotCount = hot.count
        if let worst = hot.map(\.value).max(by: { $0.refusals < $1.refusals }) {
            figures.worst = (worst, world.dispatcher.advisedShards(for: worst))
        }
        return figures
    }
}

extension PartitionedTable {
    /// Equal partitions, nothing kept for later.
    static func of(units: Int, partitions: Int, indexPartitions: Int? = nil, model: Physics.Model = .even2015) -> PartitionedTable {
        func set(_ count: Int) -> PartitionSet {
            let starts = (0..<UInt64(count)).map { UInt64(count).dividingFullWidth(($0, 0)).quotient }
            return PartitionSet(
                .provisioned(read: units, write: units), map: PartitionMap(starts: starts), physics: Physics(model, burst: .zero), at: 0)
        }
        return PartitionedTable(table: set(partitions), indexes: indexPartitions.map { [set($0)] } ?? [])
    }
}
