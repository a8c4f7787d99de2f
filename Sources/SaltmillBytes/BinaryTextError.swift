/// Why a text is not the Base64 or hexadecimal form of any bytes.
package enum BinaryTextError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Not a whole number of groups: four characters of Base64, two of hexadecimal.
    case length
    /// A character that does not belong there, with its offset in bytes.
    case character(at: Int)
    /// The last Base64 group holds bits that no byte takes up, so that two texts would mean the same bytes.
    case looseBits

    package var description: String {
        switch self {
        case .length: "its length is not a whole number of groups"
        case .character(let offset): "there is a foreign character at byte \(offset)"
        case .looseBits: "its last group has bits set that belong to no byte"
        }
    }
}
