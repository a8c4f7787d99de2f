/// The partitions of one table or one index, by the rules of 2015: provisioned throughput is divided evenly among them once and for all, so
/// that a hot partition is held to its share however idle the others are.
///
/// A position is the upper 64 bits of the hash of the partition key. Time is nanoseconds since an arbitrary start.
package struct PartitionSet: Sendable {
    package private(set) var throughput: Throughput
    /// Seconds of unused share that a partition keeps, on top of the current second's.
    private let burst: Double
    private var partitions: [Partition]

    /// - Parameters:
    ///   - throughput: what the table or index is paid for.
    ///   - burst: how long an unused share is kept for later ("up to 5 minutes": Developer Guide, "Burst and adaptive capacity").
    ///   - now: when the partitions come to be; each starts with one second's worth.
    package init(_ throughput: Throughput, burst: Duration = .seconds(300), at now: Int64) {
        let count = UInt64(throughput.partitionCount)
        let starts = (0..<count).map { count.dividingFullWidth(($0, 0)).quotient }
        self.init(throughput, starts: starts, burst: burst, at: now)
    }

    /// Partitions that were there before, by the positions where they begin: the first is 0, the others ascend.
    package init(_ throughput: Throughput, starts: [UInt64], burst: Duration = .seconds(300), at now: Int64) {
        precondition(starts.first == 0, "the first partition begins at position 0")
        self.throughput = throughput
        self.burst = max(0, burst / .seconds(1))
        let empty = TokenBucket(rate: 0, capacity: 0, at: now)
        partitions = starts.map { Partition(start: $0, read: empty, write: empty) }
        fill(at: now)
    }

    /// Gives every partition new buckets, with one second's worth in them.
    private mutating func fill(at now: Int64) {
        for index in partitions.indices {
            for access in [Access.read, .write] {
                let rate = share(access)
                partitions[index][access] = TokenBucket(rate: rate, capacity: rate * (1 + burst), at: now)
            }
        }
    }

    package var count: Int { partitions.count }

    /// The positions where the partitions begin, ascending.
    package var starts: [UInt64] { partitions.map(\.start) }

    /// Which partition a position lies in.
    package func partition(at position: UInt64) -> Int {
        var low = 0
        var high = partitions.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if partitions[middle].start <= position { low = middle } else { high = middle }
        }
        return low
    }

    /// The last position of a partition.
    package func end(ofPartition index: Int) -> UInt64 { index + 1 < partitions.count ? partitions[index + 1].start - 1 : .max }

    /// Sets another throughput.
    ///
    /// When it needs more partitions, all of them split in two, as often as it takes; when it needs fewer, nothing merges and each one's
    /// share shrinks (Developer Guide of 2017, "Guidelines for Tables").
    package mutating func setThroughput(_ throughput: Throughput, at now: Int64) {
        let wasOnDemand = self.throughput == .onDemand
        self.throughput = throughput
        while partitions.count < throughput.partitionCount { split(at: now) }
        guard !wasOnDemand else { return fill(at: now) }
        for index in partitions.indices {
            for access in [Access.read, .write] {
                let rate = share(access)
                partitions[index][access].setRate(rate, capacity: rate * (1 + burst), at: now)
            }
        }
    }

    private mutating func split(at now: Int64) {
        partitions = partitions.indices.flatMap { index in
            var low = partitions[index]
            low.read.halve(at: now)
            low.write.halve(at: now)
            var high = low
            high.start += (end(ofPartition: index) - low.start) / 2 + 1
            return [low, high]
        }
    }

    /// One partition's share, in units a second.
    private func share(_ access: Access) -> Double {
        guard case .provisioned(let read, let write) = throughput else { return 0 }
        return Double(access == .read ? read : write) / Double(partitions.count)
    }

    /// Takes units out of a position's partition, if it admits them.
    mutating func admit(_ units: Double, _ access: Access, position: UInt64, at now: Int64) -> RefusalCause? {
        guard case .provisioned = throughput else { return nil }
        let index = partition(at: position)
        partitions[index][access].refill(at: now)
        guard partitions[index][access].admits(units) else { return cause(ofRefusing: units, access, at: now) }
        partitions[index][access].take(units)
        return nil
    }

    /// Takes units out of a position's partition, whatever it holds; a negative count puts them back.
    mutating func charge(_ units: Double, _ access: Access, position: UInt64, at now: Int64) {
        guard case .provisioned = throughput else { return }
        let index = partition(at: position)
        partitions[index][access].refill(at: now)
        partitions[index][access].take(units)
    }

    /// A refusal is the whole table's fault when it would also have been refused with all that is left spread evenly.
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
}
