package import SaltmillDelivery
import SaltmillDispatching
import SaltmillDynamoDB
package import SaltmillPacing

/// What a running load follows and may be told otherwise while it runs.
package struct LoadSettings: Sendable, Equatable {
    /// How fast to write, and when, as the spec says.
    package var schedule: RateSchedule
    /// The time zone of the schedule.
    package var zone: String?
    /// Replaces every ceiling of the schedule; hours that it closes stay closed.
    package var ceiling: RateCeiling?
    /// Replace the schedule's windows.
    package var windows: [RateSchedule.Window]?
    /// A share of what the table and each index are provisioned with, above 0 and at most 1: a ceiling beside the others.
    package var share: Double?
    /// Requests under way at once; nil for the usual number.
    package var requests: Int?
    /// Items in one request; nil for as many as the service takes.
    package var items: Int?
    /// Nothing is written for this reason.
    package var pause: Wait?

    package init(_ spec: MigrationSpec, ceiling: RateCeiling? = nil) {
        schedule = spec.schedule
        zone = spec.zone
        self.ceiling = ceiling
    }

    /// Takes the rate and the schedule of a spec that was read again.
    package mutating func follow(_ spec: MigrationSpec) {
        schedule = spec.schedule
        zone = spec.zone
    }

    /// The schedule as it is in force.
    var scheduleInForce: RateSchedule {
        let windows = windows ?? schedule.windows
        guard let ceiling else { return RateSchedule(windows: windows, otherwise: schedule.otherwise) }
        return RateSchedule(windows: windows.filter { $0.value == .off }, otherwise: .ceiling(ceiling))
    }

    /// The limits under these settings.
    /// - Throws: ``JobFailure`` when a share is asked of a table that has nothing provisioned, whenever that would apply; ``UnknownZone``.
    func limits(indexes: [String], table: TableDescription, now: Int64) throws -> WriteLimits {
        try WriteLimits(timetable(fromUTC: now), share: share, indexes: indexes, table: table)
    }

    /// What is in force, hour by hour.
    /// - Parameter start: the instant to begin with, in seconds since 1970.
    private func timetable(fromUTC start: Int64) throws(UnknownZone) -> RateTimetable {
        guard let zone else { return RateTimetable(scheduleInForce) }
        return RateTimetable(scheduleInForce, offsets: try ZoneOffsets(zone: zone, fromUTC: start), zone: zone)
    }
}

extension LoadSettings {
    /// What ``requests`` and ``items`` are otherwise.
    package static let usualRequests = Dispatcher.Configuration().maximumInFlight
    package static let usualItems = Dispatcher.Configuration().maximumItems
}
