extension [UInt8] {
    /// Appends a span's bytes.
    @inlinable
    @inline(__always)
    package mutating func append(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBufferPointer { append(contentsOf: $0) }
    }
}
