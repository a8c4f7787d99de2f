import Foundation
import SaltmillDelivery
import SaltmillDispatching
import SaltmillPacing

/// Everything that a seed decides before the first step: the rows, the table, the settings and the trouble to come.
struct Scenario: Sendable {
    /// A row of the source.
    struct Row: Sendable {
        enum Nature: Sendable {
            case good
            /// The source cannot make sense of it.
            case malformed
            /// It cannot become an item.
            case unmappable
            /// It becomes an item that the store refuses for good.
            case poison
        }
        var day: Int
        var id: Int
        /// Key of the index; nil for a row that is not in it.
        var kind: Int?
        var textLength = 0
        var nature = Nature.good
        var isSuperseded = false
    }

    enum Duplicates: Sendable, CaseIterable { case none, superseded, unchecked }

    /// A limit that the user sets.
    struct Limit: Sendable {
        var measure: RateLimit.Measure
        var resources: UInt32
        var rate: Double
    }

    /// Chances of what may befall a request.
    struct Trouble: Sendable {
        var lost = 0.0
        var answerLost = 0.0
        var refusedItem = 0.0
        var throttled = 0.0
        var foreignAnswer = 0.0
        var corruptAnswer = 0.0
        var deliveredAgain = 0.0
        var tableGone = 0.0
    }

    /// What befalls the world at a given time.
    enum Incident: Sendable {
        /// No request gets through for a while; some hang until they are given up.
        case outage(Duration)
        case diskFull(Duration)
        /// The user's ceilings are multiplied.
        case pace(Double)
        /// The schedule closes for a while.
        case closed(Duration, ends: Bool)
        /// Units a second of the table and of its index.
        case capacity(table: Double, index: Double)
        /// The process is asked to stop.
        case interrupted
    }

    let seed: UInt64
    var rows: [Row] = []
    var ranges = 1
    var chunkRows = 16
    var duplicates = Duplicates.none
    var shards: Int?
    var hasIndex = false
    var indexShards: Int?

    var configuration = Dispatcher.Configuration()
    var limits: [Limit] = []
    var knowsCapacity = false
    var checkpointInterval = Duration.milliseconds(500)
    /// Whether every write of an index entry is charged, or only those that change it.
    var chargesReplays = true
    var tellsConsumption = true

    /// Today's rules rather than those of 2015.
    var isAdaptive = false
    var isOnDemand = false
    var partitions = 1
    var capacity = (table: 1000.0, index: 1000.0)
    var burst = Duration.zero
    var latency = Duration.milliseconds(5)
    /// Part of the latency that varies.
    var jitter = 0.5
    var trouble = Trouble()
    var incidents: [(time: MonotonicTime, incident: Incident)] = []
    /// Steps from one start to the kill that ends it.
    var kills: [Int] = []
    /// Nothing goes wrong but that one key is hot: the key, and that its rows are the only ones in its partition's way.
    var hotDay: Int?

    init(seed: UInt64) {
        self.seed = seed
        var random = SplitMix64(seed: seed &* 0x2545_F491_4F6C_DD1D &+ 1)
        if seed % 8 == 7 { makeCalm(&random) } else { makeChaos(&random) }
        configuration.seed = random.next()
    }

    /// The same world without the rows of the hot key.
    var withoutHotRows: Scenario {
        var copy = self
        copy.rows.removeAll { $0.day == hotDay }
        copy.kills = []
        return copy
    }
}

extension SplitMix64 {
    mutating func chance(_ chance: Double) -> Bool { chance > 0 && Double.random(in: 0..<1, using: &self) < chance }
    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
    /// A number whose order of magnitude is uniform.
    mutating func magnitude(_ low: Double, _ high: Double) -> Double { low * pow(high / low, Double.random(in: 0...1, using: &self)) }
    mutating func milliseconds(_ range: ClosedRange<Int>) -> Duration { .milliseconds(int(range)) }
}
