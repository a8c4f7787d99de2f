import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillPacing
import Testing

/// Reading tables in virtual time: the limit, refusals, failures, kills.
@Suite struct ScanStateTests {
    private static func sizes(_ count: Int, around size: Int = 250) -> [Int] {
        (0..<count).map { size / 2 + $0 * 7919 % size }
    }

    private static func everything(_ world: ScanWorld) -> [[Int]] { world.tables.map { Array($0.sizes.indices) } }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func everyItemIsReadOnce(seed: UInt64) {
        var world = ScanWorld(
            [.init("a", sizes: Self.sizes(20_000)), .init("b", sizes: [], segments: 2), .init("c", sizes: [100])], seed: seed)
        let state = world.run()
        #expect(state.ending == nil && world.isComplete)
        #expect(world.written == Self.everything(world))
        #expect(state.scanned == 20_001)
        // Nothing limits the pages: none has a limit of items.
        #expect(world.requests.allSatisfy { $0.limit == nil })
    }

    @Test(arguments: [(1.0, 400), (20, 1000), (100, 250), (100, 20_000), (2000, 4000)])
    func theCeilingIsKeptWithinAPercent(rate: Double, size: Int) {
        let seconds = 60.0
        let count = min(Int(rate * 2 * 4096 * (seconds + 30)) / size, 3_000_000)
        var world = ScanWorld([.init("t", sizes: Self.sizes(count, around: size))], seed: 7)
        world.ceiling = .absolute(rate, .units)
        let state = world.run(until: .zero + .seconds(seconds))
        #expect(!world.isComplete && state.ending == nil, "the table is too small for this test")
        let units = world.consumption.reduce(0) { $0 + $1.units }
        // A page more or less is within any limit; with one unit a second it is more than a percent.
        #expect(abs(units / (rate * seconds) - 1) <= max(0.01, 1.5 / (rate * seconds)), "\(units) units in \(seconds) s at \(rate)/s")
        #expect(abs(state.usage.units[0] - units) <= rate)
    }

    @Test func noSecondIsFarAboveTheCeiling() {
        var world = ScanWorld([.init("t", sizes: Self.sizes(200_000))], seed: 3)
        world.ceiling = .absolute(100, .units)
        _ = world.run(until: .zero + .seconds(60))
        var low = 0
        var sum = 0.0
        var worst = 0.0
        for entry in world.consumption {
            sum += entry.units
            while world.consumption[low].time <= entry.time + .seconds(-1) {
                sum -= world.consumption[low].units
                low += 1
            }
            worst = max(worst, sum)
        }
        // The bucket holds a second: one second's units may come on top of those of the second itself.
        #expect(worst <= 205, "\(worst) units within a second")
    }

    @Test func pagesAreSmallAtFirst() {
        // Two items of 400 KB are a second's units.
        var world = ScanWorld([.init("t", sizes: Array(repeating: 409_600, count: 50))], seed: 3)
        world.ceiling = .absolute(100, .units)
        _ = world.run(until: .zero + .seconds(10))
        #expect(world.requests.allSatisfy { $0.limit == 1 })
    }

    @Test func aShareIsOfEachTable() {
        var world = ScanWorld(
            [.init("a", sizes: Self.sizes(400_000), provisioned: 200), .init("b", sizes: Self.sizes(400_000), provisioned: 50)], seed: 5)
        world.ceiling = .share(0.5)
        let state = world.run(until: .zero + .seconds(30))
        #expect(state.ceilingRate == 125)
        let units = world.consumption.reduce(0) { $0 + $1.units }
        #expect(abs(units / (125 * 30) - 1) <= 0.02, "\(units)")
        let first = world.written[0].count
        #expect(abs(Double(first) / Double(world.written[1].count) - 4) < 0.4)
    }

    @Test func tablesShareOneCeiling() {
        var world = ScanWorld([.init("a", sizes: Self.sizes(400_000)), .init("b", sizes: Self.sizes(400_000))], seed: 5)
        world.ceiling = .absolute(100, .units)
        _ = world.run(until: .zero + .seconds(30))
        let units = world.consumption.reduce(0) { $0 + $1.units }
        #expect(abs(units / 3000 - 1) <= 0.01, "\(units)")
        #expect(abs(Double(world.written[0].count) / Double(world.written[1].count) - 1) < 0.1)
    }

    @Test func whatTheTableAdmitsIsFoundOutFromRefusals() {
        // Others use four fifths of what the table says it has.
        var table = ScanWorld.Table("t", sizes: Self.sizes(2_000_000), provisioned: 1000)
        table.bucket = TokenBucket(rate: 400, now: .zero)
        var world = ScanWorld([table], seed: 11)
        let state = world.run(until: .zero + .seconds(60))
        let units = world.consumption.filter { $0.time > .zero + .seconds(20) }.reduce(0) { $0 + $1.units }
        #expect(units / 40 > 300, "\(units / 40) units a second of 400")
        let refused = Double(state.usage.throttledRequests) / Double(state.usage.requests)
        #expect(refused < 0.35, "\(refused) refused")
        #expect(state.ending == nil)
    }

    @Test func whatATableOnDemandAdmitsIsFoundOutFromRefusalsToo() {
        var table = ScanWorld.Table("t", sizes: Self.sizes(2_000_000))
        table.bucket = TokenBucket(rate: 1000, now: .zero)
        var world = ScanWorld([table], seed: 12)
        let state = world.run(until: .zero + .seconds(50))
        let units = world.consumption.filter { $0.time > .zero + .seconds(10) }.reduce(0) { $0 + $1.units }
        #expect(units / 40 > 800, "\(units / 40) units a second of 1000")
        let refused = Double(state.usage.throttledRequests) / Double(state.usage.requests)
        #expect(refused < 0.2, "\(refused) refused")
    }

    @Test func theScheduleSaysHowFastAndWhetherAtAll() {
        var state = ScanState(ceiling: .share(0.5), now: .zero)
        let segments = [ScanState.Source.Segment(body: ScanBody(ScanRequest(table: "t")))]
        _ = state.add(.init(provisioned: 100, isConsistent: false, segments: segments), now: .zero)
        #expect(state.ceilingRate == 50)
        let second = MonotonicTime.zero + .seconds(1)
        state.setCeiling(.none, closed: "closed by the schedule", now: second)
        guard case .wait(nil) = state.next(now: second) else {
            Issue.record("a request in hours that are closed")
            return
        }
        #expect(state.problem == "closed by the schedule")
        state.setCeiling(.absolute(20, .units), closed: nil, now: second)
        #expect(state.ceilingRate == 20 && state.problem == nil)
        guard case .send = state.next(now: second + .seconds(1)) else {
            Issue.record("no request in hours that are open")
            return
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func refusalsAndFailuresLoseNothing(seed: UInt64) {
        var world = ScanWorld([.init("a", sizes: Self.sizes(30_000)), .init("b", sizes: Self.sizes(3000), provisioned: 1000)], seed: seed)
        world.failing = 0.3
        world.throttled = 0.3
        world.ceiling = .absolute(3000, .units)
        let state = world.run()
        #expect(state.ending == nil && world.isComplete)
        #expect(world.written == Self.everything(world))
        #expect(state.usage.failedRequests > 0 && state.usage.throttledRequests > 0)
    }

    @Test func anOutageIsAPause() {
        var world = ScanWorld([.init("a", sizes: Self.sizes(200_000))], seed: 9)
        world.ceiling = .absolute(100, .units)
        world.outage = 5_000_000_000..<125_000_000_000
        let state = world.run()
        #expect(state.ending == nil && world.written == Self.everything(world))
        let asked = world.requests.filter { world.outage?.contains($0.time.nanoseconds) ?? false }
        #expect(asked.count < 40, "\(asked.count) requests in two minutes of silence")
    }

    @Test func beforeTheFirstPageAPermanentFailureEndsTheTable() {
        var world = ScanWorld([.init("a", sizes: Self.sizes(100)), .init("b", sizes: Self.sizes(20_000))], seed: 1)
        world.tables[0].brokenFrom = (1, .failed(Problem("not permitted", isPermanent: true)))
        let state = world.run()
        #expect(state.ending == nil)
        #expect(state.failure(ofTable: 0) == "not permitted" && state.failure(ofTable: 1) == nil)
        #expect(world.written[1] == Array(0..<20_000))
    }

    @Test func whereNothingEverAnswersTheDumpEndsToBeRunAgain() {
        var world = ScanWorld([.init("a", sizes: Self.sizes(100))], seed: 1)
        world.failing = 1
        #expect(world.run().ending == .temporary("no answer"))
        #expect(world.now < .zero + .seconds(120))
    }

    @Test func afterTheFirstPageAPermanentFailureIsWaitedFor() {
        var world = ScanWorld([.init("a", sizes: Self.sizes(40_000))], seed: 1)
        world.tables[0].brokenFrom = (6, .failed(Problem("credentials", isPermanent: true)))
        let state = world.run(until: .zero + .seconds(600))
        #expect(state.ending == nil && state.failure(ofTable: 0) == nil && state.problem == "credentials")
        #expect(world.requests.count < 100)
    }

    @Test func aTableThatGoesAwayIsGivenUpAndTheOthersGoOn() {
        var world = ScanWorld([.init("a", sizes: Self.sizes(40_000)), .init("b", sizes: Self.sizes(40_000))], seed: 4)
        world.tables[0].brokenFrom = (9, .broken(Problem("the table is gone")))
        let state = world.run()
        #expect(state.failure(ofTable: 0) == "the table is gone" && !world.isComplete)
        #expect(world.written[1] == Array(0..<40_000))
    }

    @Test func pagesOfATableThatWasGivenUpHoldNothingBack() throws {
        var configuration = ScanState.Configuration()
        configuration.maximumBuffered = 32 << 20
        var state = ScanState(now: .zero, configuration: configuration)
        let source = ScanState.Source(
            provisioned: nil, isConsistent: false,
            segments: (0..<4).map { _ in ScanState.Source.Segment(body: ScanBody(ScanRequest(table: "t"))) })
        _ = state.add(source, now: .zero)
        _ = state.add(source, now: .zero)
        var flights: [ScanState.FlightID] = []
        // By then the bucket of what a table on demand admits is full.
        while case .send(let id, _) = state.next(now: .zero + .seconds(1)) { flights.append(id) }
        try #require(flights.count >= 4)
        // While one page of the first table is broken, the others are under way; their writers leave.
        state.settle(flights[0], .broken(Problem("the table is gone")), now: .zero)
        for segment in 0..<4 {
            guard case .abandon = state.work(segment: segment) else {
                Issue.record("the writer of segment \(segment) stays")
                return
            }
        }
        let text = #"{"Items":[{"k":{"S":"\#(String(repeating: "x", count: 12 << 20))"}}],"Count":1,"ScannedCount":1}"#
        for flight in flights[1...3] { state.settle(flight, .page(try ScanPage(reading: Array(text.utf8))), now: .zero) }
        for flight in flights[4...] { state.settle(flight, .throttled, now: .zero) }
        for segment in 0..<4 {
            guard case .abandon = state.work(segment: segment) else {
                Issue.record("segment \(segment) is taken to be read")
                return
            }
        }
        // The other table goes on.
        guard case .send = state.next(now: .zero + .seconds(10)) else {
            Issue.record("the other table waits for ever")
            return
        }
    }

    @Test func afterAnEndNothingIsAskedAndWhatHasComeIsHandedOver() {
        var world = ScanWorld([.init("a", sizes: Self.sizes(40_000))], seed: 4)
        world.ceiling = .absolute(100, .units)
        var state = world.run(until: .zero + .seconds(3))
        state.end(.interrupted)
        guard case .wait(nil) = state.next(now: world.now + .seconds(10)) else {
            Issue.record("a request after the end")
            return
        }
    }

    /// After every possible number of steps the dump is killed and begun again, with pages lost that were not on the disk: in the end every item
    /// is there once.
    @Test func killedAnywhereAndResumedItIsExact() {
        for steps in 1...150 {
            var world = ScanWorld(
                [.init("a", sizes: Self.sizes(3000), segments: 3), .init("b", sizes: Self.sizes(1), segments: 2)], seed: UInt64(steps))
            world.ceiling = .absolute(60, .units)
            world.failing = 0.1
            world.pagesBetweenSaves = 1 + steps % 3
            _ = world.run(steps: steps)
            _ = world.run(steps: steps / 2 + 1)
            let state = world.run()
            #expect(state.ending == nil && world.isComplete)
            #expect(world.written == Self.everything(world), "killed after \(steps) steps")
        }
    }

    @Test func buffersAreBounded() {
        // Nothing is written: after sixteen megabytes or so nothing more is asked for.
        var world = ScanWorld([.init("a", sizes: Self.sizes(1_000_000), segments: 64)], seed: 4)
        world.configuration.maximumBuffered = 16 << 20
        world.writes = false
        let state = world.run()
        #expect(state.inFlight == 0 && !world.isComplete && state.ending == nil)
        // A page of a megabyte of these items is about 75 KB of JSON.
        #expect((100...220).contains(world.requests.count), "\(world.requests.count)")
    }
}
