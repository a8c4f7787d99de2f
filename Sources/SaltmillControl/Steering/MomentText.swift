import Foundation

/// Moments and spans as commands and answers have them.
package enum MomentText {
    /// Seconds since 1970 as `2026-12-01 22:00:00Z`.
    package static func text(_ time: Double) -> String {
        let style = Date.ISO8601FormatStyle().year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false)
        return "\(Date(timeIntervalSince1970: time).formatted(style))Z"
    }

    /// The end of a span that begins now (`90s`, `30m`, `8h`, `2d`), or an instant (`2026-12-01T22:00:00Z`), in seconds since 1970.
    /// - Throws: ``ControlError`` for anything else, and for what is past or more than 366 days ahead.
    package static func end(_ text: String, now: Double) throws(ControlError) -> Double {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        var end: Double?
        if let unit = text.last.flatMap({ units[$0] }), let number = Double(text.dropLast()), number > 0, number.isFinite {
            end = now + number * unit
        } else if let date = try? Date(text, strategy: .iso8601) {
            end = date.timeIntervalSince1970
        }
        guard let end else {
            throw ControlError("`\(text.prefix(40))` is no span of time and no instant; write e.g. 30m, 8h, 2d or 2026-12-01T22:00:00Z")
        }
        guard end > now else { throw ControlError("\(Self.text(end)) is past") }
        guard end - now <= 366 * 86400 else { throw ControlError("`\(text.prefix(40))` is more than a year ahead") }
        return end
    }
}
