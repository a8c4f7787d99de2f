/// How fast to go, hour by hour.
package typealias RateSchedule = Schedule<CeilingInForce>

/// What a window of the rate's schedule says: how fast to go, or not at all.
package enum CeilingInForce: Sendable, Equatable {
    case ceiling(RateCeiling)
    /// Nothing is written, or read.
    case off

    /// Reads what a window's `ceiling` holds.
    package init(parsing text: String) throws(RateCeiling.Malformed) {
        self = text == "off" ? .off : .ceiling(try RateCeiling(parsing: text))
    }
}

extension CeilingInForce: CustomStringConvertible {
    /// The text that the spec has for it.
    package var description: String {
        switch self {
        case .ceiling(let ceiling): ceiling.description
        case .off: "off"
        }
    }
}
