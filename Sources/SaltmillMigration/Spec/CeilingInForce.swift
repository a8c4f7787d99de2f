package import SaltmillPacing

/// How fast a load writes, hour by hour.
package typealias RateSchedule = Schedule<CeilingInForce>

/// What a window of the rate's schedule says: how fast to write, or not at all.
package enum CeilingInForce: Sendable, Equatable {
    case ceiling(RateCeiling)
    /// Nothing is written.
    case off

    /// Reads what a window's `ceiling` holds.
    init(parsing text: String) throws(RateCeiling.Malformed) {
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
