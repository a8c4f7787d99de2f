/// How fast a table may be written to, or read: `800/s`, `500 items/s`, `2 MB/s`, `80%` or `none`.
package enum RateCeiling: Sendable, Equatable {
    /// What an absolute ceiling counts each second.
    package enum Measure: String, Sendable, CaseIterable {
        /// Capacity units, of the table and its indexes together.
        case units
        case items
        /// Bytes of item size, names included.
        case bytes
    }

    /// At most this much each second over all resources together.
    case absolute(Double, Measure)
    /// This share, above 0 and at most 1, of what is provisioned for the table and for each index.
    case share(Double)
    /// No ceiling of the user's: the discovered capacity rules alone.
    case none

    /// Says what a ceiling looks like.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        package var description: String
    }

    /// Reads a ceiling as the spec and `--rate` write it.
    package init(parsing text: String) throws(Malformed) {
        if text == "none" {
            self = .none
            return
        }
        if text.hasSuffix("%") {
            guard let percent = Self.number(text.dropLast()), percent <= 100 else {
                throw Malformed(
                    description: "`\(text)` is no share of the provisioned capacity; write more than 0 and at most 100, e.g. `80%`")
            }
            self = .share(percent / 100)
            return
        }
        if let number = Self.number(text[...]) {
            let share = number <= 100 ? " or `\(text)%`" : ""
            throw Malformed(description: "`\(text)` lacks its unit; write `\(text)/s`\(share)")
        }
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard text.hasSuffix("/s"), let amount = Self.number(digits),
            let unit = Self.units[text.dropFirst(digits.count).dropLast(2).drop { $0 == " " }]
        else {
            throw Malformed(description: "`\(text)` is no ceiling; write e.g. `800/s`, `500 items/s`, `2 MB/s`, `80%` or `none`")
        }
        self = .absolute(amount * unit.factor, unit.measure)
    }

    private static let units: [Substring: (measure: Measure, factor: Double)] = [
        "": (.units, 1), "units": (.units, 1), "items": (.items, 1), "B": (.bytes, 1), "kB": (.bytes, 1e3), "KB": (.bytes, 1e3),
        "MB": (.bytes, 1e6), "GB": (.bytes, 1e9), "KiB": (.bytes, 1024), "MiB": (.bytes, 1_048_576), "GiB": (.bytes, 1_073_741_824),
    ]

    /// A positive decimal number without sign or exponent.
    private static func number(_ text: Substring) -> Double? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }), let value = Double(text), value > 0, value.isFinite else {
            return nil
        }
        return value
    }
}

extension RateCeiling: CustomStringConvertible {
    /// The ceiling as ``init(parsing:)`` reads it.
    package var description: String {
        switch self {
        case .absolute(let amount, .units): "\(Self.decimal(amount))/s"
        case .absolute(let amount, .items): "\(Self.decimal(amount)) items/s"
        case .absolute(let amount, .bytes): "\(Self.decimal(amount)) B/s"
        case .share(let share): "\(Self.decimal(share * 100))%"
        case .none: "none"
        }
    }

    /// Without an exponent, and without digits that binary fractions alone bring in.
    private static func decimal(_ value: Double) -> String {
        let rounded = (value * 1e6).rounded() / 1e6
        return Int(exactly: rounded).map(String.init) ?? "\(rounded)"
    }
}
