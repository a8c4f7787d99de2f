import CCrypto

/// Digests of whole messages.
package enum Digests {
    package static func sha256(_ bytes: Span<UInt8>) -> SHA256Digest {
        var digester = Digester(.sha256)
        digester.update(bytes)
        return digester.finishSHA256()
    }

    /// The first four bytes of the message's SHA-256 as a number, most significant first; for short messages, which cost no allocation here.
    package static func sha256FirstWord(_ bytes: Span<UInt8>) -> UInt32 {
        bytes.withUnsafeBytes { saltmill_sha256_first_word($0.baseAddress, $0.count) }
    }

    /// MD5, 16 bytes: for checksums that a format prescribes.
    package static func md5(_ bytes: Span<UInt8>) -> [UInt8] {
        var digester = Digester(.md5)
        digester.update(bytes)
        return digester.finish()
    }

    package static func hmacSHA256(key: Span<UInt8>, _ message: Span<UInt8>) -> SHA256Digest {
        var hmac = HMACSHA256()
        return hmac.authenticate(message, key: HMACSHA256.Key(key))
    }
}
