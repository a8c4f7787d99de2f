import SaltmillDispatching
import SaltmillPacing
import SaltmillPartitions
import Testing

/// Which value refusals are blamed on.
@Suite struct BlameTests {
    private static let date: UInt64 = 42

    /// Writes of which each has a table key of its own and a part the same value of the index's key; refused as a rule of the test says.
    private func hot(
        share: Double, indexCount: Int = 1, refused: @escaping (_ hasDate: Bool, _ draw: Double) -> Bool
    ) -> [(lane: UInt64, value: HotValue)] {
        var random = SplitMix64(seed: 7)
        var values: [UInt64: [UInt64]] = [:]
        for row in 0..<UInt64(8000) { values[row] = [Double.random(in: 0..<1, using: &random) < share ? Self.date : mix(row)] }
        var world = World([offers(0..<8000, indexes: 1)], values: values, limits: [RateLimit(rate: 2000, now: .zero)], indexCount: 1)
        world.answer = { tokens, _ in
            let refused = tokens.indices.filter { refused(values[tokens[$0]] == [Self.date], Double.random(in: 0..<1, using: &random)) }
            return .answered(refused: refused, consumed: nil)
        }
        world.run(until: .zero + .seconds(3))
        return world.dispatcher.hot
    }

    @Test func aValueWithFewOfTheTriesAndMostOfTheRefusalsIsToBlame() {
        let hot = hot(share: 0.05) { hasDate, draw in draw < (hasDate ? 0.3 : 0.005) }
        #expect(hot.map(\.lane) == [KeyLane.of(resource: 1, value: Self.date)])
        #expect(hot.first?.value.resource == 1)
    }

    @Test(arguments: [0.02, 0.3, 0.9]) func aValueRefusedAsOftenAsOthersIsNot(share: Double) {
        #expect(hot(share: share) { _, draw in draw < 0.1 }.isEmpty)
    }

    @Test func aValueOfNineRowsInTenIsNotToBlameForNineRefusalsInTen() {
        // Refusals in runs, as an empty bucket has them.
        var number = 0
        let hot = hot(share: 0.9) { _, _ in
            number += 1
            return number % 500 < 25
        }
        #expect(hot.isEmpty)
    }

    @Test func aValueOfAllRowsIsToBlameWhenMostAreRefused() {
        #expect(hot(share: 1) { _, draw in draw < 0.8 }.count == 1)
        #expect(hot(share: 1) { _, draw in draw < 0.1 }.isEmpty)
    }

    @Test func anIndexTooNarrowForAllLowersTheRateAndParksNoLane() {
        // The index says 4,000 and gives 2,000 in one partition; nine rows in ten have the same value.
        var world = PartitionedWorld(
            rows: 40_000, share: 0.9, hotKey: .index, table: .of(units: 4000, partitions: 4), capacity: 4000)
        world.table.indexes = [PartitionedTable.of(units: 2000, partitions: 1).table]
        let figures = world.run()
        #expect(figures.hotCount == 0 && figures.written == 40_000)
        #expect(figures.all < 40_000 / 2000 * 1.15, "\(figures.all)")
    }

    @Test(arguments: [0, 1]) func aThrottleThatNamesWhatRefusedBlamesNothingElse(resource: Int) {
        // Every write of one date has the same table key too; only the reason tells which of the two is hot.
        var values: [UInt64: [UInt64]] = [:]
        let rows = offers(0..<2000, indexes: 1).map { offer in
            var offer = offer
            if offer.token.isMultiple(of: 5) { offer.lane = 7 }
            values[offer.token] = [offer.token.isMultiple(of: 5) ? Self.date : mix(offer.token)]
            return offer
        }
        let limits = [RateLimit(rate: 500, now: .zero)] + [0, 1].map { RateLimit.discovered(resource: $0, known: 1000, now: .zero) }
        var configuration = Dispatcher.Configuration()
        configuration.maximumItems = 1
        var world = World([rows], values: values, limits: limits, indexCount: 1, configuration: configuration)
        world.answer = { tokens, now in
            let isThrottled = now > .zero + .seconds(1) && tokens.contains { $0.isMultiple(of: 5) || $0.isMultiple(of: 7) }
            return isThrottled ? .throttled(resources: 1 << UInt32(resource)) : .answered(refused: [], consumed: nil)
        }
        world.run(until: .zero + .seconds(3))
        #expect(world.dispatcher.hot.map(\.lane) == [resource == 0 ? 7 : KeyLane.of(resource: 1, value: Self.date)])
        let rates = world.dispatcher.limits.map(\.bucket.rate)
        #expect(rates[1 + resource] < 990 && rates[2 - resource] == 990, "\(rates)")
    }

    @Test func equalValuesOfTwoResourcesAreTwoLanes() {
        let lanes = (0...20).map { KeyLane.of(resource: $0, value: 12345) }
        #expect(Set(lanes).count == lanes.count)
    }

    @Test func rowsOfAnEarlierRunAreSetAsideLikeOthersAndThoseRecalledAreNot() {
        // Some rows of a lane are in a file already, others were unsettled when the earlier run was killed.
        var dispatcher = Dispatcher(ranges: 2, indexCount: 0, limits: [])
        dispatcher.restoreDeferred(lane: 7, count: 20)
        let rows = offers(0..<20).map { offer in
            var offer = offer
            offer.lane = 7
            return offer
        }
        dispatcher.offer(Array(rows[..<10]), range: 1)
        _ = dispatcher.next(now: .zero)
        #expect(dispatcher.takeAdmissions().map(\.lane) == Array(repeating: 7, count: 10))
        dispatcher.offer(Array(rows[10...]), range: 1)
        for _ in 0..<10 { dispatcher.recalled(lane: 7) }
        _ = dispatcher.next(now: .zero)
        #expect(dispatcher.takeAdmissions().filter { $0.slot != nil }.count == 10)
    }

    @Test func rowsOfAnEarlierRunComeBackThroughTheirLane() {
        // An index value's rows were set aside; this run has nothing else to do.
        let lane = KeyLane.of(resource: 1, value: Self.date)
        var dispatcher = Dispatcher(ranges: 2, indexCount: 1, limits: [])
        dispatcher.restoreDeferred(lane: lane, count: 3)
        dispatcher.close(range: 0)
        dispatcher.close(range: 1)
        #expect(!dispatcher.isFinished && dispatcher.laneToRecall() == lane)
        dispatcher.offer(offers(0..<3, indexes: 1), values: [Self.date, Self.date, Self.date], range: 1)
        for _ in 0..<3 { dispatcher.recalled(lane: lane) }
        var now = MonotonicTime.zero
        var written = 0
        for _ in 0..<100 where !dispatcher.isFinished {
            switch dispatcher.next(now: now) {
            case .send(let id, _):
                written += dispatcher.settle(id, .answered(refused: [], consumed: nil), now: now).written.count
            case .wait(let until): now = until ?? now
            case .finished: break
            }
        }
        #expect(written == 3 && dispatcher.isFinished && dispatcher.parkedLanes == 0)
    }
}
