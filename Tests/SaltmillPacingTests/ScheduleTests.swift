import SaltmillPacing
import Testing

@Suite struct ScheduleTests {
    private typealias Window = Schedule<String>.Window

    private static let hour = 3600
    private static let friday = Weekdays(day: 4)

    /// 2025-06-02, a Monday, at midnight by UTC.
    private static let monday: Int64 = 1_748_822_400

    private static func utc(day: Int, _ hour: Int, _ minute: Int = 0, _ second: Int = 0) -> Int64 {
        monday + Int64(day * 86_400 + hour * 3600 + minute * 60 + second)
    }

    private func value(_ schedule: Schedule<String>, _ utc: Int64) -> String { schedule.value(atUTC: utc, zone: .utc) }

    @Test func aWindowAcrossMidnightBelongsToTheDayItBeginsOn() {
        let schedule = Schedule(
            windows: [Window(Weekdays(from: 0, through: 4), from: 22 * Self.hour, to: 6 * Self.hour, value: "night")], otherwise: "day")
        #expect(value(schedule, Self.utc(day: 0, 3)) == "day", "Sunday has no night that Monday would inherit")
        #expect(value(schedule, Self.utc(day: 4, 21, 59, 59)) == "day")
        #expect(value(schedule, Self.utc(day: 4, 22)) == "night")
        #expect(value(schedule, Self.utc(day: 5, 5, 59, 59)) == "night", "Friday's night ends on Saturday")
        #expect(value(schedule, Self.utc(day: 5, 6)) == "day")
        #expect(value(schedule, Self.utc(day: 5, 22)) == "day")
        #expect(schedule.nextChange(afterUTC: Self.utc(day: 5, 6), zone: .utc) == Self.utc(day: 7, 22))
    }

    @Test func theFirstWindowThatMatchesWins() {
        let noon = Window(.all, from: 12 * Self.hour, to: 13 * Self.hour, value: "noon")
        let day = Window(.all, from: 8 * Self.hour, to: 20 * Self.hour, value: "day")
        let narrowFirst = Schedule(windows: [noon, day], otherwise: "night")
        #expect(value(narrowFirst, Self.utc(day: 2, 12, 30)) == "noon")
        #expect(narrowFirst.unreachable == [])
        let broadFirst = Schedule(windows: [day, noon], otherwise: "night")
        #expect(value(broadFirst, Self.utc(day: 2, 12, 30)) == "day")
        #expect(broadFirst.unreachable == [1])
        #expect(broadFirst.nextChange(afterUTC: Self.utc(day: 2, 9), zone: .utc) == Self.utc(day: 2, 20))
    }

    @Test func twoTimesThatAreTheSameMakeTwentyFourHours() {
        let schedule = Schedule(windows: [Window(Self.friday, from: 8 * Self.hour, to: 8 * Self.hour, value: "in")], otherwise: "out")
        #expect(value(schedule, Self.utc(day: 4, 7, 59, 59)) == "out")
        #expect(value(schedule, Self.utc(day: 4, 8)) == "in")
        #expect(value(schedule, Self.utc(day: 5, 7, 59, 59)) == "in")
        #expect(value(schedule, Self.utc(day: 5, 8)) == "out")
    }

    @Test func theEndOfTheDayMayBeWrittenBothWays() {
        for to in [0, 24 * Self.hour] {
            let schedule = Schedule(windows: [Window(Self.friday, from: 22 * Self.hour, to: to, value: "in")], otherwise: "out")
            #expect(value(schedule, Self.utc(day: 4, 23, 59, 59)) == "in")
            #expect(value(schedule, Self.utc(day: 5, 0)) == "out")
            #expect(value(schedule, Self.utc(day: 4, 0)) == "out")
        }
    }

    @Test func nothingChangesWhereOneValueAppliesAlways() {
        #expect(Schedule(otherwise: "x").nextChange(afterUTC: 0, zone: .utc) == nil)
        let halves = [
            Window(.all, from: 0, to: 12 * Self.hour, value: "x"), Window(.all, from: 12 * Self.hour, to: 24 * Self.hour, value: "x"),
        ]
        #expect(Schedule(windows: halves, otherwise: "y").nextChange(afterUTC: 0, zone: ZoneSample.berlin.offsets) == nil)
        #expect(Schedule(windows: halves, otherwise: "y").unreachable == [])
        #expect(Schedule(windows: halves + [halves[0]], otherwise: "y").unreachable == [2])
    }

    /// Boundaries without a change of value are no changes.
    @Test func aChangeIsAChangeOfTheValue() {
        let schedule = Schedule(
            windows: [
                Window(.all, from: 8 * Self.hour, to: 12 * Self.hour, value: "x"),
                Window(.all, from: 12 * Self.hour, to: 20 * Self.hour, value: "x"),
                Window(.all, from: 20 * Self.hour, to: 21 * Self.hour, value: "out"),
            ], otherwise: "out")
        #expect(schedule.nextChange(afterUTC: Self.utc(day: 0, 9), zone: .utc) == Self.utc(day: 0, 20))
        #expect(schedule.nextChange(afterUTC: Self.utc(day: 0, 20), zone: .utc) == Self.utc(day: 1, 8))
    }

    /// A schedule of one daily window, and when it changes on the day in Berlin on which clocks are put forward (to 3:00 at 1:00 UTC) or
    /// back (to 2:00 at 1:00 UTC), in minutes after midnight by UTC.
    private static let jumps: [(from: Int, to: Int, forward: [Int], back: [Int])] = [
        (from: 60, to: 150, forward: [0, 60], back: [30, 60, 90]),  // ends in the hour that is skipped or repeated
        (from: 150, to: 240, forward: [60, 120], back: [30, 60, 90, 180]),  // begins there
        (from: 140, to: 160, forward: [], back: [20, 40, 80, 100]),  // lies in it
        (from: 120, to: 180, forward: [], back: [0, 120]),  // is it
        (from: 60, to: 240, forward: [0, 120], back: [180]),  // encloses it
    ]

    @Test(arguments: jumps.indices) func clocksThatAreChangedOpenAndCloseAtPlainInstants(_ number: Int) {
        let jump = Self.jumps[number]
        let schedule = Schedule(windows: [Window(.all, from: jump.from * 60, to: jump.to * 60, value: "in")], otherwise: "out")
        func changes(on midnight: Int64) -> [Int] {
            var result: [Int] = []
            var at = midnight - 1
            while let next = schedule.nextChange(afterUTC: at, zone: ZoneSample.berlin.offsets), next < midnight + 12 * 3600 {
                result.append(Int(next - midnight) / 60)
                at = next
            }
            return result
        }
        #expect(changes(on: 1_743_292_800) == jump.forward)
        #expect(changes(on: 1_761_436_800) == jump.back)
    }

    @Test func daysAreCountedAroundTheEndOfTheWeek() {
        #expect(Weekdays(from: 4, through: 0) == [Weekdays(day: 4), Weekdays(day: 5), Weekdays(day: 6), Weekdays(day: 0)])
        #expect(Weekdays(from: 3, through: 3) == Weekdays(day: 3))
        #expect(Weekdays(from: 0, through: 6) == .all)
        #expect(Weekdays(from: 6, through: 5) == .all)
    }

    @Test func instantsBefore1970HaveADayToo() {
        let wednesday = Schedule(windows: [Window(Weekdays(day: 2), from: 0, to: 24 * Self.hour, value: "in")], otherwise: "out")
        #expect(value(wednesday, -1) == "in", "1969-12-31 was a Wednesday")
        #expect(value(wednesday, -86_401) == "out")
        #expect(wednesday.nextChange(afterUTC: -86_401, zone: .utc) == -86_400)
        #expect(wednesday.nextChange(afterUTC: -1, zone: .utc) == 0)
    }

    @Test func offsetsHoldFromTheirTransitionOn() {
        let zone = ZoneSample.lordHowe.offsets
        #expect(zone.offset(atUTC: 1_743_865_199) == 39_600)
        #expect(zone.offset(atUTC: 1_743_865_200) == 37_800)
        #expect(zone.offset(atUTC: 1_759_591_800) == 39_600)
        #expect(zone.nextTransition(afterUTC: 1_743_865_199)?.utc == 1_743_865_200)
        #expect(zone.nextTransition(afterUTC: 1_743_865_200)?.utc == 1_759_591_800)
        #expect(zone.nextTransition(afterUTC: 1_759_591_800) == nil)
    }
}
