import SaltmillControl
import SaltmillDelivery
import Testing

@Suite struct CompletionEstimateTests {
    private static let speed = CompletionEstimate.Speed(
        rowsPerSecond: 100, unitsPerSecond: 200, rates: [200, .infinity, .infinity], isHeld: true)

    /// Open for the first half of every 100 seconds, at this many units a second.
    private static func halves(_ units: Double, night: Double? = nil) -> (Int64) -> Pace {
        { time in
            let position = time % 100
            if position < 50 { return Pace(rates: [units, .infinity, .infinity], text: "", until: time - position + 50) }
            let end = time - position + 100
            guard let night else { return Pace(rates: [units], closed: Wait(.window, "closed"), text: "", until: end) }
            return Pace(rates: [night, .infinity, .infinity], text: "", until: end)
        }
    }

    @Test func withoutWindowsItIsTheRestAtTheSpeedOfNow() {
        #expect(CompletionEstimate.seconds(rows: 1000, Self.speed, now: 7.5) { _ in Pace(rates: [200], text: "") } == 10)
        #expect(CompletionEstimate.seconds(rows: 0, Self.speed, now: 7.5) { _ in Pace(rates: [200], text: "") } == 0)
    }

    @Test func closedHoursPassWithoutProgress() {
        // 20,000 rows at 100 a second are 200 s, of which each 100 s have 50.
        #expect(CompletionEstimate.seconds(rows: 20_000, Self.speed, now: 0, pace: Self.halves(200)) == 350)
        #expect(CompletionEstimate.seconds(rows: 10_000, Self.speed, now: 50, pace: Self.halves(200)) == 200)
    }

    @Test func otherCeilingsChangeTheSpeedOfALoadThatTheyHold() {
        // Two units a row: 100 rows a second by day, 300 by night.
        #expect(CompletionEstimate.seconds(rows: 20_000, Self.speed, now: 0, pace: Self.halves(200, night: 600)) == 100)
        var free = Self.speed
        free.isHeld = false
        #expect(CompletionEstimate.seconds(rows: 20_000, free, now: 0, pace: Self.halves(200, night: 600)) == 200)
        #expect(CompletionEstimate.seconds(rows: 7_500, free, now: 0, pace: Self.halves(200, night: 100)) == 100)
    }

    @Test func nothingIsPromisedWhilePausedOrClosedForGood() {
        #expect(
            CompletionEstimate.seconds(rows: 1, Self.speed, now: 0) { _ in Pace(rates: [], closed: Wait(.paused, "p"), text: "") } == nil)
        #expect(
            CompletionEstimate.seconds(rows: 1, Self.speed, now: 0) { _ in Pace(rates: [], closed: Wait(.window, "w"), text: "") } == nil)
        #expect(CompletionEstimate.seconds(rows: .max, Self.speed, now: 0, pace: Self.halves(200)) == nil)
    }
}
