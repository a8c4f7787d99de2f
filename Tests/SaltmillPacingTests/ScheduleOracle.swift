import Foundation
import SaltmillPacing
import Testing

/// A schedule another way: a week of local minutes painted by hand, to be looked up with Foundation's calendar.
struct PaintedWeek {
    private var minutes: [String]

    init(_ schedule: Schedule<String>) {
        minutes = [String](repeating: schedule.otherwise, count: 7 * 1440)
        for window in schedule.windows.reversed() {
            let length = window.to > window.from ? window.to - window.from : 86_400 - window.from + window.to
            for day in 0..<7 where window.days.contains(day: day) {
                for minute in 0..<length / 60 { minutes[(day * 1440 + window.from / 60 + minute) % minutes.count] = window.value }
            }
        }
    }

    /// - Parameter minute: minutes of local time since the beginning of Monday.
    subscript(minute: Int) -> String { minutes[minute] }
}

/// A time zone over some time, its offsets as the IANA time zone database has them.
struct ZoneSample: Sendable, CustomTestStringConvertible {
    var name: String
    var span: Range<Int64>
    var offsets: ZoneOffsets

    init(_ name: String, _ span: Range<Int64>, _ initial: Int, _ transitions: [(utc: Int64, offset: Int)] = []) {
        self.name = name
        self.span = span
        offsets = ZoneOffsets(initial: initial, transitions: transitions.map { ZoneOffsets.Transition(utc: $0.utc, offset: $0.offset) })
    }

    var testDescription: String { name }

    /// For each minute of the span: minutes of local time since the beginning of Monday, by Foundation's calendar.
    func localMinutes() throws -> [(utc: Int64, local: Int)] {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: name))
        return try stride(from: span.lowerBound, to: span.upperBound, by: 60).map { utc in
            let local = calendar.dateComponents([.weekday, .hour, .minute], from: Date(timeIntervalSince1970: Double(utc)))
            guard let weekday = local.weekday, let hour = local.hour, let minute = local.minute else { throw NoLocalTime() }
            // Foundation counts weekdays from Sunday as 1.
            return (utc, (weekday + 5) % 7 * 1440 + hour * 60 + minute)
        }
    }

    private struct NoLocalTime: Error {}

    private static let year2025: Range<Int64> = 1_735_689_600..<1_767_225_600

    static let berlin = ZoneSample("Europe/Berlin", year2025, 3600, [(1_743_296_400, 7200), (1_761_440_400, 3600)])
    static let newYork = ZoneSample("America/New_York", year2025, -18_000, [(1_741_503_600, -14_400), (1_762_063_200, -18_000)])
    static let tokyo = ZoneSample("Asia/Tokyo", year2025, 32_400)
    /// Half an hour of daylight saving.
    static let lordHowe = ZoneSample("Australia/Lord_Howe", year2025, 39_600, [(1_743_865_200, 37_800), (1_759_591_800, 39_600)])
    /// A Friday that never was.
    static let apia = ZoneSample("Pacific/Apia", 1_324_684_800..<1_325_721_600, -36_000, [(1_325_239_200, 50_400)])
    /// The hour before one o'clock comes twice, so midnight does.
    static let havana = ZoneSample("America/Havana", 1_761_523_200..<1_762_560_000, -14_400, [(1_762_059_600, -18_000)])
    /// Clocks jump from midnight to one o'clock, so that the day has no midnight.
    static let saoPauloForward = ZoneSample("America/Sao_Paulo", 1_540_771_200..<1_541_808_000, -10_800, [(1_541_300_400, -7200)])
    /// Clocks are put back from midnight into the day before.
    static let saoPauloBack = ZoneSample("America/Sao_Paulo", 1_549_843_200..<1_550_880_000, -7200, [(1_550_368_800, -10_800)])
    /// Daylight saving has on all year but in Ramadan.
    static let casablanca = ZoneSample(
        "Africa/Casablanca", 1_739_750_400..<1_744_502_400, 3600, [(1_740_276_000, 0), (1_743_904_800, 3600)])

    static let all = [berlin, newYork, tokyo, lordHowe, apia, havana, saoPauloForward, saoPauloBack, casablanca]
}
