import Glibc

/// Credentials from the services that containers and machines on AWS have beside them.
///
/// Sources: AWS SDKs and Tools Reference Guide, "Container credential provider" and "IMDS credential provider".
struct MetadataCredentials {
    let environment: [String: String]
    let read: AWSFiles.Reader
    let transport: CurlTransport
    let sleep: @Sendable (Duration) async throws -> Void

    /// A container's: ECS by a path, EKS Pod Identity and others by a URL; nil when there is no word of any.
    func ofContainer() async throws(ConfigurationError) -> Credentials? {
        let url: String
        if let path = environment.filled("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            url = "http://169.254.170.2\(path)"
        } else if let full = environment.filled("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
            guard Self.mayBeAsked(full) else {
                throw ConfigurationError(
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI names neither an https URL nor a loopback or container address; its answer would be unprotected"
                )
            }
            url = full
        } else {
            return nil
        }
        var headers = HeaderLines()
        if let token = try authorization() { headers.append("Authorization", token) }
        var response: HTTPResponse?
        for attempt in 1...3 {
            response = await answer(HTTPRequest(.get, url: url, headers: headers, deadline: .seconds(2), maximumResponse: 1 << 20))
            if let response, response.status < 500 { break }
            if attempt < 3 { try? await sleep(.seconds(1)) }
        }
        guard let response else { throw ConfigurationError("the container's credentials cannot be had: \(url) does not answer") }
        guard response.status == 200 else {
            throw ConfigurationError("the container's credentials cannot be had: \(url) answers with status \(response.status)")
        }
        return try CredentialDocument.read(response.body, place: url, token: "Token")
    }

    /// What the container's service wants to see: from a file, which may be written anew, or from the environment.
    private func authorization() throws(ConfigurationError) -> String? {
        var token = environment.filled("AWS_CONTAINER_AUTHORIZATION_TOKEN")
        if let path = environment.filled("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            guard let text = try read(path) else {
                throw ConfigurationError("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names \(path), which does not exist")
            }
            token = String(text.trimmingBlanks)
        }
        guard let token, !token.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            if token == nil { return nil }
            throw ConfigurationError("the container's authorization token holds a line break or another control character")
        }
        return token
    }

    /// Whether credentials may be asked for there: over TLS, or from a host that is this machine or the container's own service.
    private static func mayBeAsked(_ url: String) -> Bool {
        guard let endpoint = try? Endpoint(url) else { return false }
        if endpoint.isSecure { return true }
        let host = endpoint.host
        let name = host.hasPrefix("[") ? String(host.prefix { $0 != "]" }.dropFirst()) : String(host.prefix { $0 != ":" })
        if name.hasPrefix("127."), name.split(separator: ".").count == 4, name.allSatisfy({ $0.isNumber || $0 == "." }) { return true }
        return ["localhost", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"].contains(name)
    }

    /// The machine's: EC2's instance metadata, version 2; nil where there is none, or no role in it.
    func ofMachine() async throws(ConfigurationError) -> Credentials? {
        guard environment.filled("AWS_EC2_METADATA_DISABLED")?.lowercased() != "true" else { return nil }
        let isIPv6 = environment.filled("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")?.lowercased() == "ipv6"
        var base = environment.filled("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? (isIPv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254")
        while base.hasSuffix("/") { base.removeLast() }
        var headers = HeaderLines()
        headers.append("x-aws-ec2-metadata-token-ttl-seconds", "21600")
        guard let token = await text(HTTPRequest(.put, url: "\(base)/latest/api/token", headers: headers, deadline: .seconds(1))) else {
            return nil
        }
        headers = HeaderLines()
        headers.append("x-aws-ec2-metadata-token", token)
        let roles = "\(base)/latest/meta-data/iam/security-credentials/"
        guard let role = await text(HTTPRequest(.get, url: roles, headers: headers, deadline: .seconds(1))) else { return nil }
        let request = HTTPRequest(.get, url: roles + role, headers: headers, deadline: .seconds(1), maximumResponse: 1 << 20)
        guard let response = await answer(request), response.status == 200 else {
            throw ConfigurationError("the machine's metadata names the role \(role) but does not give its credentials; try again")
        }
        return try CredentialDocument.read(response.body, place: "the machine's metadata for the role \(role)", token: "Token")
    }

    /// An answer of one short line; nil when there is none.
    private func text(_ request: HTTPRequest) async -> String? {
        guard let response = await answer(request), response.status == 200, response.body.count < 4096 else { return nil }
        let line = String(decoding: response.body, as: UTF8.self).prefix { !$0.isNewline }
        return line.isEmpty || line.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F }) ? nil : String(line)
    }

    private func answer(_ request: HTTPRequest) async -> HTTPResponse? {
        var request = request
        request.connectDeadline = min(request.deadline, .seconds(1))
        return try? await transport.perform(request)
    }
}
