/// What requests are signed with. Its description never shows the secret parts.
package struct Credentials: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package let accessKeyID: String
    package let secretAccessKey: String
    /// Present with temporary credentials.
    package let sessionToken: String?
    /// When they end, in seconds since 1970-01-01; nil when that is not known.
    package let expiration: Int?

    /// - Throws: ``ConfigurationError`` when a part is empty or holds anything but printable ASCII, which could not stand in a header.
    package init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil, expiration: Int? = nil)
        throws(ConfigurationError)
    {
        for (part, value) in [
            ("access key ID", accessKeyID), ("secret access key", secretAccessKey), ("session token", sessionToken ?? "-"),
        ] {
            guard !value.isEmpty, value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw ConfigurationError(
                    "the \(part) of the AWS credentials is empty or holds a character that cannot be part of it; copy it again"
                )
            }
        }
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiration = expiration
    }

    package var description: String { "credentials \(accessKeyID)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}

/// Where credentials come from. Asked once at the start, again before they end, and when the server says that they are no longer valid.
package protocol CredentialProvider: Sendable {
    /// The credentials as they are now, read anew.
    func credentials() async throws(ConfigurationError) -> Credentials
}

extension Credentials: CredentialProvider {
    package func credentials() async throws(ConfigurationError) -> Credentials { self }
}
