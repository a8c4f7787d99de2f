import Foundation
package import SaltmillPacing

/// A name that this machine knows no time zone by.
package struct UnknownZone: Error, Equatable, CustomStringConvertible {
    package var name: String

    package var description: String {
        let hint = suggestion(for: name, among: TimeZone.knownTimeZoneIdentifiers).map { "did you mean `\($0)`?" }
        return
            "`\(name)` is no time zone known here; \(hint ?? "write an IANA name of the form `Area/City`, e.g. `Europe/Berlin`, or `UTC`")"
    }
}

extension ZoneOffsets {
    /// The offsets of a time zone over some years, by the rules that Foundation knows.
    /// - Parameters:
    ///   - name: an IANA name of the form `Area/City`, or `UTC`. Abbreviations are refused: `EST` has no daylight saving, and `CST` is one of
    ///     several zones.
    ///   - start: the instant to begin with, in seconds since 1970; for earlier ones its offset is taken.
    ///   - years: how long; for later instants the last offset is taken.
    package init(zone name: String, fromUTC start: Int64, years: Int = 10) throws(UnknownZone) {
        let zone = try Self.timeZone(name)
        func offset(_ utc: Int64) -> Int { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(utc))) }
        var transitions: [Transition] = []
        var last = offset(start)
        // Clocks are not changed twice within a day, so that a look a day finds every change.
        for day in 0..<Int64(years * 366) {
            let from = start + day * 86_400
            let changed = offset(from + 86_400)
            if changed == last { continue }
            var (before, after) = (from, from + 86_400)
            while after - before > 1 {
                let middle = (before + after) / 2
                if offset(middle) == last { before = middle } else { after = middle }
            }
            transitions.append(Transition(utc: after, offset: changed))
            last = changed
        }
        self.init(initial: offset(start), transitions: transitions)
    }

    /// Whether there is such a time zone.
    static func checkZone(_ name: String) throws(UnknownZone) { _ = try timeZone(name) }

    private static func timeZone(_ name: String) throws(UnknownZone) -> TimeZone {
        // Foundation takes abbreviations and offsets (`PST`, `GMT+2`) for names too.
        guard name.contains("/") || name == "UTC", let zone = TimeZone(identifier: name) else { throw UnknownZone(name: name) }
        return zone
    }
}
