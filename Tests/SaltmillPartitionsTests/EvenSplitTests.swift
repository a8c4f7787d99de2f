import SaltmillPartitions
import Testing

/// How partitions came and never went by the rules of 2015.
@Suite struct EvenSplitTests {
    /// Write units a second that each partition is held to.
    private static func shares(_ set: PartitionSet, _ access: Access = .write) -> [Double] {
        (0..<set.count).map { set.limit(access, ofPartition: $0) }
    }

    @Test func theExampleOfTheDevelopersGuideOf2017() {
        var set = PartitionSet(.provisioned(read: 5000, write: 2000), physics: Physics(.even2015, partitionBytes: 1_000_000), at: 0)
        #expect(Self.shares(set, .read) == [1250, 1250, 1250, 1250])
        #expect(Self.shares(set) == [500, 500, 500, 500])
        set.setThroughput(.provisioned(read: 8000, write: 2000), at: 0)
        #expect(Self.shares(set, .read) == [Double](repeating: 1000, count: 8))
        #expect(set.takeSplits() == [PartitionSplit(time: 0, partition: nil, cause: .throughput, count: 8)])
    }

    @Test func aPartitionThatIsFullSplitsAndOnlyItsShareIsHalved() {
        let physics = Physics(.even2015, partitionBytes: 1_000_000)
        let subject = Subject(.provisioned(read: 5000, write: 2000), physics)
        for row in 0..<1000 { subject.table.stored(1000, in: .table, position: 1 << 62 | UInt64(row) << 50, at: 0) }
        #expect(subject.table.table.count == 4)
        subject.table.stored(1000, in: .table, position: 1 << 62, at: seconds(7))
        #expect(Self.shares(subject.table.table, .read) == [1250, 625, 625, 1250, 1250])
        #expect(subject.table.takeSplits().map(\.split) == [PartitionSplit(time: seconds(7), partition: 1, cause: .size, count: 5)])
        // Rows in the lower third of the range say that the middle of the bytes is not the middle of the range.
        #expect((0..<5).map { subject.table.table.bytes(ofPartition: $0) } == [0, 500_500, 500_500, 0, 0])
        let cut = subject.table.table.start(ofPartition: 2)
        #expect(abs(Double(cut) - Double(1 << 62 | 500 << 50 as UInt64)) < Double(150 << 50 as UInt64))
        subject.table.table.setThroughput(.provisioned(read: 5000, write: 1000), at: seconds(8))
        #expect(Self.shares(subject.table.table) == [200, 200, 200, 200, 200], "a new throughput is divided evenly")
    }

    @Test func evenRowsSplitAPartitionInTheMiddleOfItsRange() {
        let subject = Subject(.provisioned(read: 1, write: 900), Physics(.even2015, partitionBytes: 1_000_000))
        subject.fill(1_001_000, at: 0)
        #expect(subject.table.table.starts == [0, 1 << 63])
        subject.fill(1_001_000, at: 0)
        #expect(subject.table.table.starts == [0, 1 << 62, 1 << 63, 3 << 62])
        #expect(Self.shares(subject.table.table) == [225, 225, 225, 225])
    }

    @Test func theExampleOfTheDynamoDBPaper() {
        var set = PartitionSet(.provisioned(read: 1, write: 3200), at: 0)
        var seen: [[Double]] = [Self.shares(set)]
        for write in [3600, 6000, 5000] {
            set.setThroughput(.provisioned(read: 1, write: write), at: 0)
            seen.append(Self.shares(set))
        }
        let expected: [(Int, Double)] = [(4, 800), (4, 900), (8, 750), (8, 625)]
        #expect(seen == expected.map { [Double](repeating: $1, count: $0) })
    }

    @Test func oneKeysItemsAreCutAtASortKeyAndNewOnesGoToTheUpperPart() {
        let subject = Subject(.provisioned(read: 1, write: 800), Physics(.even2015, burst: .zero, partitionBytes: 100_000))
        let day: UInt64 = 0x8123_4567_89AB_CDEF
        for _ in 0..<101 { subject.table.stored(1000, in: .table, position: day, at: 0) }
        // The first cut separates the older half of the day's rows from the newer ones; the key is served by one of them.
        #expect(subject.table.table.starts == [0, day])
        #expect(
            abs(subject.drive(800, from: 10, for: 10, at: { _ in day }).rate - 440) <= 1, "what is in the bucket, and half of the share")
        for _ in 0..<50 { subject.table.stored(1000, in: .table, position: day, at: 0) }
        #expect(subject.table.table.starts == [0, day, day])
        #expect(subject.table.table.partition(at: day) == 2)
        #expect(subject.table.table.end(ofPartition: 1) == day)
        #expect(subject.table.table.limit(.write, ofPartition: 2) == 200)
        // Deleting finds the rows wherever they are.
        for _ in 0..<151 { subject.table.stored(-1000, in: .table, position: day, at: 0) }
        #expect((0..<3).map { subject.table.table.bytes(ofPartition: $0) } == [0, 0, 0])
    }

    /// A load writes 800 units a second under one date; the table's limit is 900, burst is left out, and 10 GB are scaled to 1 MB.
    @Test func theFieldReportsStory() {
        let story = Subject(.provisioned(read: 1, write: 900), Physics(.even2015, burst: .zero, partitionBytes: 1_000_000))
        let date: UInt64 = 0xD2E5_7B71_4084_B805
        func load(at start: Double) -> (rate: Double, reason: String?) {
            _ = story.drive(2000, from: start - 2, for: 2, at: { _ in date })
            return story.drive(800, from: start, for: 20, at: { _ in date })
        }
        let fresh = load(at: 10)
        #expect(fresh.rate == 800 && fresh.reason == nil)

        story.fill(1_001_000, at: 100)
        #expect(Self.shares(story.table.table) == [450, 450])
        let grown = load(at: 110)
        #expect(abs(grown.rate - 450) <= 1, "half of the limit, below what is asked for")
        #expect(grown.reason == "TableWriteKeyRangeThroughputExceeded", "although we never exceed the limit")

        story.table.table.setThroughput(.provisioned(read: 1, write: 3600), at: seconds(200))
        #expect(Self.shares(story.table.table) == [900, 900, 900, 900])
        let raised = load(at: 210)
        #expect(raised.rate == 800 && raised.reason == nil)

        story.table.table.setThroughput(.provisioned(read: 1, write: 900), at: seconds(300))
        #expect(Self.shares(story.table.table) == [225, 225, 225, 225])
        let lowered = load(at: 310)
        #expect(abs(lowered.rate - 225) <= 1, "worse than before throughput was raised")
        #expect(lowered.reason == "TableWriteKeyRangeThroughputExceeded")

        // The cure: keys all over the positions.
        let salted = story.drive(800, from: 400, for: 20, at: { even($0, of: 200) })
        #expect(salted.rate == 800 && salted.reason == nil)
    }
}
