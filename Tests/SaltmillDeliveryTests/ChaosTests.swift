import Foundation
import Testing

/// The delivery against everything that can go wrong, in virtual time, from seeds: see ``ChaosWorld``.
///
/// `SEEDS=10000` plays more seeds, `SEED=7` plays one of them and prints its steps.
@Suite struct ChaosTests {
    private static func number(_ name: String) -> UInt64? { ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } }
    private static let seeds = number("SEED").map { $0..<$0 + 1 } ?? 0..<(number("SEEDS") ?? 300)

    @Test func thePromisesHoldWhateverHappens() {
        var broken = 0
        for seed in Self.seeds where broken < 20 {
            do {
                try Scenario(seed: seed).play(trace: Trace(isPrinted: Self.seeds.count == 1))
            } catch {
                broken += 1
                Issue.record("seed \(seed): \(error)")
            }
        }
    }
}

@Suite struct ChaosVariantTests {
    /// A simulation that lets a delivery pass which is wrong on purpose checks nothing; the right one must pass in the same world.
    @Test(arguments: WrongVariant.allCases) func everyWrongVariantIsCaught(variant: WrongVariant) {
        let caught = (0..<100 as Range<UInt64>).first { seed in !passes(seed, variant) && passes(seed, nil) }
        #expect(caught != nil, "\(variant) passes for right in 100 worlds")
    }

    private func passes(_ seed: UInt64, _ variant: WrongVariant?) -> Bool {
        do {
            try Scenario(seed: seed).play(variant: variant)
            return true
        } catch {
            return false
        }
    }

    @Test func aSeedIsAlwaysTheSameWorld() throws {
        for seed in 0..<10 as Range<UInt64> {
            let (one, other) = (Trace(), Trace())
            try Scenario(seed: seed).play(trace: one)
            try Scenario(seed: seed).play(trace: other)
            #expect(one.digest == other.digest && one.digest != 0)
        }
    }
}
