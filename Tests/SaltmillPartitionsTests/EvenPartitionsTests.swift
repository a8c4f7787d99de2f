import SaltmillPartitions
import Testing

@Suite struct EvenPartitionsTests {
    @Test(arguments: [
        (1, 1, 1), (1500, 500, 1), (3000, 1000, 2), (3001, 1, 2), (5, 3200, 4), (5000, 2000, 4), (10_000, 10_000, 14), (40_000, 40_000, 54),
    ])
    func countFollowsTheClassicFormula(read: Int, write: Int, count: Int) {
        #expect(Throughput.provisioned(read: read, write: write).partitionCount == count)
        #expect(PartitionSet(.provisioned(read: read, write: write), at: 0).count == count)
    }

    @Test func everyPositionLiesInTheRangeOfItsPartition() {
        for write in [1, 2500, 7000, 40_000] {
            let set = PartitionSet(.provisioned(read: 1, write: write), at: 0)
            for position in [0, 1, UInt64.max / 3, UInt64.max / 2, UInt64.max / 2 + 1, UInt64.max - 1, .max] + set.starts {
                let index = set.partition(at: position)
                #expect(set.starts[index] <= position && position <= set.end(ofPartition: index))
            }
            let widths = set.starts.indices.map { set.end(ofPartition: $0) - set.starts[$0] }
            #expect((widths.max() ?? 0) - (widths.min() ?? 0) <= 1)
        }
    }

    @Test func onePartitionGetsItsShareAndNoMore() {
        // 3,200 units over 4 partitions: 800 each.
        let table = Subject(write: 3200)
        var admitted = 0
        for tick in 0..<60_000 where table.writes(1, at: 0, Double(tick) / 1000) { admitted += 1 }
        #expect(abs(admitted - (800 + 60 * 800)) <= 2)
    }

    @Test func keysSpreadOverAllPartitionsGetTheWholeThroughput() {
        let table = Subject(write: 3200)
        let starts = table.table.table.starts
        var admitted = 0
        for tick in 0..<60_000 {
            for number in 0..<4 where table.writes(1, at: starts[(tick + number) % 4], Double(tick) / 1000) { admitted += 1 }
        }
        #expect(abs(admitted - (3200 + 60 * 3200)) <= 8)
    }

    @Test func unusedShareIsKeptForTheBurstAndNoLonger() {
        let table = Subject(write: 100, burst: .seconds(300))
        #expect(!table.writes(101, at: 0, 0), "a new partition has one second's worth")
        #expect(table.writes(100, at: 0, 0))
        var admitted = 0
        while table.writes(1, at: 0, 10_000) { admitted += 1 }
        #expect(admitted == 30_100)
        #expect(!table.writes(1, at: 0, 10_000))
        #expect(table.writes(1, at: 0, 10_000.01))
    }

    @Test func withoutBurstASecondIsAllThatIsKept() {
        let table = Subject(write: 100)
        #expect(table.writes(100, at: 0, 5000))
        #expect(!table.writes(1, at: 0, 5000))
        #expect(table.writes(50, at: 0, 5000.5))
    }

    @Test func whatIsLargerThanTheBucketIsAdmittedWhenItIsFullAndThenOwed() {
        let table = Subject(write: 10)
        #expect(table.writes(400, at: 0, 0))
        #expect(!table.writes(1, at: 0, 39))
        #expect(table.writes(1, at: 0, 39.2))
        #expect(!table.writes(400, at: 0, 39.5))
        #expect(table.writes(400, at: 0, 41))
    }

    @Test func readsAndWritesDrawOnDifferentBudgets() {
        let table = Subject(read: 5, write: 5)
        #expect(table.writes(5, at: 0, 0))
        #expect(table.refusal(Charge(.table, .read, position: 0, units: 5), at: 0) == nil)
        #expect(table.refusal(Charge(.table, .read, position: 0, units: 0.5), at: 0)?.access == .read)
    }

    @Test func aHotKeyIsRefusedForItsRange() {
        let table = Subject(write: 2000, burst: .seconds(300))
        while table.writes(10, at: .max, 1) {}
        #expect(
            table.refusal(Charge(.table, .write, position: .max, units: 10), at: 1) == Refusal(.table, .write, .keyRange))
    }

    @Test func aTableUsedUpIsRefusedForItsThroughput() {
        let table = Subject(write: 2000)
        for position in table.table.table.starts { while table.writes(10, at: position, 1) {} }
        #expect(
            table.refusal(Charge(.table, .write, position: 0, units: 10), at: 1) == Refusal(.table, .write, .provisionedThroughput))
        let small = Subject(write: 1)
        #expect(small.writes(1, at: 0, 0))
        #expect(small.refusal(Charge(.table, .write, position: 0, units: 1), at: 0)?.cause == .provisionedThroughput)
    }

    @Test func anIndexThatRefusesHoldsTheTableBack() {
        let narrow = PartitionSet(.provisioned(read: 1, write: 10), burst: .zero, at: 0)
        let table = Subject(write: 100, indexes: [PartitionSet(.onDemand, at: 0), narrow])
        let charges = [
            Charge(.table, .write, position: 0, units: 1), Charge(.index(0), .write, position: 7, units: 1),
            Charge(.index(1), .write, position: 9, units: 1),
        ]
        var admitted = 0
        while table.refusal(charges[0], charges[1], charges[2], at: 0) == nil { admitted += 1 }
        #expect(admitted == 10)
        #expect(
            table.refusal(charges[0], charges[1], charges[2], at: 0) == Refusal(.index(1), .write, .provisionedThroughput))
        #expect(table.writes(90, at: 0, 0), "refused writes have drawn nothing on the table")
        #expect(!table.writes(1, at: 0, 0))
    }

    @Test func chargesOnOnePartitionAddUp() {
        let table = Subject(write: 10)
        let charge = Charge(.table, .write, position: 0, units: 6)
        #expect(table.refusal(charge, charge, at: 0) != nil)
        #expect(table.writes(10, at: 0, 0))
    }

    @Test func raisingSplitsInTwoAndLoweringNeverMerges() {
        var set = PartitionSet(.provisioned(read: 1, write: 3200), at: 0)
        #expect(set.count == 4)
        set.setThroughput(.provisioned(read: 1, write: 3600), at: 0)
        #expect(set.count == 4)
        let before = set.starts
        set.setThroughput(.provisioned(read: 1, write: 6000), at: 0)
        #expect(set.count == 8)
        #expect(before.allSatisfy(set.starts.contains))
        set.setThroughput(.provisioned(read: 1, write: 10), at: 0)
        #expect(set.count == 8)
        set.setThroughput(.onDemand, at: 0)
        #expect(set.count == 8)
    }

    @Test func sharesFollowTheThroughput() {
        let table = Subject(write: 800)
        table.table.table.setThroughput(.provisioned(read: 1, write: 6000), at: seconds(1))
        // 8 partitions of 750 units, and what was in the bucket is halved with each split.
        #expect(table.table.table.count == 8)
        #expect(table.writes(100, at: 0, 1))
        #expect(!table.writes(1, at: 0, 1))
        #expect(table.writes(750, at: 0, 2))
        #expect(!table.writes(1, at: 0, 2))
        table.table.table.setThroughput(.provisioned(read: 1, write: 80), at: seconds(3))
        #expect(table.writes(10, at: 0, 3))
        #expect(!table.writes(1, at: 0, 3))
    }

    @Test func aTableThatLeavesOnDemandStartsWithASecondsWorth() {
        let table = Subject(PartitionedTable(table: PartitionSet(.onDemand, burst: .seconds(300), at: 0)))
        #expect(table.table.table.count == 4)
        #expect(table.writes(1_000_000, at: 0, 0))
        table.table.table.setThroughput(.provisioned(read: 4, write: 40), at: seconds(100))
        #expect(table.table.table.count == 4)
        #expect(table.writes(10, at: 0, 100))
        #expect(!table.writes(1, at: 0, 100))
    }

    @Test func partitionsComeBackFromTheirStarts() {
        var set = PartitionSet(.provisioned(read: 1, write: 3200), at: 0)
        set.setThroughput(.provisioned(read: 1, write: 6000), at: 0)
        let restored = PartitionSet(set.throughput, map: set.map, physics: .even2015, at: seconds(5))
        #expect(restored.starts == set.starts)
        #expect(restored.map == set.map)
    }

    @Test func aPageMayBeginWhereAnythingIsLeft() {
        let table = Subject(read: 10, write: 1)
        #expect(table.begins(at: 0) == nil)
        table.table.draw([Charge(.table, .read, position: 0, units: 128)], at: 0)
        #expect(table.begins(at: 11) == Refusal(.table, .read, .provisionedThroughput))
        #expect(table.begins(at: 12) == nil)
    }

    @Test(arguments: [1, 2, 3]) func noWindowHoldsMoreThanTheBucketAndTheRate(seed: UInt64) {
        var random = Generator(state: seed)
        let table = Subject(write: 1500, burst: .seconds(2))
        let (rate, capacity) = (750.0, 2250.0)
        var admitted: [(time: Double, units: Double)] = []
        var now = 0.0
        for _ in 0..<3000 {
            now += Double(random.next() % 30) / 1000
            let units = Double(random.next() % 40 + 1)
            if table.writes(units, at: 5, now) { admitted.append((now, units)) }
        }
        for first in stride(from: 0, to: admitted.count, by: 37) {
            var sum = 0.0
            for write in admitted[first...] {
                sum += write.units
                #expect(sum <= capacity + rate * (write.time - admitted[first].time) + 1e-3)
            }
        }
        let total = admitted.reduce(0) { $0 + $1.units }
        #expect(total >= rate * now * 0.95, "what is paid for is served")
    }
}
