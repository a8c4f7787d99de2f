import SaltmillPartitions
import Testing

@Suite struct OnDemandTests {
    /// Writes a whole second's units at once, evenly over 64 positions.
    private static func second(_ subject: Subject, _ units: Double, at now: Int) -> (admitted: Double, reason: String?) {
        var admitted = 0.0
        var reason: String?
        for number in 0..<64 {
            if let refusal = subject.refusal(
                Charge(.table, .write, position: even(number, of: 64), units: units / 64), at: Double(now))
            {
                reason = refusal.reason
            } else {
                admitted += units / 64
            }
        }
        return (admitted, reason)
    }

    @Test func aNewTableServes4000WritesAnd12000Reads() {
        let subject = Subject(.onDemand, .adaptive)
        #expect(subject.table.table.count == 4)
        #expect(Self.second(subject, 4000, at: 10) == (4000, nil))
        #expect(Self.second(subject, 4000, at: 11) == (4000, nil))
        let over = Self.second(subject, 6400, at: 12)
        #expect(over.admitted == 4000)
        #expect(over.reason == "TableWriteKeyRangeThroughputExceeded")
        for position in subject.table.table.starts { #expect(subject.reads(3000, at: position, 12)) }
        #expect(subject.refusal(Charge(.table, .read, position: 0, units: 1), at: 12)?.reason == "TableReadKeyRangeThroughputExceeded")
    }

    @Test func itGrowsByDoublingWhatItHasServedHalfAnHourAgo() {
        let subject = Subject(.onDemand, .adaptive)
        var limits: [Double] = []
        var refused = 0.0
        var demanded = 0.0
        for now in 1...3900 {
            if now % 1950 == 0 { limits.append(subject.table.table.limit(.write)) }
            // As fast as the table is known to serve, and never faster.
            let wanted = subject.table.table.limit(.write) * 0.995
            demanded += wanted
            refused += wanted - Self.second(subject, wanted, at: now).admitted
        }
        #expect(limits.count == 2)
        for (limit, expected) in zip(limits, [7960, 15840]) { #expect(abs(limit - Double(expected)) <= 80) }
        #expect(refused <= 0.01 * demanded)
        #expect(subject.table.table.count >= 16)
    }

    @Test func whatIsAskedForButNotServedDoesNotMakeItGrow() {
        let subject = Subject(.onDemand, .adaptive)
        for now in 1...1700 { _ = Self.second(subject, 8000, at: now) }
        #expect(subject.table.table.limit(.write) == 4000, "not before half an hour")
        for now in 1701...1950 { _ = Self.second(subject, 8000, at: now) }
        #expect(subject.table.table.limit(.write) == 8000, "twice what it served")
    }

    @Test func aPeakIsNotForgotten() {
        let subject = Subject(.onDemand, .adaptive)
        for now in 1...120 { _ = Self.second(subject, 4000, at: now) }
        subject.table.advance(to: seconds(86_400))
        #expect(subject.table.table.limit(.write) == 8000)
        let restored = PartitionSet(.onDemand, map: subject.table.table.map, physics: .adaptive, at: 0)
        #expect(restored.limit(.write) == 8000)
        #expect(restored.map == subject.table.table.map)
    }

    @Test func aTableThatWasProvisionedServesAsMuchAsItWasPaidFor() {
        let subject = Subject(.provisioned(read: 100, write: 10_000), .adaptive)
        subject.table.table.setThroughput(.provisioned(read: 100, write: 500), at: seconds(10))
        subject.table.table.setThroughput(.onDemand, at: seconds(20))
        #expect(subject.table.table.limit(.write) == 10_000, "half of the most it was paid for is its previous peak")
        #expect(subject.table.table.limit(.read) == 12_000, "at least what a new table serves")
        #expect(subject.table.table.count == 11)
        let small = Subject(.provisioned(read: 5, write: 5), .adaptive)
        small.table.table.setThroughput(.onDemand, at: seconds(20))
        #expect(small.table.table.limit(.write) == 4000)
        #expect(small.table.table.count == 4)
        small.table.table.setThroughput(.provisioned(read: 5, write: 5), at: seconds(30))
        #expect(small.writes(5, at: 0, 30) && !small.writes(1, at: 0, 30))
    }

    @Test func theOwnersMaximumHolds() {
        let subject = Subject(.onDemand, .adaptive)
        subject.table.table.setMaximum(OnDemandMaximum(write: 100), at: seconds(1))
        #expect(subject.writes(100, at: 0, 5))
        #expect(
            subject.refusal(Charge(.table, .write, position: .max, units: 1), at: 5)?.reason
                == "TableWriteMaxOnDemandThroughputExceeded")
        #expect(subject.reads(3000, at: 0, 5))
        subject.table.table.setMaximum(OnDemandMaximum(), at: seconds(6))
        #expect(subject.writes(1000, at: 0, 8))
    }

    @Test func theAccountsQuotaIsTheMostThatATableServes() {
        var map = PartitionMap(starts: (0..<64).map { UInt64($0) << 58 })
        map.peak = Units(read: 0, write: 30_000)
        let subject = Subject(PartitionedTable(table: PartitionSet(.onDemand, map: map, physics: .adaptive, at: 0)))
        #expect(Self.second(subject, 40_000, at: 5) == (40_000, nil))
        #expect(subject.refusal(Charge(.table, .write, position: 0, units: 1), at: 5)?.reason == "TableWriteAccountLimitExceeded")
    }

    @Test func indexesHavePartitionsOfTheirOwn() {
        let subject = Subject(.onDemand, .adaptive, indexes: [.onDemand])
        let charges = [Charge(.table, .write, position: 0, units: 1), Charge(.index(0), .write, position: 9, units: 800)]
        #expect(subject.refusal(charges[0], charges[1], at: 5) == nil)
        #expect(subject.refusal(charges[0], charges[1], at: 5) == Refusal(.index(0), .write, .keyRange))
        #expect(subject.writes(999, at: 0, 5))
        #expect(!subject.writes(1, at: 0, 5))
    }
}
