import SaltmillPartitions
/// What a load will be like: how long, how much, what it costs, and what will go wrong.
package struct LoadPlan: Sendable {
    package struct Rows: Sendable, Equatable {
        package var read: Int
        package var rejected: [String: Int]
        package var superseded: Int
        package var written: Int
    }

    /// What the figures rest on where the source is a live database.
    package struct Sample: Sendable, Equatable {
        /// Rows that were read, of which the figures are scaled up to ``Rows/read``.
        package var rows: Int
        /// All rows were counted; their number is the database's estimate otherwise.
        package var isCounted: Bool
        /// The rows that were read come from places all over the key's range; they are the first ones otherwise, or all.
        package var isSpread: Bool

        package init(rows: Int, isCounted: Bool, isSpread: Bool) {
            self.rows = rows
            self.isCounted = isCounted
            self.isSpread = isSpread
        }

        /// The least that a sample has unless the user wants fewer.
        static let least = 2_000

        /// How many rows are read of so many: one in a hundred, in bounds.
        package static func size(of rows: Int) -> Int { min(max((rows + 99) / 100, least), 50_000) }
    }

    /// A value of a hash key that much of the load goes to.
    package struct HotKey: Sendable, Equatable {
        /// As it stands in the items, salted where the spec salts it.
        package var value: String
        package var rows: Int
        package var units: Int
        /// Share of the table's or index's units, 0 to 1, in all and at its worst time.
        package var share: Double
        package var peakShare: Double
        /// Write units a second at the planned rate, at its worst time.
        package var peakUnitsPerSecond: Double
    }

    /// The table or one of its indexes.
    package struct Resource: Sendable, Equatable {
        /// Nil for the table.
        package var index: String?
        package var hashAttribute: String
        /// How many shards the spec salts the hash key over; nil where it does not.
        package var shards: Int?
        package var items: Int
        /// Size of the items or entries by the item-size rules.
        package var bytes: Int
        package var units: Int
        package var peakUnitsPerSecond: Double
        package var provisionedWrite: Int?
        package var provisionedRead: Int?
        package var partitions: PlanPartitions
        package var hotKeys: [HotKey]
        /// Neighbouring rows carry one value, one after the other.
        package var isSorted: Bool
        /// Share of neighbours in the file that carry one value.
        package var neighbourShare: Double
        /// How many shards the hash key should be salted over; 1 where it needs no salt.
        package var advisedShards: Int
        /// How many would do at a ceiling of ``ShardAdvice/relaxedCeiling``, where those are far fewer.
        package var relaxedShards: Int?

        package var name: String { index ?? "table" }
        /// What one value of the hash key can take a second: a partition's limit, or all that is provisioned where that is less.
        package var keyLimit: Double { min(Physics.partitionCap.write, Double(provisionedWrite ?? .max)) }
    }

    package var job: String
    package var source: String
    package var target: PlanTarget
    package var rows: Rows
    /// Nil for a file, which is read as a whole.
    package var sample: Sample?
    /// The table first, then the indexes.
    package var resources: [Resource]
    package var timeline: LoadTimeline
    package var zone: String
    /// Seconds that local time of ``zone`` is ahead of UTC at the start and at the end.
    package var zoneOffsets: (start: Int, end: Int)
    package var cost: PlanCost?
    package var traps: [PlanTrap]
    package var notes: [String]
    package var simulation: LoadSimulation.Outcome?

    package var units: Int { resources.reduce(0) { $0 + $1.units } }
    /// What limits the load for most of the time that it writes.
    package var limit: String {
        var seconds: [String: Double] = [:]
        for leg in timeline.legs where !leg.isClosed { seconds[leg.limit, default: 0] += leg.end - leg.start }
        return seconds.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? "nothing to write"
    }
    package var seconds: Double? { timeline.end.map { $0 - timeline.start } }
}
