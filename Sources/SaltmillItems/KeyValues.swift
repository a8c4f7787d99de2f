import SaltedKeys
import SaltmillBytes

/// Values of one row's key attributes, in the canonical form that is hashed (``CanonicalKey``), behind one another in one buffer.
struct KeyValues: Sendable {
    private struct Entry: Sendable {
        /// The canonical form; empty for an absent value.
        var range: Range<Int>
        var size: Int
    }

    private(set) var bytes: [UInt8] = []
    private var entries: [Entry] = []

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
    }

    /// Appends the place of a value that the row does not have.
    mutating func appendAbsent() { entries.append(Entry(range: bytes.count..<bytes.count, size: 0)) }

    /// Appends the value that `text` means as a string, number or binary.
    mutating func append(_ text: Span<UInt8>, as type: AttributeType, _ encoding: BinaryEncoding) throws(ValueFault) {
        let start = CanonicalKey.open(type: type.letter, in: &bytes)
        var size = 0
        switch type {
        case .N:
            size = try ValueWriter.appendNumber(text, to: &bytes)
        case .B:
            try ValueWriter.appendBinary(text, encoding, to: &bytes)
            size = bytes.count - start - CanonicalKey.headerLength
        default:
            try StringText.check(text)
            bytes.append(text)
            size = text.count
        }
        close(from: start, size: size)
    }

    /// Appends the physical value that a salt makes of a row's logical ones, absent where its source is.
    mutating func append(_ logical: KeyValues, with salt: EncodingPlan.Salt, _ identity: inout SaltIdentity) {
        guard logical.isPresent(salt.source) else { return appendAbsent() }
        identity.removeAll()
        for place in salt.by { identity.append(canonical: logical.bytes.span.extracting(logical.valueRange(place))) }
        let start = CanonicalKey.open(type: AttributeType.S.letter, in: &bytes)
        bytes.append(logical.bytes.span.extracting(logical.valueRange(salt.source)))
        salt.recipe.appendSuffix(shard: salt.recipe.shard(ofDigestWord: Digests.sha256FirstWord(identity.bytes.span)), to: &bytes)
        close(from: start, size: bytes.count - start - CanonicalKey.headerLength)
    }

    /// Appends the canonical form of another list's value, without giving it a place.
    mutating func append(canonicalFormOf place: Int, of other: KeyValues) {
        bytes.append(other.bytes.span.extracting(other.range(place)))
    }

    private mutating func close(from start: Int, size: Int) {
        CanonicalKey.close(from: start, in: &bytes)
        entries.append(Entry(range: start..<bytes.count, size: size))
    }

    func isPresent(_ place: Int) -> Bool { !entries[place].range.isEmpty }

    /// The range in ``bytes`` of a value's canonical form.
    func range(_ place: Int) -> Range<Int> { entries[place].range }

    /// The range in ``bytes`` of a present value itself: a string's UTF-8, a number's canonical text, or a binary.
    func valueRange(_ place: Int) -> Range<Int> {
        let range = entries[place].range
        return (range.lowerBound + CanonicalKey.headerLength)..<range.upperBound
    }

    /// What a value counts for in an item, in bytes.
    func size(_ place: Int) -> Int { entries[place].size }

    /// Hash of a present value's canonical form.
    func hash(_ place: Int) -> UInt64 { KeyHash.hash64(bytes.span.extracting(entries[place].range)) }
}

extension AttributeType {
    /// The type's letter, for the types that keys have.
    var letter: UInt8 {
        switch self {
        case .N: UInt8(ascii: "N")
        case .B: UInt8(ascii: "B")
        default: UInt8(ascii: "S")
        }
    }
}
