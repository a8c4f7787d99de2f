/// The 32 bytes of a SHA-256 digest or HMAC, kept without an allocation.
package struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
    /// The digest as four big-endian words.
    package let words: (UInt64, UInt64, UInt64, UInt64)

    package init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// Byte `index` of the digest, 0 to 31.
    @inline(__always)
    package subscript(index: Int) -> UInt8 {
        let word =
            switch index >> 3 {
            case 0: words.0
            case 1: words.1
            case 2: words.2
            default: words.3
            }
        return UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * (index & 7)))
    }

    /// Appends the 32 bytes.
    package func append(to output: inout [UInt8]) {
        for index in 0..<32 { output.append(self[index]) }
    }

    /// Appends 64 lower-case hexadecimal digits.
    package func appendHex(to output: inout [UInt8]) {
        for index in 0..<32 { HexText.append(self[index], to: &output) }
    }

    package var bytes: [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(32)
        append(to: &output)
        return output
    }

    /// 64 lower-case hexadecimal digits.
    package var description: String {
        var output: [UInt8] = []
        output.reserveCapacity(64)
        appendHex(to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    package static func == (left: SHA256Digest, right: SHA256Digest) -> Bool { left.words == right.words }

    package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
