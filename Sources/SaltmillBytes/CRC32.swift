import CZlib

/// CRC-32 as zlib, gzip and the `x-amz-crc32` header have it (polynomial 0xEDB88320, reflected).
package struct CRC32: Sendable {
    /// The checksum of all bytes given so far.
    package private(set) var value: UInt32 = 0

    package init() {}

    package mutating func update(_ bytes: Span<UInt8>) {
        value = bytes.withUnsafeBytes { buffer in
            // zlib takes a null pointer as a wish for the initial value.
            guard let base = buffer.baseAddress else { return value }
            return UInt32(truncatingIfNeeded: crc32_z(UInt(value), base.assumingMemoryBound(to: UInt8.self), buffer.count))
        }
    }

    package static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
        var crc = CRC32()
        crc.update(bytes)
        return crc.value
    }
}
