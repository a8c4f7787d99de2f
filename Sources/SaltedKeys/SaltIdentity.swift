/// What a row's shard is computed from: values of its logical primary key, in the order the salt names them.
///
/// Each value stands as its length in bytes in decimal, a colon, and its bytes, so that no two lists of values look alike. Numbers count
/// by value, not by spelling.
///
/// ```swift
/// var identity = SaltIdentity()
/// try identity.append(number: "42")
/// let shard = recipe.shard(of: identity)
/// ```
public struct SaltIdentity: Sendable, Hashable {
    /// The bytes that are hashed.
    public private(set) var bytes: [UInt8] = []

    /// Creates an identity without values.
    public init() {}

    /// Appends a string's UTF-8, as it is (without Unicode normalisation).
    public mutating func append(string: String) {
        appendLength(string.utf8.count)
        bytes.append(contentsOf: string.utf8)
    }

    /// Appends a number in plain decimal form: `1e3` and `1000.0` as `1000`, `-0` as `0`.
    /// - Throws: ``SaltError/number(_:)`` for what is no number, or one that no key can be.
    public mutating func append(number: String) throws(SaltError) {
        guard let text = PlainDecimal.text(of: Array(number.utf8)) else { throw .number(number) }
        appendLength(text.count)
        bytes.append(contentsOf: text)
    }

    /// Appends a binary value.
    public mutating func append(binary: [UInt8]) { append(canonical: binary.span) }

    /// Appends a value that is in its canonical form already: a string's UTF-8, a number's plain decimal text, a binary's bytes.
    public mutating func append(canonical value: Span<UInt8>) {
        appendLength(value.count)
        value.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }

    /// Forgets the values but keeps the memory.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    private mutating func appendLength(_ length: Int) {
        var unit = 1
        while unit <= length / 10 { unit *= 10 }
        while unit > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: length / unit % 10))
            unit /= 10
        }
        bytes.append(UInt8(ascii: ":"))
    }
}
