import SaltmillPacing
import Testing

/// Schedules minute by minute, against ``PaintedWeek`` and Foundation's calendar.
@Suite struct ScheduleYearTests {
    private typealias Window = Schedule<String>.Window

    private static let weekdays = Weekdays(from: 0, through: 4)
    private static let weekend = Weekdays(from: 5, through: 6)

    private static func time(_ hour: Int, _ minute: Int = 0) -> Int { hour * 3600 + minute * 60 }

    static let schedules: [Schedule<String>] = [
        // Nights and days of working days.
        Schedule(
            windows: [
                Window(weekdays, from: time(22), to: time(6), value: "night"), Window(weekdays, from: time(8), to: time(22), value: "day"),
            ], otherwise: "else"),
        // Boundaries inside the hours that are skipped or repeated, and windows that lie in them whole.
        Schedule(
            windows: [
                Window(.all, from: time(2, 15), to: time(2, 20), value: "a"), Window(.all, from: time(1, 40), to: time(1, 50), value: "b"),
                Window(.all, from: time(0, 10), to: time(0, 50), value: "c"),
                Window(weekend, from: time(23, 30), to: time(2, 30), value: "d"),
                Window(weekend, from: time(2, 30), to: time(3), value: "e"),
            ], otherwise: "else"),
        // Whole days, from midnight and from another hour, some of them shadowed by others.
        Schedule(
            windows: [
                Window(Weekdays(day: 2), from: time(17, 3), to: time(17, 3), value: "24 hours"),
                Window(weekend, from: 0, to: 0, value: "weekend"), Window(Weekdays(day: 4), from: time(20), to: time(24), value: "Friday"),
                Window(Weekdays(from: 4, through: 0), from: time(12), to: time(11, 59), value: "shadowed"),
            ], otherwise: "else"),
        // A change once a week, and only where the clock shows a time that is skipped once a year.
        Schedule(windows: [Window(Weekdays(day: 6), from: time(2), to: time(2, 59), value: "once")], otherwise: "else"),
    ]

    @Test(arguments: ZoneSample.all) func valuesAndChangesAgreeWithAScanOfMinutes(_ zone: ZoneSample) throws {
        let minutes = try zone.localMinutes()
        for schedule in Self.schedules {
            let week = PaintedWeek(schedule)
            var changes: [Int64] = []
            var wrong: [Int64] = []
            var last = week[minutes[0].local]
            for (utc, local) in minutes {
                let value = week[local]
                if schedule.value(atUTC: utc, zone: zone.offsets) != value { wrong.append(utc) }
                if value != last {
                    changes.append(utc)
                    last = value
                }
            }
            #expect(wrong.isEmpty)
            #expect(!changes.isEmpty)

            var found: [Int64] = []
            var at = zone.span.lowerBound
            while let next = schedule.nextChange(afterUTC: at, zone: zone.offsets), next < zone.span.upperBound {
                found.append(next)
                at = next
            }
            #expect(found == changes)
        }
    }

    /// The next change does not depend on where in between one asks, to the second.
    @Test(arguments: [ZoneSample.berlin, .lordHowe], schedules.indices)
    func changesAreExactToTheSecond(_ zone: ZoneSample, _ number: Int) throws {
        let schedule = Self.schedules[number]
        var random = SplitMix64(seed: UInt64(number))
        var at = zone.span.lowerBound
        while let next = schedule.nextChange(afterUTC: at, zone: zone.offsets), next < zone.span.upperBound {
            #expect(schedule.value(atUTC: next - 1, zone: zone.offsets) == schedule.value(atUTC: at, zone: zone.offsets))
            #expect(schedule.value(atUTC: next, zone: zone.offsets) != schedule.value(atUTC: at, zone: zone.offsets))
            for instant in [next - 1, Int64.random(in: at..<next, using: &random)] {
                #expect(schedule.nextChange(afterUTC: instant, zone: zone.offsets) == next)
            }
            at = next
        }
    }
}
