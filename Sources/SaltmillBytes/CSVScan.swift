/// Finding CSV's special bytes eight at a time.
///
/// A word's bytes are compared all at once; in a mask, the top bit of each byte that matched is set, so that the lowest set bit
/// divided by eight is the position of the first match.
struct CSVScan: Sendable {
    private let delimiters: UInt64
    private let delimiter: UInt8

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let lows: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    private static let quotes = ones &* 0x22
    private static let lineFeeds = ones &* 0x0A

    init(delimiter: UInt8) {
        self.delimiter = delimiter
        delimiters = Self.ones &* UInt64(delimiter)
    }

    /// The eight bytes from `index` on, the first one lowest; those at `end` and behind it read as zero.
    @inline(__always)
    private static func word(_ bytes: Span<UInt8>, at index: Int, end: Int) -> UInt64 {
        if index + 8 <= end { return UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)) }
        var word: UInt64 = 0
        for position in index..<max(index, end) { word |= UInt64(bytes[position]) << UInt64(8 * (position - index)) }
        return word
    }

    /// Top bit of each byte that is not zero; the other bits are noise.
    @inline(__always)
    private static func nonzero(_ word: UInt64) -> UInt64 { ((word & lows) &+ lows) | word }

    /// Marks delimiters, quotes and line feeds among the eight bytes from `index` on, as far as they stand before `end`.
    @inline(__always)
    func specials(_ bytes: Span<UInt8>, at index: Int, end: Int) -> UInt64 {
        let word = Self.word(bytes, at: index, end: end)
        let others = Self.nonzero(word ^ delimiters) & Self.nonzero(word ^ Self.quotes) & Self.nonzero(word ^ Self.lineFeeds)
        return ~(others | Self.lows)
    }

    /// The same among the sixteen bytes from `index` on, the first eight in the first mask.
    @inline(__always)
    func specialsOfTwo(_ bytes: Span<UInt8>, at index: Int, end: Int) -> (UInt64, UInt64) {
        guard index + 16 <= end else { return (specials(bytes, at: index, end: end), specials(bytes, at: index + 8, end: end)) }
        let block = bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
        let found =
            (block .== SIMD16<UInt8>(repeating: delimiter)) .| (block .== SIMD16<UInt8>(repeating: 0x22))
            .| (block .== SIMD16<UInt8>(repeating: 0x0A))
        let marks = unsafeBitCast(found, to: SIMD2<UInt64>.self)
        return (marks[0].littleEndian & ~Self.lows, marks[1].littleEndian & ~Self.lows)
    }

    /// Position of the first quote from `index` on and before `end`, or `end`.
    @inline(__always)
    static func firstQuote(_ bytes: Span<UInt8>, from index: Int, end: Int) -> Int { first(quotes, bytes, from: index, end: end) }

    /// Position of the first line feed from `index` on and before `end`, or `end`.
    static func firstLineFeed(_ bytes: Span<UInt8>, from index: Int, end: Int) -> Int { first(lineFeeds, bytes, from: index, end: end) }

    @inline(__always)
    private static func first(_ pattern: UInt64, _ bytes: Span<UInt8>, from index: Int, end: Int) -> Int {
        var index = index
        while index < end {
            let mask = ~(nonzero(word(bytes, at: index, end: end) ^ pattern) | lows)
            if mask != 0 { return index + mask.trailingZeroBitCount >> 3 }
            index += 8
        }
        return end
    }

    /// Number of line feeds in a range.
    static func countLineFeeds(_ bytes: Span<UInt8>, in range: Range<Int>) -> Int {
        var count = 0
        var index = range.lowerBound
        while index < range.upperBound {
            count += (~(nonzero(word(bytes, at: index, end: range.upperBound) ^ lineFeeds) | lows)).nonzeroBitCount
            index += 8
        }
        return count
    }
}
