/// How fast tables may be read: `100/s`, `50%` or `none`.
package enum ReadCeiling: Sendable, Equatable {
    /// At most this many read units each second, over all tables together.
    case units(Double)
    /// This share, above 0 and at most 1, of what each table is provisioned with.
    case share(Double)
    /// No ceiling of the user's.
    case none

    /// Says what a ceiling looks like.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        package var description: String
    }

    /// Reads a ceiling as `--rate` writes it.
    package init(parsing text: String) throws(Malformed) {
        if text == "none" {
            self = .none
        } else if text.hasSuffix("%"), let percent = Self.number(text.dropLast()), percent <= 100 {
            self = .share(percent / 100)
        } else if text.hasSuffix("/s"), let units = Self.number(text.dropLast(2)) {
            self = .units(units)
        } else {
            throw Malformed(description: "`\(text)` is no ceiling for reading; write read units as `100/s`, a share as `50%`, or `none`")
        }
    }

    /// A positive decimal number without sign or exponent.
    private static func number(_ text: Substring) -> Double? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }), let value = Double(text), value > 0, value.isFinite else {
            return nil
        }
        return value
    }
}

extension ReadCeiling: CustomStringConvertible {
    package var description: String {
        switch self {
        case .units(let units): "\(Self.decimal(units))/s"
        case .share(let share): "\(Self.decimal(share * 100))%"
        case .none: "none"
        }
    }

    private static func decimal(_ value: Double) -> String {
        let rounded = (value * 1e6).rounded() / 1e6
        return Int(exactly: rounded).map(String.init) ?? "\(rounded)"
    }
}
