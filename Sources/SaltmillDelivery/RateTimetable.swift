import Foundation
package import SaltmillPacing

/// How fast a job may go: a schedule, and the time zone that its hours are meant in.
package struct RateTimetable: Sendable, Equatable {
    /// What applies at some moment.
    package struct Moment: Sendable, Equatable {
        package var value: CeilingInForce
        /// Why nothing may be done, when nothing may.
        package var closed: String?
        /// When something else will apply, in seconds since 1970; nil for never.
        package var until: Int64?
    }

    package let schedule: RateSchedule
    private let offsets: ZoneOffsets
    private let zone: String

    /// - Parameter zone: what the time zone of `offsets` is called.
    package init(_ schedule: RateSchedule, offsets: ZoneOffsets = .utc, zone: String = "UTC") {
        self.schedule = schedule
        self.offsets = offsets
        self.zone = zone
    }

    /// The same ceiling at every hour.
    package init(_ ceiling: RateCeiling) { self.init(RateSchedule(otherwise: .ceiling(ceiling))) }

    /// Another ceiling at every hour but those that are closed.
    package func replacing(_ ceiling: RateCeiling?) -> RateTimetable {
        guard let ceiling else { return self }
        let closed = schedule.windows.filter { $0.value == .off }
        return RateTimetable(RateSchedule(windows: closed, otherwise: .ceiling(ceiling)), offsets: offsets, zone: zone)
    }

    /// Everything that applies at some hour.
    package var values: [CeilingInForce] { [schedule.otherwise] + schedule.windows.map(\.value) }

    /// What applies at a time of day, in seconds since 1970.
    package func moment(at utc: Int64) -> Moment {
        let value = schedule.value(atUTC: utc, zone: offsets)
        let next = schedule.nextChange(afterUTC: utc, zone: offsets)
        let closed = value == .off ? "closed by the schedule\(next.map { " until \(text($0))" } ?? "")" : nil
        return Moment(value: value, closed: closed, until: next)
    }

    private func text(_ utc: Int64) -> String {
        let local = Date(timeIntervalSince1970: Double(utc + Int64(offsets.offset(atUTC: utc))))
        let style = Date.ISO8601FormatStyle().year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false)
        return "\(local.formatted(style)) \(zone)"
    }
}
