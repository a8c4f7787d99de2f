/// Days of the week.
package struct Weekdays: OptionSet, Hashable, Sendable {
    /// Monday is the lowest bit, Sunday the seventh.
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// One day, counted from Monday as 0.
    package init(day: Int) { self.init(rawValue: 1 << UInt8(day)) }

    /// The days from the first to the last, both counted from Monday as 0; around the end of the week where the last is before the first.
    package init(from first: Int, through last: Int) {
        let length = (last - first + 7) % 7
        self = (0...length).reduce(into: []) { $0.insert(Weekdays(day: (first + $1) % 7)) }
    }

    /// Whether a day, counted from Monday as 0, is among these.
    package func contains(day: Int) -> Bool { rawValue >> UInt8(day) & 1 == 1 }

    package static let all = Weekdays(rawValue: 0x7F)
}

extension Schedule {
    /// A span of the local clock that comes again every week.
    package struct Window: Equatable, Sendable {
        /// The days that it begins on.
        package var days: Weekdays
        /// When it begins, in seconds after midnight, less than a day.
        package var from: Int
        /// When it ends, in seconds after midnight: later on the same day (86,400 is the end of the day), or on the next day where it is not
        /// later than ``from``. The same time as ``from`` makes 24 hours.
        package var to: Int
        /// What applies inside.
        package var value: Value

        package init(_ days: Weekdays, from: Int, to: Int, value: Value) {
            precondition((0..<86_400).contains(from) && (0...86_400).contains(to), "a time of day lies within the day")
            self.days = days
            self.from = from
            self.to = to
            self.value = value
        }

        func contains(_ local: LocalTime) -> Bool {
            if local.second >= from { return days.contains(day: local.weekday) && (local.second < to || to <= from) }
            return to <= from && local.second < to && days.contains(day: (local.weekday + 6) % 7)
        }
    }
}

/// What the clock on the wall and the calendar beside it show.
struct LocalTime {
    /// Counted from Monday as 0.
    var weekday: Int
    /// Seconds after midnight.
    var second: Int

    init(weekday: Int, second: Int) {
        self.weekday = weekday
        self.second = second
    }

    /// - Parameter seconds: seconds since the local midnight at the beginning of 1970, which was a Thursday.
    init(seconds: Int64) {
        let second = (seconds % 86_400 + 86_400) % 86_400
        let day = (seconds - second) / 86_400
        self.init(weekday: Int(((day + 3) % 7 + 7) % 7), second: Int(second))
    }
}
