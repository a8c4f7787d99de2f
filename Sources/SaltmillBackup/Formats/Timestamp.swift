import SaltmillDynamoDB

/// Points in time as the formats have them: ISO 8601 in UTC.
enum Timestamp {
    /// `2020-11-04T07:28:34.028Z`.
    static func text(_ seconds: Double) -> String {
        let milliseconds = Int((seconds * 1000).rounded())
        return "\(text(seconds: milliseconds / 1000)).\(padded(milliseconds % 1000, 3))Z"
    }

    /// As Python prints it: `2018-01-28T01:30:19.926000+00:00`, without a fraction where that is zero.
    static func pythonText(_ seconds: Double) -> String {
        let microseconds = Int((seconds * 1_000_000).rounded())
        let fraction = microseconds % 1_000_000
        return "\(text(seconds: microseconds / 1_000_000))\(fraction == 0 ? "" : ".\(padded(fraction, 6))")+00:00"
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    private static func text(seconds: Int) -> String {
        var basic: [UInt8] = []
        CivilTime.appendBasic(seconds, to: &basic)
        var output: [UInt8] = []
        for (index, byte) in basic.dropLast().enumerated() {
            if index == 4 || index == 6 { output.append(UInt8(ascii: "-")) }
            if index == 11 || index == 13 { output.append(UInt8(ascii: ":")) }
            output.append(byte)
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Reads what ``text(_:)`` writes, as seconds since 1970; nil for any other text.
    static func seconds(_ text: String) -> Double? {
        let digits = text.utf8.map { $0 }
        guard digits.count == 24 else { return nil }
        func number(_ range: Range<Int>) -> Int { Int(String(decoding: digits[range], as: UTF8.self)) ?? -1 }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let month = number(5..<7)
        guard months.indices.contains(month - 1) else { return nil }
        let clock = String(decoding: digits[11..<19], as: UTF8.self)
        let header = "Mon, \(padded(number(8..<10), 2)) \(months[month - 1]) \(padded(number(0..<4), 4)) \(clock) GMT"
        guard let seconds = CivilTime.seconds(httpDate: header), number(20..<23) >= 0 else { return nil }
        let value = Double(seconds) + Double(number(20..<23)) / 1000
        return Self.text(value) == text ? value : nil
    }
}
