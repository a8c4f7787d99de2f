/// Why a salt cannot be made or understood.
public enum SaltError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The number of shards is not 1 to 100,000.
    case shards(Int)
    /// The separator is empty, or ends in a digit, so that key and shard could not be told apart again.
    case separator(String)
    /// The text is no decimal number of up to 38 digits between 1E-130 and 9.99…E+125.
    case number(String)
    /// The text is no salt declaration of a version known here.
    case declaration(String)
    /// The declaration is longer than the 256 characters that a tag's value may have.
    case declarationTooLong(Int)

    /// One sentence that says what is wrong and what would be right.
    public var description: String {
        switch self {
        case .shards(let shards):
            "a salt has 1 to 100,000 shards, not \(shards)"
        case .separator(let separator):
            "the separator \"\(separator)\" cannot stand between a key and its shard: it must not be empty or end in a digit; use \".\""
        case .number(let text):
            "\"\(text)\" is not a decimal number of up to 38 digits between 1E-130 and 9.99E+125"
        case .declaration(let text):
            "\"\(text)\" is not a salt declaration such as \"v1 sha256 200 key day by id sep .\""
        case .declarationTooLong(let length):
            "the salt's declaration has \(length) characters and a tag's value at most 256: shorten the attribute names"
        }
    }
}
