/// Fast hashes of keys that are the same in every run and on every machine, since they are kept in files.
///
/// Two 64-bit lanes take 16 bytes a step. Every step can be undone, so nothing that went in is lost on the way; inputs of one length up
/// to 16 bytes never share a 128-bit hash. There is no seed and no promise against inputs made to collide: the keys hashed are the
/// operator's own.
package enum KeyHash {
    // Start values without pattern: the fractional bits of the square roots of 2 and 3.
    private static let start = (a: 0x6A09_E667_F3BC_C908 as UInt64, b: 0xBB67_AE85_84CA_A73B as UInt64)

    /// A 64-bit hash: the high half of ``hash128(_:)``.
    package static func hash64(_ bytes: Span<UInt8>) -> UInt64 { hash128(bytes).high }

    /// A 128-bit hash, wide enough to take equal hashes for equal keys: among 10^10 keys two collide with a chance of 10^-19.
    package static func hash128(_ bytes: Span<UInt8>) -> (high: UInt64, low: UInt64) {
        let raw = bytes.bytes
        let count = raw.byteCount
        var (a, b) = start
        var index = 0
        while count - index > 16 {
            mix(&a, &b, word(raw, index), word(raw, index + 8))
            index += 16
        }
        let (first, second) = tail(raw, from: index)
        mix(&a, &b, first, second)
        mix(&a, &b, UInt64(truncatingIfNeeded: count), 0)
        return (a, b)
    }

    @inline(__always)
    private static func mix(_ a: inout UInt64, _ b: inout UInt64, _ first: UInt64, _ second: UInt64) {
        a = spread(a ^ first) &+ b
        b = spread(b ^ second) &+ a
    }

    /// Lets every bit of a word change every other (David Stafford's variant 13 of MurmurHash3's last step).
    @inline(__always)
    private static func spread(_ word: UInt64) -> UInt64 {
        var word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    /// The last 0 to 16 bytes as two words that overlap where there are fewer; the count tells them apart.
    @inline(__always)
    private static func tail(_ raw: RawSpan, from index: Int) -> (UInt64, UInt64) {
        let left = raw.byteCount - index
        if left >= 8 { return (word(raw, index), word(raw, raw.byteCount - 8)) }
        if left >= 4 {
            let low = raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt32.self)
            let high = raw.unsafeLoadUnaligned(fromByteOffset: raw.byteCount - 4, as: UInt32.self)
            return (UInt64(UInt32(littleEndian: low)), UInt64(UInt32(littleEndian: high)))
        }
        var value: UInt64 = 0
        for offset in 0..<left { value |= UInt64(raw.unsafeLoad(fromByteOffset: index + offset, as: UInt8.self)) << (8 * UInt64(offset)) }
        return (value, 0)
    }

    @inline(__always)
    private static func word(_ raw: RawSpan, _ index: Int) -> UInt64 {
        UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
    }
}
