/// HMAC with SHA-256 (RFC 2104) over one digest context, which is reused: a short message costs four compressions and no allocation.
package struct HMACSHA256: ~Copyable, Sendable {
    /// A key made ready: both padded blocks.
    package struct Key: Sendable {
        fileprivate let inner: [UInt8]
        fileprivate let outer: [UInt8]

        package init(_ key: Span<UInt8>) {
            var block: [UInt8] = []
            block.reserveCapacity(64)
            if key.count > 64 {
                Digests.sha256(key).append(to: &block)
            } else {
                for index in 0..<key.count { block.append(key[index]) }
            }
            while block.count < 64 { block.append(0) }
            inner = block.map { $0 ^ 0x36 }
            outer = block.map { $0 ^ 0x5C }
        }

        package init(_ key: SHA256Digest) { self.init(key.bytes.span) }
    }

    private var digester = Digester(.sha256)

    package init() {}

    /// The code of one message.
    package mutating func authenticate(_ message: [UInt8], key: Key) -> SHA256Digest { authenticate(message.span, key: key) }

    /// The code of one message.
    package mutating func authenticate(_ message: Span<UInt8>, key: Key) -> SHA256Digest {
        digester.update(key.inner.span)
        digester.update(message)
        let inner = digester.finishSHA256()
        digester.update(key.outer.span)
        digester.update(inner)
        return digester.finishSHA256()
    }
}

extension Digester {
    /// Adds a digest's 32 bytes to the message.
    package mutating func update(_ digest: SHA256Digest) {
        let words = digest.words
        let bigEndian = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
        withUnsafeBytes(of: bigEndian) { buffer in
            update(buffer.bindMemory(to: UInt8.self).span)
        }
    }
}
