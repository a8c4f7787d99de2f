import SaltmillSources

/// Where an item stands in a dump of several parts, as a locator of one source: the part's number stands above the offset in its text, and the
/// line counts the part's items from 1.
enum DumpLocator {
    /// Bits of a locator that the offset in a part takes: parts of up to a tebibyte.
    private static let offsetBits: UInt64 = 40
    /// Parts that a dump may have; a locator's offset must stay below 2^63.
    static let maximumParts = 1 << 23

    static func make(part: Int, offset: UInt64, item: UInt64) -> RecordLocator {
        RecordLocator(offset: UInt64(part) << offsetBits | offset, line: item)
    }

    static func part(of locator: RecordLocator) -> Int { Int(locator.offset >> offsetBits) }

    static func offset(of locator: RecordLocator) -> UInt64 { locator.offset & (1 << offsetBits - 1) }
}
