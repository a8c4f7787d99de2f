package import SaltmillBytes

/// What a multiset of items amounts to, whatever their order: how many there are, and the sum modulo 2^256 of the SHA-256 hashes of
/// their canonical forms, read as big-endian numbers. Two sets of items are equal when their digests are (but for chance).
///
/// The canonical form of an item is that of a map. `u32` is four bytes, most significant first; `text` is the length of its bytes
/// as `u32`, then the bytes; sorting is by unsigned bytes, the shorter first where one begins the other.
///
/// | type | canonical form |
/// |---|---|
/// | S | `S`, text: UTF-8 |
/// | N | `N`, text: plain decimal digits without exponent and needless zeros, `-` if negative; 0 is `0` |
/// | B | `B`, text: the bytes themselves |
/// | BOOL | `T` or `F` |
/// | NULL | `Z` |
/// | SS, NS, BS | `s`, `n` or `b`, u32 count, then each element's text (as in S, N, B), sorted by its bytes, no element twice |
/// | L | `L`, u32 count, then each element's canonical form, in order |
/// | M | `M`, u32 count, then for each member, sorted by the name's UTF-8: the name as text, the value's canonical form |
///
/// Its text form is `count:sum`, the sum as 64 lower-case hexadecimal digits.
package struct ItemDigest: Hashable, Sendable, CustomStringConvertible {
    /// How many items.
    package var count: Int
    /// No table has more items, and no reader of JSON in another language loses digits of such a number.
    package static let maximumCount = 1 << 53
    /// The sum as four words, the least significant first.
    private var words: (UInt64, UInt64, UInt64, UInt64)

    /// The digest of no items.
    package static let empty = ItemDigest(count: 0, words: (0, 0, 0, 0))

    private init(count: Int, words: (UInt64, UInt64, UInt64, UInt64)) {
        self.count = count
        self.words = words
    }

    /// The digest of one item.
    /// - Parameter hash: SHA-256 of the item's canonical form.
    package init(of hash: SHA256Digest) {
        count = 1
        words = (hash.words.3, hash.words.2, hash.words.1, hash.words.0)
    }

    /// Reads the text form.
    package init?(_ text: String) {
        let halves = text.split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count == 2,
            let count = Int(halves[0]), (0...Self.maximumCount).contains(count), halves[1].utf8.count == 64
        else { return nil }
        var bytes: [UInt8] = []
        guard (try? Hex.append(decoding: Array(halves[1].utf8).span, to: &bytes)) != nil else { return nil }
        func word(_ index: Int) -> UInt64 { bytes[(index * 8)..<(index * 8 + 8)].reduce(0) { $0 << 8 | UInt64($1) } }
        self.init(count: count, words: (word(3), word(2), word(1), word(0)))
        guard description == text else { return nil }
    }

    package static func += (left: inout ItemDigest, right: ItemDigest) {
        let (count, isTooLarge) = left.count.addingReportingOverflow(right.count)
        left.count = isTooLarge ? .max : count
        var carry: UInt64 = 0
        left.words.0 = add(left.words.0, right.words.0, &carry)
        left.words.1 = add(left.words.1, right.words.1, &carry)
        left.words.2 = add(left.words.2, right.words.2, &carry)
        left.words.3 = add(left.words.3, right.words.3, &carry)
    }

    /// Takes items out again, e.g. those that another digest has counted too.
    package static func -= (left: inout ItemDigest, right: ItemDigest) {
        let count = left.count - right.count
        var carry: UInt64 = 1
        left.words.0 = add(left.words.0, ~right.words.0, &carry)
        left.words.1 = add(left.words.1, ~right.words.1, &carry)
        left.words.2 = add(left.words.2, ~right.words.2, &carry)
        left.words.3 = add(left.words.3, ~right.words.3, &carry)
        left.count = count
    }

    package static func + (left: ItemDigest, right: ItemDigest) -> ItemDigest {
        var sum = left
        sum += right
        return sum
    }

    package static func - (left: ItemDigest, right: ItemDigest) -> ItemDigest {
        var difference = left
        difference -= right
        return difference
    }

    @inline(__always)
    private static func add(_ left: UInt64, _ right: UInt64, _ carry: inout UInt64) -> UInt64 {
        let (partial, first) = left.addingReportingOverflow(right)
        let (sum, second) = partial.addingReportingOverflow(carry)
        carry = first || second ? 1 : 0
        return sum
    }

    /// The sum as 64 lower-case hexadecimal digits.
    package var hex: String {
        SHA256Digest(words: (words.3, words.2, words.1, words.0)).description
    }

    package var description: String { "\(count):\(hex)" }

    package static func == (left: ItemDigest, right: ItemDigest) -> Bool { left.count == right.count && left.words == right.words }

    package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
