import SaltmillPacing
import Testing

/// The law by itself: answers at fixed intervals from a store that refuses what is above its capacity.
@Suite struct AdaptiveCapacityTests {
    private func at(_ seconds: Double) -> MonotonicTime { .zero + .seconds(seconds) }

    /// Feeds an answer every twentieth of a second, for tries at the law's rate or at the most that the sender manages.
    private func feed(
        _ law: inout AdaptiveCapacity, from: Double, seconds: Double, capacity: Double, offered: Double = .infinity
    ) {
        for step in 1...Int(seconds * 20) {
            let tries = min(law.rate, offered) / 20
            let accepted = min(tries, capacity / 20)
            law.note(accepted: accepted, refused: tries - accepted, now: at(from + Double(step) / 20))
        }
    }

    @Test func beginsLowWhenNothingIsKnownAndJustBelowWhatIs() {
        #expect(AdaptiveCapacity(known: nil, now: .zero).rate == AdaptiveCapacity.firstRate)
        #expect(AdaptiveCapacity(known: 4000, now: .zero).rate == 3960)
        #expect(AdaptiveCapacity(known: 0, now: .zero).rate == AdaptiveCapacity.leastRate)
    }

    @Test func doublesUntilSomethingIsRefused() {
        var law = AdaptiveCapacity(known: nil, now: .zero)
        feed(&law, from: 0, seconds: 1, capacity: .infinity)
        #expect(law.isSearching)
        #expect(law.rate == 4000 * 32, "twice as much in a fifth of a second")
        feed(&law, from: 1, seconds: 4, capacity: 20_000)
        #expect(!law.isSearching)
        #expect(abs(law.rate / 20_000 - 1) < 0.1, "\(law.rate)")
    }

    @Test func doesNotGrowBeyondWhatTheSenderManages() {
        var law = AdaptiveCapacity(known: nil, now: .zero)
        feed(&law, from: 0, seconds: 60, capacity: .infinity, offered: 5000)
        #expect(law.rate > 5000 && law.rate <= 16_000, "\(law.rate)")
        let before = law.rate
        law.note(accepted: 25, refused: 0, now: at(3600))
        #expect(law.rate == before, "an idle hour is no reason to go faster")
    }

    @Test func aRefusalAfterAnIdleHourIsMeasuredByItsFractionOnly() {
        var law = AdaptiveCapacity(known: 1000, now: .zero)
        law.note(accepted: 12, refused: 13, now: at(3600))
        #expect(law.rate > 500)
    }

    @Test func findsACapacityFarBelowTheRateInAMoment() {
        for capacity in [500.0, 4000, 40_000] {
            var law = AdaptiveCapacity(known: capacity, now: .zero)
            feed(&law, from: 0, seconds: 10, capacity: capacity)
            feed(&law, from: 10, seconds: 2, capacity: capacity / 4)
            #expect(abs(law.rate / (capacity / 4) - 1) < 0.1, "\(law.rate) of \(capacity / 4)")
        }
    }

    @Test func neverExceedsWhatIsKnown() {
        var law = AdaptiveCapacity(known: 1000, now: .zero)
        for second in 0..<60 {
            feed(&law, from: Double(second), seconds: 1, capacity: .infinity)
            #expect(law.rate <= 990)
        }
        #expect(law.rate == 990)
    }

    @Test func aTableThatWasGivenMoreIsUsedAtOnceAndOneThatWasGivenLessToo() {
        var law = AdaptiveCapacity(known: 1000, now: .zero)
        law.know(4000)
        #expect(law.rate == 3960)
        law.know(500)
        #expect(law.rate == 495)
        law.know(nil)
        #expect(law.rate == 495, "what it does not say any more is no reason to change")
    }

    @Test func whatOthersTakeStaysTheirsWhenTheTableIsGivenMore() {
        var law = AdaptiveCapacity(known: 4000, now: .zero)
        feed(&law, from: 0, seconds: 5, capacity: 4000)
        feed(&law, from: 5, seconds: 4, capacity: 2000)
        #expect(abs(law.rate - 2000) < 200)
        law.know(5000)
        #expect(abs(law.rate - 3000) < 250)
    }

    @Test func whatGetsKnownEndsTheSearch() {
        var law = AdaptiveCapacity(known: nil, now: .zero)
        law.know(4000)
        #expect(law.rate == 3960)
    }

    @Test func aStoreThatRefusesEverythingSlowsToTheLeastAndIsUsedAgainWhenItRecovers() {
        var law = AdaptiveCapacity(known: nil, now: .zero)
        feed(&law, from: 0, seconds: 15, capacity: 4000)
        feed(&law, from: 15, seconds: 20, capacity: 0)
        #expect(law.rate >= AdaptiveCapacity.leastRate && law.rate < 40)
        feed(&law, from: 35, seconds: 40, capacity: 4000)
        #expect(abs(law.rate / 4000 - 1) < 0.1, "\(law.rate)")
    }
}
