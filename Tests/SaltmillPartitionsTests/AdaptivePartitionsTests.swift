import SaltmillPartitions
import Testing

@Suite struct AdaptivePartitionsTests {
    private static let calm = Physics(.adaptive, burst: .zero)

    @Test func aPartitionUsesWhatOthersLeaveUpToItsCap() {
        // Four partitions of 2015 would have 500 each.
        let small = Subject(.provisioned(read: 6000, write: 600), Self.calm)
        #expect(small.table.table.count == 3)
        #expect(small.drive(600, from: 10, for: 30, at: { _ in 0 }) == (600, nil))
        let large = Subject(.provisioned(read: 1, write: 2000), Self.calm)
        #expect(large.table.table.count == 3)
        _ = large.drive(4000, from: 8, for: 2, at: { _ in 0 })
        let hot = large.drive(2000, from: 10, for: 30, at: { _ in 0 })
        #expect(abs(hot.rate - 1000) <= 1)
        #expect(hot.reason == "TableWriteKeyRangeThroughputExceeded")
        _ = large.drive(4000, from: 48, for: 2, at: { even($0, of: 64) })
        let spread = large.drive(2400, from: 50, for: 30, at: { even($0, of: 64) })
        #expect(abs(spread.rate - 2000) <= 12)
        #expect(spread.reason == "TableWriteProvisionedThroughputExceeded")
    }

    @Test func readsHaveACapOfTheirOwn() {
        let table = Subject(.provisioned(read: 9000, write: 10), Self.calm)
        #expect(table.reads(3000, at: 0, 5))
        #expect(table.refusal(Charge(.table, .read, position: 0, units: 1), at: 5)?.reason == "TableReadKeyRangeThroughputExceeded")
        #expect(table.reads(3000, at: .max, 5))
        #expect(table.writes(10, at: 0, 5))
    }

    @Test func burstIsTheTablesAndLiftsNoPartitionOverItsCap() {
        let table = Subject(.provisioned(read: 1, write: 500), .adaptive)
        // 300 s of 500 units are left over, and one partition can use 1,000 of them a second, with the current 500 among them.
        #expect(table.drive(500, from: 400, for: 1, at: { _ in 0 }).reason == nil)
        _ = table.drive(2000, from: 401, for: 2, at: { _ in 0 })
        let burst = table.drive(1500, from: 403, for: 200, at: { _ in 0 })
        #expect(abs(burst.rate - 1000) <= 1)
        #expect(burst.reason == "TableWriteKeyRangeThroughputExceeded")
        let spent = table.drive(1000, from: 603, for: 200, at: { _ in 0 })
        #expect(spent.reason == "TableWriteProvisionedThroughputExceeded")
        #expect(spent.rate < 1000 && table.drive(1000, from: 803, for: 20, at: { _ in 0 }).rate == 500)
    }

    @Test func theKnowledgeCentersExampleOfBurst() {
        // 150 units idle for five minutes leave 45,000: a load of 200 then lasts 900 s.
        let table = Subject(.provisioned(read: 1, write: 150), .adaptive)
        #expect(table.drive(200, from: 301, for: 900, steps: 10, at: { _ in 0 }).reason == nil)
        #expect(table.drive(200, from: 1201, for: 20, steps: 10, at: { _ in 0 }).reason != nil)
    }

    @Test func whetherReadsAndWritesShareABudgetIsASwitch() {
        for shared in [false, true] {
            let table = Subject(.provisioned(read: 9000, write: 3000), Physics(.adaptive, burst: .zero, sharedBudget: shared))
            #expect(table.reads(1500, at: 0, 5))
            #expect(table.writes(500, at: 0, 5))
            #expect(table.writes(1, at: 0, 5) == !shared, "1,500 reads and 500 writes are the whole of a shared budget")
            #expect(table.reads(1, at: 0, 5) == !shared)
            #expect(table.writes(1000, at: .max, 5))
            #expect(table.reads(1, at: .max, 5) == !shared)
        }
    }

    @Test func aHotIndexKeyHoldsTheTableBackThoughItsOwnKeysAreUniform() {
        let table = Subject(.provisioned(read: 1, write: 4000), Self.calm, indexes: [.provisioned(read: 1, write: 4000)])
        var admitted = 0
        var reasons = Set<String>()
        for tick in 0..<30_000 {
            let charges = [
                Charge(.table, .write, position: even(tick, of: 1000), units: 1), Charge(.index(0), .write, position: 42, units: 1),
            ]
            if let refusal = table.refusal(charges[0], charges[1], at: 10 + Double(tick) / 3000) {
                reasons.insert(refusal.reason)
            } else {
                admitted += 1
            }
        }
        #expect(abs(admitted - 11_000) <= 2, "one second's worth and 1,000 a second")
        #expect(reasons == ["IndexWriteKeyRangeThroughputExceeded"])
        // Refused writes have drawn nothing on the table: 3,000 a second of it are left.
        let others = table.drive(3000, from: 20, for: 10, at: { even($0, of: 1000) })
        #expect(abs(others.rate - 3000) <= 15)
    }

    @Test func theSixteenReasonsAreNamedAsTheServiceNamesThem() {
        var names = Set<String>()
        for resource in [Resource.table, .index(3)] {
            for access in Access.allCases {
                for cause in RefusalCause.allCases { names.insert(Refusal(resource, access, cause).reason) }
            }
        }
        #expect(names.count == 16)
        #expect(names.contains("IndexReadMaxOnDemandThroughputExceeded"))
        #expect(names.contains("TableWriteAccountLimitExceeded"))
    }

    @Test func raisingThroughputMakesPartitionsAndLoweringKeepsThem() {
        let subject = Subject(.provisioned(read: 1, write: 900), Self.calm)
        var counts: [Int] = []
        for write in [900, 3600, 900, 8000] {
            subject.table.table.setThroughput(.provisioned(read: 1, write: write), at: seconds(1))
            counts.append(subject.table.table.count)
        }
        #expect(counts == [1, 4, 4, 16])
        // Unlike in 2015, a key loses nothing by it.
        subject.table.table.setThroughput(.provisioned(read: 1, write: 900), at: seconds(2))
        #expect(subject.drive(900, from: 100, for: 20, at: { _ in 7 }) == (900, nil))
    }

    @Test func sizeSplitsPartitionsToo() {
        let subject = Subject(.provisioned(read: 1, write: 900), Physics(.adaptive, burst: .zero, partitionBytes: 100_000))
        subject.fill(1_000_000, at: 0)
        #expect(subject.table.table.count == 16)
        #expect(subject.drive(900, from: 100, for: 20, at: { _ in 7 }) == (900, nil))
    }
}
