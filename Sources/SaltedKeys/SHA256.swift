/// SHA-256 (FIPS 180-4), written out here so that this product depends on nothing.
package enum SHA256 {
    /// The digest, 32 bytes.
    package static func digest(of message: Span<UInt8>) -> [UInt8] {
        let state = hash(message)
        return [state.a, state.b, state.c, state.d, state.e, state.f, state.g, state.h].flatMap { word in
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) }
        }
    }

    /// The digest's first four bytes as a number, most significant first.
    package static func firstWord(of message: Span<UInt8>) -> UInt32 { hash(message).a }

    private struct State {
        var a: UInt32 = 0x6a09_e667
        var b: UInt32 = 0xbb67_ae85
        var c: UInt32 = 0x3c6e_f372
        var d: UInt32 = 0xa54f_f53a
        var e: UInt32 = 0x510e_527f
        var f: UInt32 = 0x9b05_688c
        var g: UInt32 = 0x1f83_d9ab
        var h: UInt32 = 0x5be0_cd19
    }

    private static func hash(_ message: Span<UInt8>) -> State {
        var state = State()
        // 64 words of schedule, the first 16 of which are the block.
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
            let raw = message.bytes
            let blocks = raw.byteCount / 64
            for block in 0..<blocks {
                for word in 0..<16 { schedule[word] = load(raw, 64 * block + 4 * word) }
                compress(&state, schedule)
            }
            // What is left, a single one bit, zeros, and the length in bits.
            let tail = raw.byteCount & 63
            var offset = 64 * blocks
            for word in 0..<16 {
                schedule[word] = offset + 4 <= raw.byteCount ? load(raw, offset) : lastWord(raw, offset)
                offset += 4
            }
            if tail >= 56 {
                compress(&state, schedule)
                for word in 0..<16 { schedule[word] = 0 }
            }
            let bits = UInt64(raw.byteCount) << 3
            schedule[14] = UInt32(truncatingIfNeeded: bits >> 32)
            schedule[15] = UInt32(truncatingIfNeeded: bits)
            compress(&state, schedule)
        }
        return state
    }

    @inline(__always)
    private static func load(_ raw: RawSpan, _ offset: Int) -> UInt32 {
        UInt32(bigEndian: raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// The word in which the message ends, with the one bit behind it, or zero if that stands further ahead.
    private static func lastWord(_ raw: RawSpan, _ offset: Int) -> UInt32 {
        guard offset <= raw.byteCount else { return 0 }
        var word: UInt32 = 0
        for index in offset..<raw.byteCount { word = word << 8 | UInt32(raw.unsafeLoad(fromByteOffset: index, as: UInt8.self)) }
        return (word << 8 | 0x80) << (24 - 8 * UInt32(raw.byteCount - offset))
    }

    private static func compress(_ state: inout State, _ schedule: UnsafeMutableBufferPointer<UInt32>) {
        for index in 16..<64 {
            let near = schedule[index - 2]
            let far = schedule[index - 15]
            let sigma1 = rotate(near, 17) ^ rotate(near, 19) ^ near >> 10
            let sigma0 = rotate(far, 7) ^ rotate(far, 18) ^ far >> 3
            schedule[index] = sigma1 &+ schedule[index - 7] &+ sigma0 &+ schedule[index - 16]
        }
        var (a, b, c, d) = (state.a, state.b, state.c, state.d)
        var (e, f, g, h) = (state.e, state.f, state.g, state.h)
        constants.withUnsafeBufferPointer { constants in
            // Eight rounds at a time, after which every word is in its own place again.
            for index in stride(from: 0, to: 64, by: 8) {
                round(a, b, c, &d, e, f, g, &h, constants[index] &+ schedule[index])
                round(h, a, b, &c, d, e, f, &g, constants[index + 1] &+ schedule[index + 1])
                round(g, h, a, &b, c, d, e, &f, constants[index + 2] &+ schedule[index + 2])
                round(f, g, h, &a, b, c, d, &e, constants[index + 3] &+ schedule[index + 3])
                round(e, f, g, &h, a, b, c, &d, constants[index + 4] &+ schedule[index + 4])
                round(d, e, f, &g, h, a, b, &c, constants[index + 5] &+ schedule[index + 5])
                round(c, d, e, &f, g, h, a, &b, constants[index + 6] &+ schedule[index + 6])
                round(b, c, d, &e, f, g, h, &a, constants[index + 7] &+ schedule[index + 7])
            }
        }
        state.a &+= a
        state.b &+= b
        state.c &+= c
        state.d &+= d
        state.e &+= e
        state.f &+= f
        state.g &+= g
        state.h &+= h
    }

    @inline(__always)
    private static func round(
        _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32, _ g: UInt32, _ h: inout UInt32, _ input: UInt32
    ) {
        let sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
        let first = h &+ sum1 &+ (g ^ (e & (f ^ g))) &+ input
        let sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
        d &+= first
        h = first &+ sum0 &+ ((a & b) | (c & (a | b)))
    }

    @inline(__always)
    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { word &>> count | word &<< (32 &- count) }

    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}
