import SaltmillDispatching
import SaltmillPacing
import SaltmillPartitions
import Testing

/// What a hot key costs the other rows, and what cures it: the real dispatcher against the partition model, in virtual time.
@Suite struct IsolationTests {
    enum Case: String, CaseIterable {
        /// Static shares of 500; one row in twenty.
        case tableKeyOnStaticShares
        /// A table's bucket of 4,000 over partitions that give 1,000 at most; three rows in ten.
        case tableKeyOnAdaptivePartitions
        /// The same with twice the partitions: for two seconds the hot key gets all that it asks for, and then only the table's limit is in its way.
        case tableKeyOnManyAdaptivePartitions
        /// Static shares of an index; three rows in ten carry one date, each has a table key of its own.
        case indexKey

        var world: PartitionedWorld {
            switch self {
            case .tableKeyOnStaticShares:
                PartitionedWorld(rows: 100_000, share: 0.05, table: .of(units: 4000, partitions: 8), capacity: 4000)
            case .tableKeyOnAdaptivePartitions:
                PartitionedWorld(rows: 100_000, share: 0.3, table: .of(units: 4000, partitions: 4, model: .adaptive), capacity: 4000)
            case .tableKeyOnManyAdaptivePartitions:
                PartitionedWorld(rows: 160_000, share: 0.3, table: .of(units: 4000, partitions: 8, model: .adaptive), capacity: 4000)
            case .indexKey:
                PartitionedWorld(
                    rows: 100_000, share: 0.3, hotKey: .index, table: .of(units: 4000, partitions: 8, indexPartitions: 8), capacity: 4000)
            }
        }

        /// What the hot key's partition gives.
        var partition: Double {
            switch self {
            case .tableKeyOnStaticShares, .indexKey: 500
            case .tableKeyOnAdaptivePartitions, .tableKeyOnManyAdaptivePartitions: 1000
            }
        }
    }

    /// A store across the network, and one on the same machine.
    @Test(arguments: Case.allCases, [5.0, 0.5])
    func theOthersHardlyNoticeAHotKey(_ kind: Case, milliseconds: Double) throws {
        var world = kind.world
        world.latency = .nanoseconds(Int64(milliseconds * 1e6))
        let with = world.run()
        var without = world
        without.leavesOutHot = true
        let others = without.run().others
        #expect(with.others <= others * 1.05, "\(with.others) s instead of \(others) s")
        #expect(UInt64(with.written) == world.rows)
        #expect(with.mostUnsettled < 400, "what waits does not stay in memory: \(with.mostUnsettled)")
        #expect(with.refused < 0.015, "refused \(with.refused)")
        // Alone in the end, the hot rows use their partition.
        #expect(with.rateAtEnd > kind.partition * 0.75, "\(with.rateAtEnd) units a second at the end")
        #expect(with.refusedAtEnd < 0.03)

        let worst = try #require(with.worst)
        #expect(worst.value.resource == (kind == .indexKey ? 1 : 0))
        #expect(abs(worst.value.share / kind.world.share - 1) < 0.1, "share \(worst.value.share)")
        #expect(abs(worst.value.given / kind.partition - 1) < 0.1, "given \(worst.value.given)")
        var cured = kind.world
        cured.rows = 100_000
        cured.shards = UInt64(try #require(worst.shards))
        #expect(100_000 / cured.run().all >= 4000 * 0.95, "with \(cured.shards) shards")
    }

    @Test func lanesByTheTablesKeyAloneWouldNotIsolateAnIndexKey() {
        var world = Case.indexKey.world
        world.hidesIndexKeys = true
        var without = world
        without.leavesOutHot = true
        #expect(world.run().others > without.run().others * 1.5)
    }

    struct Drain: Sendable {
        var model = Physics.Model.even2015
        var hotKey = PartitionedWorld.HotKey.table
        var latency = Duration.milliseconds(5)
    }

    /// Nine rows in ten have one value, the others twenty-seven. Others done in a moment, the hot rows alone set the pace.
    @Test(arguments: [
        Drain(), Drain(model: .adaptive), Drain(model: .adaptive, hotKey: .index), Drain(latency: .milliseconds(50)),
        Drain(model: .adaptive, hotKey: .index, latency: .milliseconds(50)), Drain(latency: .milliseconds(150)),
    ])
    func aHotKeyThatIsNearlyAloneUsesItsPartition(_ drain: Drain) {
        let table = PartitionedTable.of(units: 8000, partitions: 9, indexPartitions: drain.hotKey == .index ? 9 : nil, model: drain.model)
        var world = PartitionedWorld(rows: 20_000, share: 0.9, hotKey: drain.hotKey, table: table, capacity: 8000, ceiling: 4000)
        world.otherValues = 27
        world.latency = drain.latency
        let figures = world.run()
        let ideal = (drain.model == .adaptive ? 1000 : 8000.0 / 9) / 0.9
        #expect(20_000 / figures.all >= ideal * 0.95, "\(20_000 / figures.all) of \(ideal)")
        // Before it is known what is refused, everything under way is.
        #expect(figures.refused < 0.02 + drain.latency.inSeconds * 0.3, "refused \(figures.refused)")
    }

    struct Cure: Sendable {
        var share: Double
        var partitions: Int
        var ceiling: Double?
    }

    @Test(arguments: [
        Cure(share: 0.01, partitions: 8), Cure(share: 0.1, partitions: 8), Cure(share: 0.5, partitions: 4),
        Cure(share: 0.1, partitions: 40),
        Cure(share: 0.5, partitions: 40), Cure(share: 0.5, partitions: 8, ceiling: 2000), Cure(share: 0.5, partitions: 40, ceiling: 2000),
    ])
    func theAdvisedShardsLetTheLoadRunAtItsCeiling(_ cure: Cure) throws {
        // Enough rows for their own chance to be small beside that of the shards.
        let rows = UInt64(cure.partitions > 8 ? 240_000 : 120_000)
        var world = PartitionedWorld(
            rows: rows, share: cure.share, table: .of(units: 4000, partitions: cure.partitions), capacity: 4000)
        world.ceiling = cure.ceiling
        let wanted = cure.ceiling ?? 4000
        let shards = ShardAdvice.shards(
            share: cure.share, wanted: wanted, capacity: 4000, partition: 4000 / Double(cure.partitions))
        world.shards = UInt64(shards)
        #expect(Double(rows) / world.run().all >= wanted * 0.95, "with \(shards) shards")
        // A small part of them is not enough, so the advice is not beside the point.
        world.shards = UInt64(max(shards / 50, 1))
        #expect(Double(rows) / world.run().all < wanted * 0.95, "with \(world.shards) shards")
    }

    @Test func aPartitionsPartForOthersIsPartOfWhatItGives() {
        #expect(ShardAdvice.partition(given: 500, toOthers: 0, capacity: 4000) == 500)
        #expect(abs(ShardAdvice.partition(given: 150, toOthers: 2800, capacity: 4000) - 500) < 0.1)
        #expect(ShardAdvice.partition(given: 5000, toOthers: 0, capacity: nil) == 1000)
    }

    @Test func whereNothingIsTooHotOneShardIsEnough() {
        #expect(ShardAdvice.shards(share: 0.3, wanted: 500, capacity: 900, partition: 1000) == 1)
        #expect(ShardAdvice.shards(share: 0, wanted: 500, capacity: 900, partition: 1000) == 1)
    }
}
