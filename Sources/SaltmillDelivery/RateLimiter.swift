/// What holds the rate of a load back, for whoever asks why it is no faster.
package enum RateLimiter: Sendable, Equatable, Codable {
    /// The user's ceiling.
    case ceiling
    /// The ceiling of a window of the schedule.
    case window
    /// The schedule: nothing is sent now.
    case closed
    /// What the table admits, or a global index by its name.
    case capacity(index: String?)
    /// A value of the table's hash key, or of an index's: only its rows are left, and its partition takes no more.
    case hotKey(attribute: String, value: String, index: String?)
    /// As many requests are under way as may be: each answer takes long.
    case requestsInFlight
    /// No more rows come than are sent.
    case source

    /// In a few words: `ceiling`, `capacity of index by-day`, `hot key day=2015-12-07`.
    package var text: String {
        switch self {
        case .ceiling: "ceiling"
        case .window: "schedule window"
        case .closed: "schedule, closed now"
        case .capacity(let index): "capacity\(Self.of(index))"
        case .hotKey(let attribute, let value, let index): "hot key \(attribute)=\(value)\(Self.of(index))"
        case .requestsInFlight: "requests in flight"
        case .source: "source"
        }
    }

    private static func of(_ index: String?) -> String { index.map { " of index \($0)" } ?? "" }
}
