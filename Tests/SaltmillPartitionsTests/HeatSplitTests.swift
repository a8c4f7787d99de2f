import SaltmillPartitions
import Testing

@Suite struct HeatSplitTests {
    private static let physics = Physics(.adaptive, burst: .zero, heatSplitDuration: .seconds(120))

    @Test func aHotPartitionSplitsInTheMiddleOfItsLoad() {
        let subject = Subject(.provisioned(read: 1, write: 4000), Self.physics)
        #expect(subject.table.table.count == 5)
        // Four keys close together, at the beginning of the first partition.
        let keys: [UInt64] = [1000, 1010, 1020, 1030]
        let before = subject.drive(2000, from: 0, for: 180, at: { keys[$0 % 4] })
        #expect(abs(before.rate - 1000) <= 10)
        #expect(subject.table.table.count == 5, "a minute to be sure, and two to split")
        let after = subject.drive(2000, from: 180, for: 60, at: { keys[$0 % 4] })
        #expect(after.rate >= 1990)
        #expect((1011...1020).contains(subject.table.table.starts[1]))
        #expect(
            subject.table.takeSplits().map(\.split) == [PartitionSplit(time: seconds(180), partition: 0, cause: .heat, count: 6)])
    }

    @Test func evenLoadSplitsInTheMiddleOfTheRange() {
        let subject = Subject(.provisioned(read: 1, write: 1000), Self.physics)
        #expect(subject.table.table.starts == [0, 1 << 63])
        _ = subject.drive(1000, from: 0, for: 200, at: { even($0, of: 1000) / 2 })
        #expect(subject.table.table.starts == [0, 1 << 62, 1 << 63])
    }

    @Test func whatIsNotNearTheCapForLongDoesNotSplit() {
        let subject = Subject(.provisioned(read: 1, write: 4000), Self.physics)
        _ = subject.drive(850, from: 0, for: 600, steps: 50, at: { UInt64($0 % 100) })
        for minute in 20..<40 { _ = subject.drive(1000, from: Double(minute) * 60, for: 40, steps: 50, at: { UInt64($0 % 100) }) }
        #expect(subject.table.table.count == 5)
    }

    @Test func aHotKeyGetsAPartitionOfItsOwnAndIsHeldToItsCapAllTheSame() {
        let subject = Subject(.provisioned(read: 1, write: 4000), Self.physics)
        let hot: UInt64 = 5_000_000
        // Three of five writes go to one key of the first partition, the others all over that partition.
        func position(_ tick: Int) -> UInt64 { tick % 5 < 3 ? hot : UInt64(tick % 97) << 54 }
        let before = subject.drive(2500, from: 0, for: 180, steps: 50, at: position)
        #expect(abs(before.rate - 1000) <= 10)
        let after = subject.drive(2500, from: 180, for: 600, steps: 50, at: position)
        #expect(abs(after.rate - 2000) <= 20, "1,000 of the others now, and still no more than 1,000 of the hot key")
        #expect(after.reason == "TableWriteKeyRangeThroughputExceeded")
        let table = subject.table.table
        #expect(Array(table.starts[..<3]) == [0, hot, hot + 1])
        let splits = subject.table.takeSplits().map(\.split)
        #expect(splits.prefix(2).map(\.cause) == [.hotKey, .hotKey])
        #expect(splits.allSatisfy { $0.time < seconds(600) })
        let count = table.count
        _ = subject.drive(4000, from: 1000, for: 1200, steps: 20, at: { _ in hot })
        #expect(subject.table.table.count == count, "no split helps one key")
    }

    @Test func aTableOfOneKeyIsNeverServedMoreThanOnePartition() {
        let subject = Subject(.onDemand, .adaptive)
        let key: UInt64 = 1 << 40
        _ = subject.drive(3000, from: 0, for: 3600, steps: 20, at: { _ in key })
        let rate = subject.drive(3000, from: 3600, for: 60, steps: 20, at: { _ in key }).rate
        #expect(abs(rate - 1000) <= 20)
        #expect(subject.table.table.count == 6, "the key's own partition, and what lay below and above")
    }

    @Test func readsHeatAPartitionToo() {
        let subject = Subject(.provisioned(read: 9000, write: 1), Self.physics)
        #expect(subject.table.table.count == 4)
        for tick in 0..<40_000 { _ = subject.reads(20, at: UInt64(tick % 10), Double(tick) / 200) }
        #expect((4...6).contains(subject.table.table.starts[1]), "half of ten keys on either side, as far as a sample tells")
    }
}
