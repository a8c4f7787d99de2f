/// The form of key values that is hashed: equal keys have equal bytes, and no two different lists of values share theirs.
package enum CanonicalKey {
    /// Appends one value: its type, its length as four bytes (most significant first), its bytes.
    /// - Parameters:
    ///   - type: the letter `S`, `N` or `B`.
    ///   - value: a string's UTF-8, a number's text as ``DecimalNumber/appendText(to:)`` writes it, or a binary's bytes.
    package static func append(type: UInt8, value: Span<UInt8>, to output: inout [UInt8]) {
        let start = open(type: type, in: &output)
        output.append(value)
        close(from: start, in: &output)
    }

    /// Length in bytes of what stands before a value's bytes.
    package static let headerLength = 5

    /// Begins a value whose bytes the caller appends; gives the position that ``close(from:in:)`` is to be told.
    package static func open(type: UInt8, in output: inout [UInt8]) -> Int {
        let start = output.count
        output.append(type)
        for _ in 1..<headerLength { output.append(0) }
        return start
    }

    /// Ends the value that was opened at `start`: its length is known now.
    package static func close(from start: Int, in output: inout [UInt8]) {
        let count = UInt32(truncatingIfNeeded: output.count - start - headerLength)
        for offset in 0..<4 { output[start + 1 + offset] = UInt8(truncatingIfNeeded: count >> (24 - 8 * UInt32(offset))) }
    }
}
