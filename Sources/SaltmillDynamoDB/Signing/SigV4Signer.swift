package import SaltmillBytes

/// Signs POST requests by AWS Signature Version 4 (AWS General Reference, "Signing AWS API requests").
///
/// Made for signing the same kind of request again and again: the signing key is computed once a day, the date text once a second, and
/// everything is written as bytes into buffers that are kept.
package struct SigV4Signer: ~Copyable, Sendable {
    private let region: String
    private let service: String
    private var hmac = HMACSHA256()
    private var digester = Digester(.sha256)

    private var second = -1
    /// `yyyyMMddTHHmmssZ`; its first eight bytes are the day.
    private var date: [UInt8] = []
    private var day = -1
    /// `yyyyMMdd/region/service/aws4_request`.
    private var scope: [UInt8] = []
    private var key: HMACSHA256.Key?
    private var keyOwner = ""

    /// The canonical request of the last signature.
    package private(set) var canonicalRequest: [UInt8] = []
    private var stringToSign: [UInt8] = []

    package init(region: String, service: String = "dynamodb") {
        self.region = region
        self.service = service
    }

    /// The parts of a request that are signed, besides its body, its date and the session token.
    package struct Signed: Sendable {
        package var host: String
        package var path: String
        package var contentType: String?
        package var target: String?

        package init(host: String, path: String = "/", contentType: String? = nil, target: String? = nil) {
            self.host = host
            self.path = path
            self.contentType = contentType
            self.target = target
        }
    }

    /// Signs a request and appends every header that was signed (but the host, which is the transport's) and the `Authorization` header.
    /// - Parameters:
    ///   - seconds: the time in seconds since 1970-01-01, by the server's clock as far as it is known.
    ///   - headers: where the header lines go.
    /// - Returns: the signature.
    @discardableResult
    package mutating func sign(
        _ parts: Signed, body: Span<UInt8>, at seconds: Int, _ credentials: Credentials, headers: inout HeaderLines
    ) -> SHA256Digest {
        setTime(seconds)
        let key = signingKey(credentials.secretAccessKey)

        digester.update(body)
        writeCanonicalRequest(parts, bodyHash: digester.finishSHA256(), token: credentials.sessionToken)
        digester.update(canonicalRequest)
        let requestHash = digester.finishSHA256()

        stringToSign.removeAll(keepingCapacity: true)
        stringToSign.append(contentsOf: "AWS4-HMAC-SHA256\n".utf8)
        stringToSign.append(contentsOf: date)
        stringToSign.append(UInt8(ascii: "\n"))
        stringToSign.append(contentsOf: scope)
        stringToSign.append(UInt8(ascii: "\n"))
        requestHash.appendHex(to: &stringToSign)
        let signature = hmac.authenticate(stringToSign, key: key)

        if let contentType = parts.contentType { headers.append("Content-Type", contentType) }
        if let target = parts.target { headers.append("X-Amz-Target", target) }
        headers.append("X-Amz-Date") { $0.append(contentsOf: date) }
        if let token = credentials.sessionToken { headers.append("X-Amz-Security-Token", token) }
        headers.append("Authorization") { output in
            output.append(contentsOf: "AWS4-HMAC-SHA256 Credential=".utf8)
            output.append(contentsOf: credentials.accessKeyID.utf8)
            output.append(UInt8(ascii: "/"))
            output.append(contentsOf: scope)
            output.append(contentsOf: ", SignedHeaders=".utf8)
            Self.appendNames(parts, hasToken: credentials.sessionToken != nil, to: &output)
            output.append(contentsOf: ", Signature=".utf8)
            signature.appendHex(to: &output)
        }
        return signature
    }

    private mutating func setTime(_ seconds: Int) {
        guard seconds != second else { return }
        second = seconds
        date.removeAll(keepingCapacity: true)
        CivilTime.appendBasic(seconds, to: &date)
        guard seconds / 86_400 != day else { return }
        day = seconds / 86_400
        key = nil
        scope = Array(date[..<8]) + "/\(region)/\(service)/aws4_request".utf8
    }

    private mutating func signingKey(_ secret: String) -> HMACSHA256.Key {
        if let key, keyOwner == secret { return key }
        var step = hmac.authenticate(Array(date[..<8]), key: HMACSHA256.Key(Array("AWS4\(secret)".utf8).span))
        for part in [region, service, "aws4_request"] { step = hmac.authenticate(part.utf8.span, key: HMACSHA256.Key(step)) }
        let made = HMACSHA256.Key(step)
        key = made
        keyOwner = secret
        return made
    }

    private mutating func writeCanonicalRequest(_ parts: Signed, bodyHash: SHA256Digest, token: String?) {
        canonicalRequest.removeAll(keepingCapacity: true)
        canonicalRequest.append(contentsOf: "POST\n".utf8)
        canonicalRequest.append(contentsOf: parts.path.utf8)
        canonicalRequest.append(contentsOf: "\n\n".utf8)
        if let contentType = parts.contentType { appendHeader("content-type:", contentType) }
        appendHeader("host:", parts.host)
        canonicalRequest.append(contentsOf: "x-amz-date:".utf8)
        canonicalRequest.append(contentsOf: date)
        canonicalRequest.append(UInt8(ascii: "\n"))
        if let token { appendHeader("x-amz-security-token:", token) }
        if let target = parts.target { appendHeader("x-amz-target:", target) }
        canonicalRequest.append(UInt8(ascii: "\n"))
        Self.appendNames(parts, hasToken: token != nil, to: &canonicalRequest)
        canonicalRequest.append(UInt8(ascii: "\n"))
        bodyHash.appendHex(to: &canonicalRequest)
    }

    private mutating func appendHeader(_ name: String, _ value: String) {
        canonicalRequest.append(contentsOf: name.utf8)
        canonicalRequest.append(contentsOf: value.utf8)
        canonicalRequest.append(UInt8(ascii: "\n"))
    }

    /// The names of the signed headers in the order in which they are signed, which is alphabetical.
    private static func appendNames(_ parts: Signed, hasToken: Bool, to output: inout [UInt8]) {
        if parts.contentType != nil { output.append(contentsOf: "content-type;".utf8) }
        output.append(contentsOf: "host;x-amz-date".utf8)
        if hasToken { output.append(contentsOf: ";x-amz-security-token".utf8) }
        if parts.target != nil { output.append(contentsOf: ";x-amz-target".utf8) }
    }
}
