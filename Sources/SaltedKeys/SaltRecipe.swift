/// How physical hash keys are made from logical ones: how many shards a logical key is spread over, and what stands between key and shard.
///
/// Readers and writers must use the same recipe; it never changes for a table's lifetime.
public struct SaltRecipe: Sendable, Hashable, Codable {
    /// Number of shards, 1 to 100,000.
    public let shards: Int
    /// What stands between the logical key and the shard's decimal number; `.` unless chosen otherwise: `2015-12-07.123`.
    public let separator: String

    /// Creates a recipe.
    /// - Parameters:
    ///   - shards: number of shards, 1 to 100,000.
    ///   - separator: text between key and shard number; not empty.
    public init(shards: Int, separator: String = ".") {
        precondition((1...100_000).contains(shards), "a salt has 1 to 100,000 shards")
        precondition(!separator.isEmpty, "a salt's separator is not empty")
        self.shards = shards
        self.separator = separator
    }
}
