import SaltmillBytes

/// How a personal value is made into one that may be shown: always the same for the same value and secret, so that joins hold between
/// tables and a row that is written again is the same item.
package enum Mask: String, Sendable, CaseIterable {
    /// A keyed hash: 32 hexadecimal digits, a number of up to 37 digits, or 16 bytes.
    case hash
    /// A fixed value: `REDACTED`, 0, or no bytes.
    case redact
    /// As if the source had null there.
    case null
    /// Every digit becomes another one; all else stays, and so does the length.
    case shuffleDigits = "shuffle-digits"
    /// A made-up address in `example.com` (RFC 2606, section 3).
    case email

    /// Whether different values stay different, as keys have to.
    package var isInjective: Bool { self != .redact && self != .null }

    /// The types whose values it can mask.
    package var types: [AttributeType] {
        switch self {
        case .hash, .redact: [.S, .N, .B]
        case .null: AttributeType.allCases
        case .shuffleDigits: [.S, .N]
        case .email: [.S]
        }
    }
}

/// What masks are keyed by: who does not have it cannot find a masked value by trying.
package struct MaskSecret: Sendable, Equatable {
    let bytes: [UInt8]

    /// The environment variable that holds it.
    package static let variable = "SALTMILL_MASK_SECRET"
    /// Fewer bytes could be tried out (NIST SP 800-107, section 5.3.4, asks for keys of 112 bits).
    private static let minimumLength = 16

    /// Creates a secret; nil when the text has fewer than 16 bytes.
    package init?(_ text: String) {
        guard text.utf8.count >= Self.minimumLength else { return nil }
        bytes = Array(text.utf8)
    }

    /// Tells secrets apart without giving anything of them away: the first eight bytes of their code of a fixed text, in hexadecimal.
    package var checkValue: String {
        String(Digests.hmacSHA256(key: bytes.span, Array("saltmill mask check".utf8).span).description.prefix(16))
    }
}
