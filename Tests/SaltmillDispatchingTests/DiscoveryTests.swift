import SaltmillDispatching
import SaltmillPacing
import SaltmillPartitions
import Testing

/// The dispatcher against tables of even partitions: what it finds out of their capacity, and what a hot key does to the others.
@Suite struct DiscoveryTests {
    /// A table of even partitions with buckets of one second.
    private struct Table {
        var partitions: [TokenBucket]

        init(units: Double, partitions: Int) {
            self.partitions = (0..<partitions).map { _ in TokenBucket(rate: units / Double(partitions), now: .zero) }
        }

        mutating func admits(_ lane: UInt64, _ units: Double, _ now: MonotonicTime) -> Bool {
            let partition = Int(lane % UInt64(partitions.count))
            guard partitions[partition].available(at: now) >= units else { return false }
            partitions[partition].charge(units, now: now)
            return true
        }
    }

    private func run(_ world: inout World, table: Table, lanes: [UInt64: UInt64], until end: Double) {
        var table = table
        world.answer = { tokens, now in
            let refused = tokens.indices.filter { !table.admits(lanes[tokens[$0], default: mix(tokens[$0] &+ 1 << 40)], 1, now) }
            return .answered(refused: refused, consumed: [Double(tokens.count - refused.count)])
        }
        world.run(until: .zero + .seconds(end))
    }

    /// Units a second written, and the share of tries refused, between two times.
    private func figures(_ world: World, from: Double, to: Double) -> (used: Double, refused: Double) {
        let start = MonotonicTime.zero + .seconds(from)
        let end = MonotonicTime.zero + .seconds(to)
        let written = world.writtenAt.values.count { $0 > start && $0 <= end }
        let tries = world.sends.filter { $0.time > start && $0.time <= end }.reduce(0) { $0 + $1.tokens.count }
        return (Double(written) / (to - from), Double(max(tries - written, 0)) / Double(max(tries, 1)))
    }

    @Test(arguments: [1, 8])
    func aKnownCapacityIsUsedNearlyWholeWithHardlyARefusal(partitions: Int) {
        let limits = [RateLimit.discovered(resource: 0, known: 4000, now: .zero)]
        var world = World([offers(0..<100_000)], limits: limits)
        run(&world, table: Table(units: 4000, partitions: partitions), lanes: [:], until: 20)
        let (used, refused) = figures(world, from: 2, to: 20)
        #expect(used >= 4000 * 0.975, "used \(used)")
        #expect(refused <= 0.005, "refused \(refused)")
    }

    /// The partition model itself: 4,000 units over eight partitions without a reserve beyond the current second.
    @Test(arguments: [4000.0, nil])
    func eightPartitionsOfTheModelAreUsedNearlyWhole(known: Double?) {
        let starts = (0..<8).map { UInt64($0) << 61 }
        let throughput = Throughput.provisioned(read: 1, write: 4000)
        var table = PartitionedTable(table: PartitionSet(throughput, starts: starts, burst: .zero, at: 0))
        var world = World([offers(0..<140_000)], limits: [RateLimit.discovered(resource: 0, known: known, now: .zero)])
        world.answer = { tokens, now in
            let refused = tokens.indices.filter { index in
                let charge = Charge(.table, .write, position: mix(tokens[index] &+ 1 << 41), units: 1)
                return (try? table.admit(charge, at: now.nanoseconds)) == nil
            }
            return .answered(refused: refused, consumed: [Double(tokens.count - refused.count)])
        }
        world.run(until: .zero + .seconds(30))
        let (used, refused) = figures(world, from: known == nil ? 10 : 2, to: 30)
        #expect(used >= 4000 * (known == nil ? 0.96 : 0.98), "used \(used)")
        #expect(refused <= (known == nil ? 0.01 : 0.005), "refused \(refused)")
    }

    @Test func whatTheTableSaysOfItselfIsFollowed() {
        var dispatcher = Dispatcher(
            ranges: 1, indexCount: 1,
            limits: [
                RateLimit(rate: 800, now: .zero), .discovered(resource: 0, known: 1000, now: .zero),
                .discovered(resource: 1, known: nil, now: .zero),
            ])
        dispatcher.know([4000, 500], now: .zero)
        #expect(dispatcher.limits.map(\.bucket.rate) == [800, 3960, 495])
        dispatcher.know([2000], now: .zero)
        #expect(dispatcher.limits.map(\.bucket.rate) == [800, 1980, 495])
    }

    @Test func whenOthersWriteTooTheRateGivesWayAndComesBack() {
        // Of 4,000 units another writer takes half between 15 and 35 seconds.
        var table = Table(units: 4000, partitions: 8)
        var world = World([offers(0..<220_000)], limits: [RateLimit.discovered(resource: 0, known: 4000, now: .zero)])
        var isHalved = false
        world.answer = { tokens, now in
            let shouldHalve = now > .zero + .seconds(15) && now < .zero + .seconds(35)
            if shouldHalve != isHalved {
                isHalved = shouldHalve
                for partition in table.partitions.indices { table.partitions[partition].setRate(isHalved ? 250 : 500, now: now) }
            }
            let refused = tokens.indices.filter { !table.admits(mix(tokens[$0] &+ 1 << 40), 1, now) }
            return .answered(refused: refused, consumed: [Double(tokens.count - refused.count)])
        }
        world.run(until: .zero + .seconds(60))
        let halved = figures(world, from: 22, to: 35)
        #expect(halved.used >= 2000 * 0.95 && halved.refused <= 0.05, "\(halved)")
        let whole = figures(world, from: 45, to: 55)
        #expect(whole.used >= 4000 * 0.95 && whole.refused <= 0.02, "\(whole)")
    }

    @Test func oneHotKeyDoesNotSlowTheTableDown() {
        // Three rows in ten belong to one key, whose partition takes 500 units a second; the others fill the ceiling of 2,000.
        let count: UInt64 = 40_000
        let lanes = Dictionary(uniqueKeysWithValues: (0..<count).filter { $0 % 10 < 3 }.map { ($0, UInt64(8)) })
        let rows = (0..<count).map { Offer(token: $0, key: mix($0), lane: lanes[$0] ?? mix($0 &+ 1 << 40), units: 1, bytes: 100) }
        let limits = [RateLimit(rate: 2000, now: .zero), RateLimit.discovered(resource: 0, known: 4000, now: .zero)]
        var world = World([rows], limits: limits)
        run(&world, table: Table(units: 4000, partitions: 8), lanes: lanes, until: 60)
        let others = world.writtenAt.filter { $0.key % 10 >= 3 }
        let end = (others.values.max() ?? .zero) - .zero
        #expect(others.count == 28_000)
        #expect(end.inSeconds < 28_000 / 1500 * 1.15, "at 2,000 a second less what the hot key takes: \(end)")
        #expect(world.written.count == 40_000, "the hot key's rows arrive too")
    }
}
