import SaltmillBytes

/// Credentials as JSON: what a `credential_process` prints, and what the services of containers and machines answer.
enum CredentialDocument {
    /// - Parameters:
    ///   - place: where it comes from, for messages.
    ///   - token: what the session token is called.
    ///   - isVersioned: there must be `"Version": 1` (AWS SDKs and Tools Reference Guide, "Process credential provider").
    static func read(_ body: [UInt8], place: String, token: String, isVersioned: Bool = false) throws(ConfigurationError) -> Credentials {
        // Nothing of the document is quoted: it holds secrets.
        let json: JSONValue
        do { json = try JSONValue(parsing: body.span) } catch {
            throw ConfigurationError("\(place) gave something that is not JSON; look at what it prints")
        }
        if isVersioned, json["Version"]?.int != 1 {
            throw ConfigurationError("\(place) gave credentials without \"Version\": 1, the only version there is; correct the program")
        }
        guard let key = json["AccessKeyId"]?.string, let secret = json["SecretAccessKey"]?.string else {
            let reason = json["message"]?.string ?? json["Message"]?.string
            throw ConfigurationError("\(place) gave no AccessKeyId and SecretAccessKey\(reason.map { ": \($0)" } ?? "")")
        }
        var expiration: Int?
        if let text = json["Expiration"]?.string {
            guard let seconds = CivilTime.seconds(iso8601: text) else {
                throw ConfigurationError("\(place) gave credentials with the Expiration \"\(text)\", which is no time of ISO 8601")
            }
            expiration = seconds
        }
        return try Credentials(accessKeyID: key, secretAccessKey: secret, sessionToken: json[token]?.string, expiration: expiration)
    }
}
