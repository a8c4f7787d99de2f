/// The partitions of one table or one index, and what they admit.
///
/// A position is the upper 64 bits of the hash of the partition key. Time is nanoseconds since an arbitrary start.
///
/// Partitions split and never merge. Under `even2015` each one's budget is its share of the provisioned throughput. Under `adaptive` there is one
/// budget for the table, and each partition has its cap besides. Sort keys are not known here: one key's items are taken to be written in the
/// order of their sort keys, so that no split helps a hot key (Developer Guide, "Designing partition keys": adaptive capacity does not split an
/// item collection with an increasing sort key).
package struct PartitionSet: Sendable {
    package internal(set) var throughput: Throughput
    /// The owner's maximum while the table is on demand.
    package internal(set) var maximum = OnDemandMaximum()
    package let physics: Physics
    var partitions: [Partition]
    /// The table's own budgets (`adaptive`).
    var tableRead: TokenBucket
    var tableWrite: TokenBucket
    var peak: PeakHistory
    /// When the next thing happens by itself: a split is done, or a minute of an on-demand table is over.
    var nextEvent = Int64.max
    private(set) var splits: [PartitionSplit] = []
    /// Seconds of unused throughput that are kept, on top of the current second's.
    let burst: Double
    private let heatSplitTime: Int64

    /// New partitions, with one second's worth of units.
    /// - Parameters:
    ///   - throughput: what the table or index is paid for.
    ///   - now: when the partitions come to be.
    package init(_ throughput: Throughput, physics: Physics, at now: Int64) {
        let count = UInt64(throughput.partitionCount)
        let map = PartitionMap(starts: (0..<count).map { count.dividingFullWidth(($0, 0)).quotient })
        self.init(throughput, map: map, physics: physics, at: now)
    }

    /// New partitions by the rules of 2015.
    package init(_ throughput: Throughput, burst: Duration = .seconds(300), at now: Int64) {
        self.init(throughput, physics: Physics(.even2015, burst: burst), at: now)
    }

    /// Partitions that begin at some positions, by the rules of 2015: the first is 0, the others ascend.
    package init(_ throughput: Throughput, starts: [UInt64], burst: Duration = .seconds(300), at now: Int64) {
        self.init(throughput, map: PartitionMap(starts: starts), physics: Physics(.even2015, burst: burst), at: now)
    }

    /// Partitions that were there before, with one second's worth of units.
    package init(_ throughput: Throughput, map: PartitionMap, maximum: OnDemandMaximum = .init(), physics: Physics, at now: Int64) {
        precondition(map.parts.first?.start == 0, "the first partition begins at position 0")
        self.throughput = throughput
        self.maximum = maximum
        self.physics = physics
        burst = max(0, physics.burst / .seconds(1))
        heatSplitTime = Int64(physics.heatSplitDuration / .nanoseconds(1))
        partitions = map.parts.map { Partition(start: $0.start, share: $0.share, bytes: $0.bytes, physics: physics, at: now) }
        tableRead = TokenBucket(rate: 0, capacity: 0, at: now)
        tableWrite = tableRead
        peak = PeakHistory(previous: map.peak, at: now)
        rememberProvisioned()
        fill(at: now)
    }

    package var count: Int { partitions.count }

    /// The positions where the partitions begin, ascending.
    package var starts: [UInt64] { partitions.map(\.start) }

    package var map: PartitionMap {
        PartitionMap(partitions.map { .init(start: $0.start, share: $0.share, bytes: $0.bytes) }, peak: peak.previous)
    }

    /// Which partition a position lies in: the last one that does not begin behind it.
    package func partition(at position: UInt64) -> Int {
        var low = 0
        var high = partitions.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if partitions[middle].start <= position { low = middle } else { high = middle }
        }
        return low
    }

    package func start(ofPartition index: Int) -> UInt64 { partitions[index].start }

    /// The last position of a partition.
    package func end(ofPartition index: Int) -> UInt64 {
        guard index + 1 < partitions.count else { return .max }
        let next = partitions[index + 1].start
        return next > partitions[index].start ? next - 1 : next
    }

    package func bytes(ofPartition index: Int) -> Int { partitions[index].bytes }

    /// The splits since this was last asked for.
    package mutating func takeSplits() -> [PartitionSplit] {
        defer { splits.removeAll() }
        return splits
    }

    mutating func note(_ cause: PartitionSplit.Cause, _ partition: Int?, at now: Int64) {
        splits.append(PartitionSplit(time: now, partition: partition, cause: cause, count: partitions.count))
    }

    // MARK: - Admission

    /// Whether anything is ever refused: the rules of 2015 know nothing of on-demand tables.
    private var isUnlimited: Bool { physics.model == .even2015 && throughput == .onDemand }

    /// Takes units out of a position's partition, and the table's, if both admit them.
    mutating func admit(_ units: Double, _ access: Access, position: UInt64, at now: Int64) -> RefusalCause? {
        if now >= nextEvent { advance(to: now) }
        guard !isUnlimited else { return nil }
        let index = partition(at: position)
        guard physics.model == .adaptive else {
            partitions[index][access].refill(at: now)
            guard partitions[index][access].admits(units) else { return cause(ofRefusing: units, access, at: now) }
            partitions[index][access].take(units)
            return nil
        }
        // What the table as a whole has used up is its own fault, whichever partition was asked.
        refillTable(access, at: now)
        guard access == .read ? tableRead.admits(units) : tableWrite.admits(units) else { return tableCause(access) }
        let (budget, weight) = budget(access)
        partitions[index][budget].refill(at: now)
        guard partitions[index][budget].admits(units * weight) else {
            partitions[index].heat.observe(units * weight / Physics.partitionCap[budget], position: position)
            return .keyRange
        }
        take(units, access, partition: index, position, at: now)
        return nil
    }

    /// Takes units out of a position's partition, whatever it holds; a negative count puts them back.
    mutating func charge(_ units: Double, _ access: Access, position: UInt64, at now: Int64) {
        if now >= nextEvent { advance(to: now) }
        guard !isUnlimited else { return }
        let index = partition(at: position)
        guard physics.model == .adaptive else {
            partitions[index][access].refill(at: now)
            partitions[index][access].take(units)
            return
        }
        refillTable(access, at: now)
        partitions[index][budget(access).access].refill(at: now)
        take(units, access, partition: index, position, at: now)
    }

    /// Which of a partition's budgets units are taken from, and how much of it each one takes.
    private func budget(_ access: Access) -> (access: Access, weight: Double) {
        guard physics.sharedBudget, access == .read else { return (access, 1) }
        return (.write, Physics.partitionCap.write / Physics.partitionCap.read)
    }

    private mutating func refillTable(_ access: Access, at now: Int64) {
        if access == .read { tableRead.refill(at: now) } else { tableWrite.refill(at: now) }
    }

    private mutating func take(_ units: Double, _ access: Access, partition index: Int, _ position: UInt64, at now: Int64) {
        let (budget, weight) = budget(access)
        if access == .read { tableRead.take(units) } else { tableWrite.take(units) }
        if throughput == .onDemand { peak.add(units, access) }
        partitions[index][budget].take(units * weight)
        let part = units * weight / Physics.partitionCap[budget]
        guard partitions[index].heat.add(part, budget, position: position, at: now) else { return }
        decideSplit(ofPartition: index, at: now)
    }

    /// A split for heat begins, unless one is under way or the partition is one key's alone.
    private mutating func decideSplit(ofPartition index: Int, at now: Int64) {
        guard partitions[index].splitEnd == nil, end(ofPartition: index) > partitions[index].start else { return }
        partitions[index].splitEnd = now + heatSplitTime
        nextEvent = min(nextEvent, now + heatSplitTime)
    }

    /// `even2015`: a refusal is the whole table's fault when it would also have been refused with all that is left spread evenly.
    private mutating func cause(ofRefusing units: Double, _ access: Access, at now: Int64) -> RefusalCause {
        var level = 0.0
        var capacity = 0.0
        for index in partitions.indices {
            partitions[index][access].refill(at: now)
            level += partitions[index][access].level
            capacity += partitions[index][access].capacity
        }
        let count = Double(partitions.count)
        return level < min(units * count, capacity) ? .provisionedThroughput : .keyRange
    }

    /// `adaptive`: why a table's own budget is what it is.
    private func tableCause(_ access: Access) -> RefusalCause {
        guard throughput == .onDemand else { return .provisionedThroughput }
        if let maximum = maximum[access], Double(maximum) <= limit(access) { return .maximumOnDemand }
        return limit(access) < Physics.tableQuota[access] ? .keyRange : .accountLimit
    }
}
