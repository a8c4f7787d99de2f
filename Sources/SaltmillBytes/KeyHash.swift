/// Fast hashes of keys that are the same in every run and on every machine, since they are kept in files.
///
/// Two 64-bit lanes take 16 bytes a step through one full 64 × 64 bit multiplication, whose halves are folded back into the lanes.
/// There is no seed and no promise against inputs made to collide: the keys hashed are the operator's own.
package enum KeyHash {
    // Odd constants without pattern (the fractional bits of the square roots of 2, 3, 5 and 7). Read as bytes, none is well-formed UTF-8.
    private static let k0: UInt64 = 0x6A09_E667_F3BC_C909
    private static let k1: UInt64 = 0xBB67_AE85_84CA_A73B
    private static let k2: UInt64 = 0x3C6E_F372_FE94_F82B
    private static let k3: UInt64 = 0xA54F_F53A_5F1D_36F1

    /// A 64-bit hash: the high half of ``hash128(_:)``.
    package static func hash64(_ bytes: Span<UInt8>) -> UInt64 { hash128(bytes).high }

    /// A 128-bit hash, wide enough to take equal hashes for equal keys: among 10^10 keys two collide with a chance of 10^-19.
    package static func hash128(_ bytes: Span<UInt8>) -> (high: UInt64, low: UInt64) {
        let raw = bytes.bytes
        let count = raw.byteCount
        var a = k0 ^ UInt64(truncatingIfNeeded: count)
        var b = k1
        var index = 0
        while count - index > 16 {
            mix(&a, &b, word(raw, index), word(raw, index + 8))
            index += 16
        }
        let (first, second) = tail(raw, from: index)
        mix(&a, &b, first, second)
        mix(&a, &b, k2, k3)
        mix(&a, &b, k1, k0)
        return (a, b)
    }

    @inline(__always)
    private static func mix(_ a: inout UInt64, _ b: inout UInt64, _ first: UInt64, _ second: UInt64) {
        let x = a ^ first
        let y = b ^ second
        let product = x.multipliedFullWidth(by: y)
        // Swapped, so that the well mixed high half and the low half take turns; and with the factors, so that a zero loses nothing.
        a = product.high ^ x ^ k2
        b = product.low ^ (y << 32 | y >> 32) ^ k3
    }

    /// The last 0 to 16 bytes as two words that overlap where there are fewer; the count in the start value tells them apart.
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
