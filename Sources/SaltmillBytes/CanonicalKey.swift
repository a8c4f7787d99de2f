/// The form of key values that is hashed: equal keys have equal bytes, and no two different lists of values share theirs.
package enum CanonicalKey {
    /// Appends one value: its type, its length as four bytes (most significant first), its bytes.
    /// - Parameters:
    ///   - type: the letter `S`, `N` or `B`.
    ///   - value: a string's UTF-8, a number's text as ``DecimalNumber/appendText(to:)`` writes it, or a binary's bytes.
    package static func append(type: UInt8, value: Span<UInt8>, to output: inout [UInt8]) {
        appendHeader(type: type, count: value.count, to: &output)
        output.append(value)
    }

    /// Length in bytes of what stands before a value's bytes.
    package static let headerLength = 5

    /// Appends what stands before a value's bytes.
    package static func appendHeader(type: UInt8, count: Int, to output: inout [UInt8]) {
        output.append(type)
        for shift: UInt32 in [24, 16, 8, 0] { output.append(UInt8(truncatingIfNeeded: UInt32(count) >> shift)) }
    }
}
