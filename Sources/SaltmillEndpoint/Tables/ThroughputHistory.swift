/// When a provisioned throughput was changed, in epoch seconds.
///
/// Decreases are rationed: a UTC day begins with four, and every hour brings one more where fewer than four are left (Developer Guide,
/// "Service quotas", "Decreasing provisioned throughput").
struct ThroughputHistory: Sendable {
    private static let bank = 4

    var increased: Double?
    /// Of the day of the last one, in order.
    private(set) var decreases: [Double] = []

    init(increased: Double? = nil, decreases: [Double] = []) {
        self.increased = increased
        self.decreases = decreases
    }

    var decreased: Double? { decreases.last }

    /// How many decreases there have been in the UTC day of `now`.
    func decreasesToday(at now: Double) -> Int { decreases.count { Self.day($0) == Self.day(now) } }

    /// Notes a decrease.
    /// - Throws: a LimitExceededException when there is none left.
    mutating func decrease(at now: Double) throws {
        let today = decreases.filter { Self.day($0) == Self.day(now) }
        var left = Self.bank
        var hour = Self.day(now) * 24
        for time in today + [now] {
            left = min(Self.bank, left + Self.hour(time) - hour) - 1
            hour = Self.hour(time)
        }
        guard left >= 0 else {
            throw ServiceError.limitExceeded(
                "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day. "
                    + "After the first \(Self.bank) decreases, each subsequent decrease in the same UTC day can be performed at most once every "
                    + "3600 seconds. Number of decreases today: \(today.count). Last decrease at \(ISODate.text(today.last ?? now)). "
                    + "Next decrease can be made at \(ISODate.text(Double(Self.hour(now) + 1) * 3600))")
        }
        decreases = today + [now]
    }

    private static func hour(_ time: Double) -> Int { Int(time) / 3600 }
    private static func day(_ time: Double) -> Int { Int(time) / 86_400 }
}
