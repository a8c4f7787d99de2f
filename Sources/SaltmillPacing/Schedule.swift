/// Which value applies when: that of the first window that matches, and another one outside of all windows.
///
/// What the clock on the wall shows decides, and nothing else; so it is plain what happens when clocks are changed:
///
/// - A window belongs to the day that it begins on: 22:00 to 06:00 on Fridays ends on Saturday at 06:00.
/// - Where clocks are put forward, a time that the clock skips is the instant of the jump: a window opens or closes then, and one whose
///   times are all skipped does not open on that day.
/// - Where clocks are put back, a time comes twice, and a window is open both times. One that ends within the repeated hour thus closes,
///   opens again when the clock is put back, and closes for good the second time; one that begins there does likewise.
///
/// Instants are whole seconds since 1970 by UTC, and time zones come as an argument.
package struct Schedule<Value: Equatable & Sendable>: Equatable, Sendable {
    package let windows: [Window]
    /// What applies outside of all windows.
    package let otherwise: Value
    /// The times of day at which windows begin and end, in order.
    private let boundaries: [Int]
    /// Whether there is more than one value in a week.
    private let varies: Bool

    package init(windows: [Window] = [], otherwise: Value) {
        self.windows = windows
        self.otherwise = otherwise
        boundaries = Set(windows.flatMap { [$0.from, $0.to % 86_400] }).sorted()
        let values = Self.week(boundaries).map { Self.value(windows, otherwise, $0) }
        varies = values.contains { $0 != values[0] }
    }

    /// What applies at an instant.
    package func value(atUTC utc: Int64, zone: ZoneOffsets) -> Value {
        Self.value(windows, otherwise, local(utc, zone))
    }

    /// The first instant after this one at which another value applies than at this one; `nil` when that never happens.
    package func nextChange(afterUTC utc: Int64, zone: ZoneOffsets) -> Int64? {
        guard varies else { return nil }
        let value = value(atUTC: utc, zone: zone)
        var instant = utc
        // Ends: without transitions a week has each of its values, and transitions are finitely many.
        repeat { instant = nextBoundary(afterUTC: instant, zone) } while self.value(atUTC: instant, zone: zone) == value
        return instant
    }

    /// The windows, by their positions, that never apply, because those before them cover all of their hours.
    package var unreachable: [Int] {
        let reached = Set(Self.week(boundaries).map { local in windows.firstIndex { $0.contains(local) } })
        return windows.indices.filter { !reached.contains($0) }
    }

    private static func value(_ windows: [Window], _ otherwise: Value, _ local: LocalTime) -> Value {
        windows.first { $0.contains(local) }?.value ?? otherwise
    }

    /// Every boundary of a week; nothing begins or ends between two of them.
    private static func week(_ boundaries: [Int]) -> [LocalTime] {
        (0..<7).flatMap { weekday in boundaries.map { LocalTime(weekday: weekday, second: $0) } }
    }

    private func local(_ utc: Int64, _ zone: ZoneOffsets) -> LocalTime {
        LocalTime(seconds: utc + Int64(zone.offset(atUTC: utc)))
    }

    /// The next instant at which the local clock shows a boundary or midnight, or is changed.
    private func nextBoundary(afterUTC utc: Int64, _ zone: ZoneOffsets) -> Int64 {
        let second = local(utc, zone).second
        let boundary = utc + Int64((boundaries.first { $0 > second } ?? 86_400) - second)
        return min(boundary, zone.nextTransition(afterUTC: utc)?.utc ?? boundary)
    }
}
