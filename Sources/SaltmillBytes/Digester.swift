import CCrypto

/// An incremental digest over libcrypto, which uses the processor's own SHA instructions where it has them.
///
/// One context serves any number of messages, one after the other: finishing one begins the next.
package struct Digester: ~Copyable, @unchecked Sendable {
    // Sendable because the context is owned by this value alone, has no tie to a thread, and a value that cannot be copied is
    // only ever used by one thread at a time.

    package enum Algorithm: Sendable {
        case sha256
        /// For checksums that a format prescribes; not for anything that an adversary may choose.
        case md5
    }

    private let context: OpaquePointer

    /// - Parameter algorithm: what to compute.
    package init(_ algorithm: Algorithm) {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, algorithm == .sha256 ? EVP_sha256() : EVP_md5(), nil) == 1 else {
            preconditionFailure("libcrypto offers no \(algorithm) or has no memory left for it")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds bytes to the message.
    package mutating func update(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBytes { _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    }

    /// Adds bytes to the message.
    package mutating func update(_ bytes: [UInt8]) { update(bytes.span) }

    /// Ends the message, writes the digest at the start of `output` and begins the next message.
    private mutating func finish(into output: UnsafeMutableRawPointer) {
        EVP_DigestFinal_ex(context, output.assumingMemoryBound(to: UInt8.self), nil)
        EVP_DigestInit_ex(context, nil, nil)
    }

    /// Ends a SHA-256 message and begins the next one.
    package mutating func finishSHA256() -> SHA256Digest {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &words) { buffer in
            precondition(EVP_MD_get_size(EVP_MD_CTX_get0_md(context)) == 32, "a SHA-256 digest was asked of another algorithm")
            if let output = buffer.baseAddress { finish(into: output) }
        }
        return SHA256Digest(words: (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian))
    }

    /// Ends the message, gives its digest's bytes and begins the next message.
    package mutating func finish() -> [UInt8] {
        let length = Int(EVP_MD_get_size(EVP_MD_CTX_get0_md(context)))
        return [UInt8](unsafeUninitializedCapacity: length) { buffer, initialized in
            if let output = buffer.baseAddress { finish(into: UnsafeMutableRawPointer(output)) }
            initialized = length
        }
    }
}
