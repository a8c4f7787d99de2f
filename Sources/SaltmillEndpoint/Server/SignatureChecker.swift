import NIOHTTP1
import SaltmillBytes

/// Checks AWS Signature Version 4 in the order in which the service does (AWS General Reference, "Signing AWS API requests").
struct SignatureChecker {
    /// How far a request's time may be off, in seconds.
    private static let tolerance = 900
    private static let algorithm = "AWS4-HMAC-SHA256"

    private let credentials: EndpointCredentials
    private let region: String

    init(_ credentials: EndpointCredentials, region: String) {
        self.credentials = credentials
        self.region = region
    }

    /// - Throws: the service's error for a request that is not signed with the key pair.
    func check(_ head: HTTPRequestHead, body: [UInt8], at epoch: Double) throws(ServiceError) {
        guard let authorization = head.headers.first(name: "authorization"), !authorization.isEmpty else {
            throw .signature("MissingAuthenticationTokenException", "Request is missing Authentication Token")
        }
        let (algorithm, parameters) = try Self.parse(authorization)
        guard let date = head.headers.first(name: "x-amz-date") else {
            throw .signature(
                "IncompleteSignatureException",
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=\(authorization)")
        }
        try Self.check(date: date, at: Int(epoch))
        let names = (parameters["SignedHeaders"] ?? "").split(separator: ";").map { String($0) }
        guard names.contains("host") else {
            throw .signature("InvalidSignatureException", "'Host' must be a 'SignedHeader' in the AWS Authorization.")
        }
        guard algorithm == Self.algorithm else {
            throw .signature("IncompleteSignatureException", "Unsupported AWS 'algorithm': '\(algorithm)'")
        }
        let scope = (parameters["Credential"] ?? "").split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
        guard scope.count == 5 else {
            throw .signature(
                "IncompleteSignatureException",
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term")
        }
        guard scope[1] == date.prefix(8), scope[2] == region, scope[3] == "dynamodb", scope[4] == "aws4_request" else {
            throw .signature(
                "InvalidSignatureException",
                "Credential should be scoped to \(date.prefix(8))/\(region)/dynamodb/aws4_request, not to "
                    + scope.dropFirst().joined(separator: "/"))
        }
        guard scope[0] == credentials.accessKeyID else {
            throw .signature("UnrecognizedClientException", "The security token included in the request is invalid.")
        }
        let request = canonicalRequest(head, names, body)
        guard Self.isEqual(signature(request, date, scope.dropFirst().joined(separator: "/")), parameters["Signature"] ?? "") else {
            throw .signature(
                "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and "
                    + "signing method. Consult the service documentation for details.")
        }
    }

    private static func parse(_ authorization: String) throws(ServiceError) -> (algorithm: String, parameters: [String: String]) {
        let parts = authorization.split(separator: " ", maxSplits: 1)
        var parameters: [String: String] = [:]
        for parameter in parts.dropFirst().joined().split(separator: ",") {
            let pair = parameter.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            if pair.count == 2 { parameters[String(pair[0])] = String(pair[1]) }
        }
        for name in ["Credential", "Signature", "SignedHeaders"] where parameters[name] == nil {
            throw .signature(
                "IncompleteSignatureException", "Authorization header requires '\(name)' parameter. Authorization=\(authorization)")
        }
        return (String(parts.first ?? ""), parameters)
    }

    /// Checks a time such as `20150830T123600Z`.
    private static func check(date: String, at now: Int) throws(ServiceError) {
        let digits = date.utf8.filter { $0 >= 0x30 && $0 <= 0x39 }
        guard date.utf8.count == 16, digits.count == 14, date.hasSuffix("Z"), let day = Int(date.prefix(8)),
            let time = Int(date.dropFirst(9).prefix(6))
        else {
            throw .signature(
                "IncompleteSignatureException",
                "Date must be in ISO-8601 'basic format'. Got '\(date)'. See http://en.wikipedia.org/wiki/ISO_8601")
        }
        let signed =
            HTTPDate.day(year: day / 10_000, month: day / 100 % 100, day: day % 100) * 86_400
            + time / 10_000 * 3600 + time / 100 % 100 * 60 + time % 100
        guard signed >= now - tolerance else {
            throw .signature(
                "InvalidSignatureException", "Signature expired: \(date) is now earlier than 15 minutes before this endpoint's time")
        }
        guard signed <= now + tolerance else {
            throw .signature(
                "InvalidSignatureException", "Signature not yet current: \(date) is still later than 15 minutes behind this endpoint's time"
            )
        }
    }

    private func canonicalRequest(_ head: HTTPRequestHead, _ names: [String], _ body: [UInt8]) -> [UInt8] {
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var text = "\(head.method.rawValue)\n\(parts[0])\n\(parts.count > 1 ? parts[1] : "")\n"
        for name in names {
            let values = head.headers[name].map { $0.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ") }
            text += "\(name):\(values.joined(separator: ","))\n"
        }
        var request = Array("\(text)\n\(names.joined(separator: ";"))\n".utf8)
        Digests.sha256(body.span).appendHex(to: &request)
        return request
    }

    private func signature(_ request: [UInt8], _ date: String, _ scope: String) -> String {
        var key = Array("AWS4\(credentials.secretAccessKey)".utf8)
        for part in scope.split(separator: "/") { key = Digests.hmacSHA256(key: key.span, Array(part.utf8).span).bytes }
        var text = Array("\(Self.algorithm)\n\(date)\n\(scope)\n".utf8)
        Digests.sha256(request.span).appendHex(to: &text)
        var signature: [UInt8] = []
        Digests.hmacSHA256(key: key.span, text.span).appendHex(to: &signature)
        return String(decoding: signature, as: UTF8.self)
    }

    /// Compares in a time that does not tell where the texts differ.
    private static func isEqual(_ one: String, _ other: String) -> Bool {
        guard one.utf8.count == other.utf8.count else { return false }
        return zip(one.utf8, other.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
