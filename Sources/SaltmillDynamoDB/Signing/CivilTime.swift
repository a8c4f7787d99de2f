import SaltmillBytes

/// Points in time as the two texts that the wire has them in, without a calendar library: UTC, proleptic Gregorian.
package enum CivilTime {
    /// Appends `yyyyMMddTHHmmssZ`, 16 bytes.
    /// - Parameter seconds: since 1970-01-01, not negative.
    package static func appendBasic(_ seconds: Int, to output: inout [UInt8]) {
        let (year, month, day) = date(days: seconds / 86_400)
        let second = seconds % 86_400
        append(year / 100, to: &output)
        append(year % 100, to: &output)
        append(month, to: &output)
        append(day, to: &output)
        output.append(UInt8(ascii: "T"))
        append(second / 3600, to: &output)
        append(second / 60 % 60, to: &output)
        append(second % 60, to: &output)
        output.append(UInt8(ascii: "Z"))
    }

    private static func append(_ twoDigits: Int, to output: inout [UInt8]) {
        output.append(UInt8(truncatingIfNeeded: 0x30 + twoDigits / 10))
        output.append(UInt8(truncatingIfNeeded: 0x30 + twoDigits % 10))
    }

    /// The date of a day counted from 1970-01-01. Years are counted from March, so that the leap day is a year's last.
    static func date(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    /// The number of days from 1970-01-01 to a date.
    static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Reads a `Date` header of the form in use, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7), as seconds since 1970-01-01.
    package static func seconds(httpDate text: String) -> Int? {
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, words[5] == "GMT", let day = Int(words[1]), (1...31).contains(day),
            let month = months.firstIndex(of: String(words[2])), let year = Int(words[3]), (1970...9999).contains(year)
        else { return nil }
        let clock = words[4].split(separator: ":").compactMap { Int($0) }
        guard clock.count == 3, (0..<24).contains(clock[0]), (0..<60).contains(clock[1]), (0...60).contains(clock[2]) else { return nil }
        return days(year: year, month: month + 1, day: day) * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
    }
}
