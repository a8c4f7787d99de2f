import SaltmillDispatching
import SaltmillPacing
import Testing

/// Random worlds from printed seeds: whatever the store answers, every write is settled exactly once.
@Suite struct ChaosTests {
    @Test(arguments: 0..<200)
    func everyWriteIsSettledExactlyOnce(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let ranges = Int.random(in: 1...6, using: &random)
        let keys = UInt64.random(in: 5...3000, using: &random)
        let lanes = UInt64.random(in: 1...40, using: &random)
        var token: UInt64 = 0
        let batches = (0..<ranges).map { _ in
            (0..<Int.random(in: 0...400, using: &random)).map { _ in
                token += 1
                let key = UInt64.random(in: 0..<keys, using: &random)
                return Offer(
                    token: token, key: mix(key), lane: key % lanes + 1, units: UInt32.random(in: 1...5, using: &random),
                    indexes: UInt32.random(in: 0...3, using: &random), bytes: UInt32.random(in: 50...9000, using: &random))
            }
        }
        var configuration = Dispatcher.Configuration()
        configuration.seed = seed
        configuration.window = Int.random(in: 30...500, using: &random)
        configuration.laneCapacity = Int.random(in: 5...50, using: &random)
        configuration.maximumInFlight = Int.random(in: 1...20, using: &random)
        configuration.maximumBytes = 100_000
        let limits = [RateLimit(resources: 1, rate: 3000, now: .zero), RateLimit(resources: 6, rate: 4000, now: .zero)]
        // Some have few values of the indexes' keys, and one of those is refused more often than others.
        let few = UInt64.random(in: 1...50, using: &random)
        var values: [UInt64: [UInt64]] = [:]
        for number in 1...max(token, 1) where seed.isMultiple(of: 2) { values[number] = [mix(number % few), number % 3] }
        let hotShare = Double.random(in: 0...0.9, using: &random)
        var world = World(batches, values: values, limits: limits, indexCount: 2, configuration: configuration)
        world.latency = .milliseconds(Int.random(in: 0...50, using: &random))
        let poison = Set((0..<3).map { _ in UInt64.random(in: 1...max(token, 1), using: &random) })
        let weights = (0..<4).map { _ in Double.random(in: 0...0.25, using: &random) }
        world.answer = { tokens, _ in
            if !poison.isDisjoint(with: tokens) { return .invalid }
            let draw = Double.random(in: 0..<1, using: &random)
            if draw < weights[0] { return .throttled() }
            if draw < weights[0] + weights[1] { return .failed }
            let refused = tokens.indices.filter { position in
                Double.random(in: 0..<1, using: &random) < (values[tokens[position]]?[0] == mix(0) ? hotShare : weights[2])
            }
            guard weights[3] < 0.2 else { return .answered(refused: refused, consumed: nil) }
            return .answered(refused: refused, consumed: [Double](repeating: Double(tokens.count - refused.count), count: 3))
        }
        world.run()
        let settled = (world.written + world.rejected).sorted()
        #expect(settled == (token == 0 ? [] : Array(1...token)), "seed \(seed)")
        #expect(Set(world.rejected) == poison.filter { $0 <= token && token > 0 }, "seed \(seed)")
        #expect(world.dispatcher.unsettled == 0 && world.dispatcher.parkedLanes == 0 && world.dispatcher.inFlight == 0)
    }
}
