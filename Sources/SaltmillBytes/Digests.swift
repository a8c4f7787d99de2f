/// Digests of whole messages.
package enum Digests {
    package static func sha256(_ bytes: Span<UInt8>) -> SHA256Digest {
        var digester = Digester(.sha256)
        digester.update(bytes)
        return digester.finishSHA256()
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
