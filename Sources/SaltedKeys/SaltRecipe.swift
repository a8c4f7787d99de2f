/// How physical hash keys are made from logical ones: how many shards a logical key is spread over, and what stands between key and shard.
///
/// Readers and writers must use the same recipe; it never changes for a table's lifetime.
///
/// A row's shard is the first four bytes of SHA-256 of its ``SaltIdentity``, read as an unsigned number with the most significant byte
/// first, modulo the number of shards. Being made from the row itself, it is the same whenever the row is written again.
///
/// SHA-256 was chosen among the hashes that standard libraries have. On 100,000 sequential ids, hourly dates, UUIDs and numbered e-mail
/// addresses over 10, 16, 100, 200, 256 and 1000 shards, the fullest shard held, compared with SHA-256's, up to 15.7 times as many keys
/// with Adler-32, 1.10 times with CRC-32 (e-mail addresses, 1000 shards) and 1.09 times with MD5 (dates, 1000 shards). Adler-32 is out
/// of the question; the other two come close, but CRC-32 promises no spread, and MD5 is missing where cryptography is restricted to
/// approved functions. SHA-256 is in the standard library of every language in common use and in most databases, and costs far less
/// than sending a row.
public struct SaltRecipe: Sendable, Hashable, Codable {
    /// Number of shards, 1 to 100,000.
    public let shards: Int
    /// What stands between the logical key and the shard's decimal number; `.` unless chosen otherwise: `2015-12-07.123`.
    public let separator: String

    /// Creates a recipe from values known to be right.
    /// - Parameters:
    ///   - shards: number of shards, 1 to 100,000.
    ///   - separator: text between key and shard number; not empty, and not ending in a digit.
    public init(shards: Int, separator: String = ".") {
        precondition(Self.fault(shards, separator) == nil, "a salt has 1 to 100,000 shards and a separator that does not end in a digit")
        self.shards = shards
        self.separator = separator
    }

    /// Creates a recipe from values that come from outside.
    /// - Throws: ``SaltError/shards(_:)`` or ``SaltError/separator(_:)``.
    public init(checking shards: Int, separator: String) throws(SaltError) {
        if let fault = Self.fault(shards, separator) { throw fault }
        self.init(shards: shards, separator: separator)
    }

    /// Decodes a recipe.
    /// - Throws: also ``SaltError``, for values that make no recipe.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            checking: container.decode(Int.self, forKey: .shards), separator: container.decode(String.self, forKey: .separator))
    }

    private static func fault(_ shards: Int, _ separator: String) -> SaltError? {
        guard (1...100_000).contains(shards) else { return .shards(shards) }
        guard let last = separator.utf8.last, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(last) else { return .separator(separator) }
        return nil
    }

    // MARK: Writing

    /// The shard, from 0 up to but not including ``shards``, of the row with this identity.
    public func shard(of identity: SaltIdentity) -> Int { shard(ofIdentity: identity.bytes.span) }

    /// The shard of the row with this identity, given as ``SaltIdentity/bytes``.
    public func shard(ofIdentity bytes: Span<UInt8>) -> Int { shard(ofDigestWord: SHA256.firstWord(of: bytes)) }

    /// The shard of the row whose identity's SHA-256 begins with these four bytes, for those who have a faster SHA-256 at hand.
    package func shard(ofDigestWord word: UInt32) -> Int { Int(word) % shards }

    /// The physical hash key of a logical one in a shard.
    public func physicalKey(logical: String, shard: Int) -> String {
        precondition((0..<shards).contains(shard), "the shard must be one of the recipe's")
        return "\(logical)\(separator)\(shard)"
    }

    /// Appends what follows the logical key's UTF-8 in the physical key: the separator and the shard's number.
    public func appendSuffix(shard: Int, to output: inout [UInt8]) {
        output.append(contentsOf: separator.utf8)
        var unit = 1
        while unit <= shard / 10 { unit *= 10 }
        while unit > 0 {
            output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: shard / unit % 10))
            unit /= 10
        }
    }

    /// Length in bytes of the longest text that ``appendSuffix(shard:to:)`` appends.
    public var longestSuffix: Int { separator.utf8.count + String(shards - 1).utf8.count }

    // MARK: Reading

    /// All physical hash keys that rows of a logical one may have, in the order of their shards: what a reader asks, one after the other.
    public func physicalKeys(of logical: String) -> [String] {
        (0..<shards).map { physicalKey(logical: logical, shard: $0) }
    }

    /// Takes a physical hash key apart; nil if this recipe cannot have made it.
    public func logicalKey(ofPhysical physical: String) -> (logical: String, shard: Int)? {
        let bytes = physical.utf8
        let digits = bytes.reversed().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
        let head = bytes.dropLast(digits)
        guard head.suffix(separator.utf8.count).elementsEqual(separator.utf8) else { return nil }
        let number = Substring(bytes.suffix(digits))
        guard let shard = Int(number), shard < shards, digits == 1 || number.utf8.first != UInt8(ascii: "0") else { return nil }
        return (String(Substring(head.dropLast(separator.utf8.count))), shard)
    }
}
