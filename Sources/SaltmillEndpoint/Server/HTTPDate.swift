/// The `Date` header's text (RFC 9110, section 5.6.7), made once a second.
struct HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private var second: Int?
    private var text = ""

    /// - Parameter epoch: seconds since 1970, UTC.
    mutating func text(at epoch: Double) -> String {
        let second = Int(epoch)
        if second != self.second {
            self.second = second
            text = Self.format(second)
        }
        return text
    }

    private static func format(_ second: Int) -> String {
        let (day, time) = (second / 86400, second % 86400)
        let (year, month, dayOfMonth) = civil(day)
        let clock = [time / 3600, time / 60 % 60, time % 60].map(padded).joined(separator: ":")
        return "\(days[day % 7]), \(padded(dayOfMonth)) \(months[month - 1]) \(year) \(clock) GMT"
    }

    fileprivate static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }

    /// Days from 1970-01-01 to a date; years are counted from March on, so that leap days come last.
    static func day(year: Int, month: Int, day: Int) -> Int {
        let year = month > 2 ? year : year - 1
        let days = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + days - 719_468
    }

    /// The date of a day since 1970-01-01, by counting years from March on so that leap days come last.
    fileprivate static func civil(_ day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * march + 2) / 5 + 1)
    }
}

/// Times as ISO 8601 writes them, in UTC with milliseconds and no zone: what streams are labelled with.
enum ISODate {
    /// - Parameter epoch: seconds since 1970, UTC.
    static func text(_ epoch: Double) -> String {
        let milliseconds = Int(epoch * 1000)
        let (day, time) = (milliseconds / 86_400_000, milliseconds / 1000 % 86_400)
        let (year, month, dayOfMonth) = HTTPDate.civil(day)
        let clock = [time / 3600, time / 60 % 60, time % 60].map(HTTPDate.padded).joined(separator: ":")
        let fraction = String(1000 + milliseconds % 1000).dropFirst()
        return "\(year)-\(HTTPDate.padded(month))-\(HTTPDate.padded(dayOfMonth))T\(clock).\(fraction)"
    }
}
