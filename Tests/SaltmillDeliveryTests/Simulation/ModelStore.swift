import SaltmillBytes
import SaltmillPacing
import SaltmillPartitions

/// A table behind its partitions: a dictionary of items that remembers what was ever written.
struct ModelStore {
    /// What the store says to a request.
    enum Answer {
        /// Done, but for the items at these places of the request; what was charged, the table first.
        case done(refused: [Int], consumed: [Double])
        case throttled
        case invalid
    }

    private var physics: PartitionedTable
    private let hasIndex: Bool
    private let chargesReplays: Bool
    /// The row that each item was last written from, by primary key.
    private(set) var items: [UInt64: Int] = [:]
    /// When each row was first written.
    private(set) var firstWritten: [MonotonicTime?]
    /// Write units and size in bytes of each row's item.
    var units: [Double]
    var sizes: [Double]

    init(_ scenario: Scenario) {
        physics = PartitionedTable(
            table: Self.partitions(scenario, scenario.capacity.table),
            indexes: scenario.hasIndex ? [Self.partitions(scenario, scenario.capacity.index)] : [])
        hasIndex = scenario.hasIndex
        chargesReplays = scenario.chargesReplays
        firstWritten = Array(repeating: nil, count: scenario.rows.count)
        units = Array(repeating: 1, count: scenario.rows.count)
        sizes = Array(repeating: 0, count: scenario.rows.count)
    }

    private static func throughput(_ write: Double) -> Throughput { .provisioned(read: 1, write: max(Int(write), 1)) }

    private static func partitions(_ scenario: Scenario, _ write: Double) -> PartitionSet {
        let count = UInt64(scenario.partitions)
        let map = PartitionMap(starts: (0..<count).map { count.dividingFullWidth(($0, 0)).quotient })
        let physics = Physics(scenario.isAdaptive ? .adaptive : .even2015, burst: scenario.burst, heatSplitDuration: .seconds(2))
        return PartitionSet(scenario.isOnDemand ? .onDemand : throughput(write), map: map, physics: physics, at: 0)
    }

    mutating func setCapacity(table: Double, index: Double, now: MonotonicTime) {
        physics.table.setThroughput(Self.throughput(table), at: now.nanoseconds)
        if hasIndex { physics.indexes[0].setThroughput(Self.throughput(index), at: now.nanoseconds) }
    }

    func partition(of position: UInt64) -> Int { physics.table.partition(at: position) }

    /// Takes in a request.
    /// - Parameters:
    ///   - part: how much of it is done before the store loses interest; 1 for all of it.
    ///   - refusing: chance that an item is refused for no reason that can be seen.
    mutating func take(
        _ sent: [SentItem], part: Double, refusing: Double, now: MonotonicTime, random: inout SplitMix64
    ) -> Answer {
        guard !sent.contains(where: \.isPoison), Set(sent.map(\.key)).count == sent.count, sent.count <= 25 else { return .invalid }
        var refused: [Int] = []
        var consumed = hasIndex ? [0.0, 0.0] : [0.0]
        for (place, item) in sent.prefix(Int(Double(sent.count) * part)).enumerated() {
            guard !random.chance(refusing), write(item, now: now, consumed: &consumed) else {
                refused.append(place)
                continue
            }
        }
        return refused.count == sent.count ? .throttled : .done(refused: refused.shuffled(using: &random), consumed: consumed)
    }

    private mutating func write(_ item: SentItem, now: MonotonicTime, consumed: inout [Double]) -> Bool {
        var charges = [Charge(.table, .write, position: item.position, units: units[item.row])]
        if let position = item.indexPosition, chargesReplays || items[item.key] != item.row {
            charges.append(Charge(.index(0), .write, position: position, units: units[item.row]))
        }
        do throws(Refusal) { try physics.admit(charges, at: now.nanoseconds) } catch { return false }
        for number in charges.indices { consumed[number] += charges[number].units }
        items[item.key] = item.row
        if firstWritten[item.row] == nil { firstWritten[item.row] = now }
        return true
    }
}
