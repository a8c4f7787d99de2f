import SaltmillBytes

/// Reads items one by one and keeps the digest of all of them.
package struct ItemDigester: ~Copyable {
    /// The digest of the items so far.
    package private(set) var digest = ItemDigest.empty
    /// What was found of the last item.
    package private(set) var scanner = ItemScanner()
    private var digester = Digester(.sha256)

    package init() {}

    /// Adds an item.
    /// - Parameter item: one object in DynamoDB JSON, as it is on the wire; white space may stand around and within it.
    /// - Throws: ``ItemFault`` for anything else; the digest is then as it was.
    package mutating func add(_ item: Span<UInt8>) throws(ItemFault) {
        try scanner.scan(item)
        scanner.update(&digester)
        digest += ItemDigest(of: digester.finishSHA256())
    }

    /// Reads an item that stands in a buffer.
    /// - Parameter counts: whether it is added to the digest; otherwise only ``scanner`` tells of it.
    package mutating func read(_ bytes: [UInt8], _ range: Range<Int>, counts: Bool) throws(ItemFault) {
        let item = bytes.span.extracting(range)
        if counts { try add(item) } else { try scanner.scan(item) }
    }

    /// Gives back the room that a large item took.
    package mutating func trim() { scanner.trim() }
}
