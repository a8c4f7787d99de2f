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

    /// Reads a time of ISO 8601 as AWS writes them, `2026-11-21T06:33:41Z`, with or without a fraction or a zone like `+09:00`, as seconds since
    /// 1970-01-01.
    package static func seconds(iso8601 text: String) -> Int? {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count, bytes[range].allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
            return bytes[range].reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        func has(_ separators: String, at places: [Int]) -> Bool {
            zip(separators.utf8, places).allSatisfy { $1 < bytes.count && bytes[$1] == $0 }
        }
        guard has("--T::", at: [4, 7, 10, 13, 16]), let year = number(0..<4), (1970...9999).contains(year), let month = number(5..<7),
            (1...12).contains(month), let day = number(8..<10), (1...31).contains(day), let hour = number(11..<13), hour < 24,
            let minute = number(14..<16), minute < 60, let second = number(17..<19), second <= 60
        else { return nil }
        var zone = 19
        if zone < bytes.count, bytes[zone] == 0x2E {
            zone += 1
            while zone < bytes.count, bytes[zone] &- 0x30 < 10 { zone += 1 }
        }
        let utc = days(year: year, month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second
        if bytes[zone...].elementsEqual("Z".utf8) { return utc }
        guard bytes.count == zone + 6, bytes[zone] == 0x2B || bytes[zone] == 0x2D, bytes[zone + 3] == 0x3A,
            let hours = number(zone + 1..<zone + 3), let minutes = number(zone + 4..<zone + 6)
        else { return nil }
        return utc - (bytes[zone] == 0x2B ? 1 : -1) * (hours * 3600 + minutes * 60)
    }
}
