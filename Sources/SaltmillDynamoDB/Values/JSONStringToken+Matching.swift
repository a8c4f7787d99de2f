import SaltmillBytes

extension JSONStringToken {
    /// True when the token's value is that text.
    func matches(_ text: StaticString, _ bytes: Span<UInt8>) -> Bool {
        text.withUTF8Buffer { matches($0.span, bytes) }
    }

    /// True when the token's value is that UTF-8.
    func matches(_ text: Span<UInt8>, _ bytes: Span<UInt8>) -> Bool {
        if isEscaped {
            var value: [UInt8] = []
            JSONScanner.appendValue(of: self, in: bytes, to: &value)
            guard value.count == text.count else { return false }
            return value.indices.allSatisfy { value[$0] == text[$0] }
        }
        guard range.count == text.count else { return false }
        for offset in 0..<text.count where bytes[range.lowerBound + offset] != text[offset] { return false }
        return true
    }
}
