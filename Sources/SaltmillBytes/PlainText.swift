/// Finding the end of plain text, sixteen bytes at a time.
enum PlainText {
    /// The first byte from `index` on that is not plain ASCII, or the end: a control character, a quote, a backslash, or part of a longer sequence.
    @inline(__always)
    static func end(_ bytes: Span<UInt8>, from index: Int) -> Int {
        let raw = bytes.bytes
        var index = index
        while index + 16 <= raw.byteCount {
            let block = raw.unsafeLoadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
            // As signed numbers, the bytes of longer sequences are below the space too. (The types are spelled out since only then the compiler
            // compares all sixteen at once.)
            let low = SIMD16<Int8>(truncatingIfNeeded: block) .< SIMD16<Int8>(repeating: 0x20)
            let special = low .| (block .== SIMD16<UInt8>(repeating: 0x22)) .| (block .== SIMD16<UInt8>(repeating: 0x5C))
            let marks = unsafeBitCast(special, to: SIMD2<UInt64>.self)
            if marks[0] != 0 { return index + marks[0].littleEndian.trailingZeroBitCount / 8 }
            if marks[1] != 0 { return index + 8 + marks[1].littleEndian.trailingZeroBitCount / 8 }
            index += 16
        }
        while index < raw.byteCount {
            let byte = raw.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            guard byte >= 0x20, byte < 0x80, byte != 0x22, byte != 0x5C else { return index }
            index += 1
        }
        return index
    }
}
