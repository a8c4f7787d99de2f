import SaltmillDispatching
import SaltmillPacing
import Testing

@Suite struct DispatcherTests {
    @Test func sendsFullRequestsFromAllRangesInTurn() {
        var world = World([offers(0..<100), offers(1000..<1100)])
        world.run()
        #expect(world.sends.map(\.tokens.count) == [25, 25, 25, 25, 25, 25, 25, 25])
        #expect(world.sends.first?.tokens.prefix(4) == [1000, 0, 1001, 1])
        #expect(world.written.sorted() == Array(0..<100) + Array(1000..<1100))
    }

    @Test func keepsARequestUnderItsLimitOfBytes() {
        var configuration = Dispatcher.Configuration()
        configuration.maximumBytes = 1000
        var world = World([offers(0..<10, bytes: 400)], configuration: configuration)
        world.run()
        #expect(world.sends.map(\.tokens.count) == [2, 2, 2, 2, 2])
    }

    @Test func sendsAnItemThatIsLargerThanTheLimitOfBytesAlone() {
        var configuration = Dispatcher.Configuration()
        configuration.maximumBytes = 1000
        var world = World([offers(0..<2, bytes: 5000)], configuration: configuration)
        world.run()
        #expect(world.sends.map(\.tokens.count) == [1, 1])
    }

    @Test(arguments: [50.0, 200, 2000, 7, 0.5])
    func keepsItsRateWithinOnePercentAndNoWindowAboveIt(rate: Double) {
        let seconds = rate < 5 ? 400.0 : 60
        let count = UInt64(rate * seconds)
        var world = World([offers(0..<count)], limits: [RateLimit(rate: rate, now: .zero)])
        world.run()
        #expect(UInt64(world.written.count) == count)
        let end = world.sends.last.map { ($0.time - .zero).inSeconds } ?? 0
        #expect(abs(Double(count) / end / rate - 1) < 0.01)
        for (index, first) in world.sends.enumerated() {
            var sum = 0
            for later in world.sends[index...] where later.time - first.time < .seconds(10) { sum += later.tokens.count }
            #expect(Double(sum) <= max(rate * 11, 1))
        }
    }

    @Test func settlesToWhatWasConsumed() {
        // Every item is believed to cost one unit and costs three: the limit holds for what is consumed.
        var world = World([offers(0..<6000)], limits: [RateLimit(rate: 300, now: .zero)])
        world.answer = { tokens, _ in .answered(refused: [], consumed: [Double(tokens.count) * 3]) }
        world.run()
        let end = (world.now - .zero).inSeconds
        #expect(abs(18_000 / end / 300 - 1) < 0.01)
    }

    @Test func oneLimitOverTheSumOfTableAndIndexes() {
        var world = World([offers(0..<3000, indexes: 0b11)], limits: [RateLimit(rate: 300, now: .zero)], indexCount: 2)
        world.answer = { tokens, _ in .answered(refused: [], consumed: [1, 1, 1].map { $0 * Double(tokens.count) }) }
        world.run()
        #expect(abs(9000 / (world.now - .zero).inSeconds / 300 - 1) < 0.01)
    }

    @Test func eachResourceHasItsOwnBucket() {
        // The index gives 100 units a second and only every second item is in it: it, not the table, decides.
        let limits = [RateLimit(resources: 1, rate: 1000, now: .zero), RateLimit(resources: 2, rate: 100, now: .zero)]
        let batch = offers(0..<4000).map { offer in
            var offer = offer
            offer.indexes = offer.token.isMultiple(of: 2) ? 1 : 0
            return offer
        }
        var world = World([batch], limits: limits, indexCount: 1)
        world.answer = { tokens, _ in
            .answered(refused: [], consumed: [Double(tokens.count), Double(tokens.count { $0.isMultiple(of: 2) })])
        }
        world.run()
        #expect(abs(2000 / (world.now - .zero).inSeconds / 100 - 1) < 0.02)
    }

    @Test func learnsWhatAnIndexReallyCosts() {
        // Items of 10 units enter an index that holds only keys: 1 unit each. The share of the index must not hold the table back.
        let limits = [RateLimit(resources: 1, rate: 1000, now: .zero), RateLimit(resources: 2, rate: 200, now: .zero)]
        var world = World([offers(0..<3000, units: 10, indexes: 1)], limits: limits, indexCount: 1)
        world.answer = { tokens, _ in .answered(refused: [], consumed: [Double(tokens.count) * 10, Double(tokens.count)]) }
        world.run()
        #expect(30_000 / (world.now - .zero).inSeconds > 970)
    }

    @Test func refusedTriesAndRequestsWithoutAnswerStayCharged() {
        var calls = 0
        var world = World([offers(0..<2000)], limits: [RateLimit(rate: 100, now: .zero)])
        world.answer = { tokens, _ in
            calls += 1
            return calls % 3 == 0 ? .failed : calls % 3 == 1 ? .throttled() : .answered(refused: [], consumed: nil)
        }
        world.run()
        let tries = world.sends.reduce(0) { $0 + $1.tokens.count }
        #expect(tries > 4000)
        #expect(Double(tries) / (world.now - .zero).inSeconds <= 101)
        #expect(world.written.count == 2000)
    }

    @Test func aRefusedKeyWaitsAndTheOthersGoOn() {
        let hot = (0..<200).map { Offer(token: $0, key: mix($0), lane: 42, units: 1, bytes: 100) }
        let mixed = zip(hot, offers(1000..<1200)).flatMap { [$0, $1] }
        var world = World([mixed], limits: [RateLimit(rate: 1000, now: .zero)])
        let opens = MonotonicTime.zero + .seconds(30)
        world.answer = { tokens, now in
            .answered(refused: tokens.indices.filter { tokens[$0] < 1000 && now < opens }, consumed: nil)
        }
        world.run()
        #expect(world.written.count == 400)
        #expect(world.writtenAt.filter { $0.key >= 1000 }.values.max().map { $0 < .zero + .seconds(1) } == true)
        #expect(world.writtenAt.filter { $0.key < 1000 }.values.min().map { $0 > opens } == true)
        let probes = world.sends.filter { $0.time < opens && $0.time > .zero + .seconds(1) && $0.tokens.contains { $0 < 1000 } }
        #expect(probes.count < 60, "a key that stays hot is probed, not hammered: \(probes.count)")
        #expect(probes.allSatisfy { $0.tokens.count { $0 < 1000 } == 1 })
    }

    @Test func writesOfOneKeyGoOneAfterTheOtherInOrder() {
        let same = (0..<50).map { Offer(token: $0, key: 7, lane: 7, units: 1, bytes: 100) }
        var world = World([same])
        world.run()
        #expect(world.written == Array(0..<50))
        #expect(world.sends.count == 50)
    }

    @Test(arguments: [0, 13, 24, 99])
    func isolatesAPoisonousWriteAndKeepsTheRest(poison: UInt64) {
        var world = World([offers(0..<100)])
        world.answer = { tokens, _ in tokens.contains(poison) ? .invalid : .answered(refused: [], consumed: nil) }
        world.run()
        #expect(world.rejected == [poison])
        #expect(world.written.sorted() == (0..<100).filter { $0 != poison })
    }

    @Test func rejectsEveryWriteWhenAllArePoisonous() {
        var world = World([offers(0..<60)])
        world.answer = { _, _ in .invalid }
        world.run()
        #expect(world.rejected.sorted() == Array(0..<60))
    }

    @Test func anOutageIsAPauseWithSingleProbes() {
        let back = MonotonicTime.zero + .seconds(3600)
        var world = World([offers(0..<5000)])
        world.answer = { _, now in now < back ? .failed : .answered(refused: [], consumed: nil) }
        world.run()
        #expect(world.written.count == 5000)
        let during = world.sends.filter { $0.time > .zero + .seconds(60) && $0.time < back }
        #expect(during.count > 50 && during.count < 1500, "\(during.count) probes in an hour")
        #expect((world.now - back) < .seconds(31))
    }

    @Test func aKeyThatHardlyDrainsHoldsNobodyUpAndIsSetAside() {
        // Half of the rows belong to one key, of which the store takes ten a second; the others must not notice.
        let rows = (0..<20_000).map { number -> Offer in
            let isHot = number % 2 == 0
            return Offer(token: UInt64(number), key: mix(UInt64(number)), lane: isHot ? 42 : mix(UInt64(number)), units: 1, bytes: 100)
        }
        var world = World([rows], limits: [RateLimit(rate: 1000, now: .zero)])
        var bucket = TokenBucket(rate: 10, now: .zero)
        world.answer = { tokens, now in
            let refused = tokens.indices.filter { position in
                guard tokens[position].isMultiple(of: 2) else { return false }
                if bucket.available(at: now) < 1 { return true }
                bucket.charge(1, now: now)
                return false
            }
            return .answered(refused: refused, consumed: nil)
        }
        world.run(until: .zero + .seconds(60))
        let others = world.writtenAt.filter { !$0.key.isMultiple(of: 2) }
        #expect(others.count == 10_000)
        #expect(others.values.max().map { $0 < .zero + .seconds(11) } == true, "10,000 rows at 1,000 a second, and 5 % for the probes")
        #expect(world.mostDeferred > 9000)
        #expect(world.dispatcher.unsettled <= 128)
        let hot = world.written.filter { $0.isMultiple(of: 2) }
        #expect(hot.count > 350, "the hot key gets nearly all that it may have: \(hot.count) of 600")
    }

    @Test func takesUpNoMoreThanItsWindow() {
        var configuration = Dispatcher.Configuration()
        configuration.window = 300
        configuration.laneCapacity = 1000
        let hot = (0..<5000).map { Offer(token: UInt64($0), key: mix(UInt64($0)), lane: UInt64($0 % 3 + 1), units: 1, bytes: 100) }
        var world = World([hot], configuration: configuration)
        world.answer = { tokens, _ in .answered(refused: Array(tokens.indices), consumed: nil) }
        world.run(until: .zero + .seconds(100))
        #expect(world.dispatcher.unsettled <= 300)
        #expect(world.dispatcher.unsettled > 100)
    }

    @Test func waitsForMoreRowsRatherThanSendingCrumbs() {
        var dispatcher = Dispatcher(ranges: 2, indexCount: 0, limits: [])
        dispatcher.offer(offers(0..<30), range: 0)
        guard case .send(let first, let slots) = dispatcher.next(now: .zero) else {
            Issue.record("a full request goes out")
            return
        }
        #expect(slots.count == 25)
        #expect(dispatcher.next(now: .zero) == .wait(until: nil), "five more rows wait while a request is under way")
        dispatcher.offer(offers(30..<60), range: 0)
        guard case .send(_, let more) = dispatcher.next(now: .zero) else {
            Issue.record("with the next rows the request is full")
            return
        }
        #expect(more.count == 25)
        _ = dispatcher.settle(first, .answered(refused: [], consumed: nil), now: .zero)
        dispatcher.close(range: 0)
        dispatcher.close(range: 1)
        guard case .send(_, let last) = dispatcher.next(now: .zero) else {
            Issue.record("the rest goes out when no more come")
            return
        }
        #expect(last.count == 10)
    }

    @Test func anUnknownBatchSettlesNothing() {
        var dispatcher = Dispatcher(ranges: 2, indexCount: 0, limits: [])
        let settlement = dispatcher.settle(BatchID(number: 99), .answered(refused: [], consumed: nil), now: .zero)
        #expect(settlement.written.isEmpty && settlement.refused.isEmpty && settlement.rejected.isEmpty)
    }
}
