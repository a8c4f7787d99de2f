import SaltmillPacing
import Testing

@Suite struct TokenBucketTests {
    private func at(_ seconds: Double) -> MonotonicTime { .zero + .seconds(seconds) }

    @Test func startsEmptyAndHoldsOneSecondOfTheRate() {
        let bucket = TokenBucket(rate: 200, now: .zero)
        #expect(bucket.available(at: .zero) == 0)
        #expect(bucket.available(at: at(0.5)) == 100)
        #expect(bucket.available(at: at(60)) == 200)
    }

    @Test func saysWhenTokensWillBeThere() {
        var bucket = TokenBucket(rate: 50, now: .zero)
        #expect(bucket.time(of: 25, now: .zero) == at(0.5))
        #expect(bucket.time(of: 500, now: .zero) == at(1), "more than it holds cannot be waited for")
        bucket.charge(10, now: at(0.5))
        #expect(bucket.available(at: at(0.5)) == 15)
        #expect(bucket.time(of: 15, now: at(0.5)) == at(0.5))
    }

    @Test func goesIntoDebtAndPaysItBackBeforeAnythingElse() {
        var bucket = TokenBucket(rate: 10, now: .zero)
        bucket.charge(30, now: at(1))
        #expect(bucket.available(at: at(1)) == -20)
        #expect(bucket.time(of: 5, now: at(1)) == at(3.5))
    }

    @Test func putsBackNoMoreThanItHolds() {
        var bucket = TokenBucket(rate: 10, now: .zero)
        bucket.charge(-100, now: at(1))
        #expect(bucket.available(at: at(1)) == 10)
    }

    @Test func makesRoomForTheLargestRequest() {
        var bucket = TokenBucket(rate: 10, now: .zero)
        bucket.fit(400)
        #expect(bucket.time(of: 400, now: .zero) == at(40))
        #expect(bucket.available(at: at(100)) == 400)
    }

    @Test func anUnlimitedOneNeverWaits() {
        var bucket = TokenBucket(rate: .infinity, now: .zero)
        bucket.charge(1e9, now: .zero)
        #expect(bucket.time(of: 1e9, now: .zero) == .zero)
        #expect(bucket.available(at: .zero) == .infinity)
        bucket.setRate(10, now: at(5))
        #expect(bucket.available(at: at(5)) == 0, "a limit that comes later starts empty too")
    }

    @Test func aNewRateHoldsFromThenOn() {
        var bucket = TokenBucket(rate: 100, now: .zero)
        bucket.setRate(10, now: at(1))
        #expect(bucket.available(at: at(1)) == 10)
        bucket.charge(10, now: at(1))
        #expect(bucket.time(of: 5, now: at(1)) == at(1.5))
    }

    @Test func timeThatStepsBackGivesNothing() {
        var bucket = TokenBucket(rate: 100, now: at(10))
        #expect(bucket.available(at: at(5)) == 0)
        bucket.charge(1, now: at(5))
        #expect(bucket.available(at: at(5)) == -1)
    }
}

@Suite struct BackoffTests {
    @Test func waitsAtRandomUpToABoundThatDoubles() {
        let backoff = Backoff(base: .milliseconds(50), cap: .seconds(2))
        var random = SplitMix64(seed: 7)
        for (attempt, bound) in [(1, 0.05), (2, 0.1), (3, 0.2), (6, 1.6), (7, 2.0), (1000, 2.0)] {
            let waits = (0..<2000).map { _ in backoff.wait(attempt: attempt, using: &random).inSeconds }
            #expect(waits.max().map { $0 <= bound } == true)
            let mean = waits.reduce(0, +) / 2000
            #expect(abs(mean - bound / 2) < bound * 0.05, "attempt \(attempt)")
        }
    }

    @Test func splitMixAgreesWithThePublishedSequence() {
        // The first outputs for seed 1234567, as published with the Java and C reference implementations.
        var random = SplitMix64(seed: 1_234_567)
        let outputs = (0..<5).map { _ in random.next() }
        #expect(
            outputs == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
                16_408_922_859_458_223_821,
            ])
    }
}
