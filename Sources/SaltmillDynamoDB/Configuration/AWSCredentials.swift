/// Credentials from the environment, the credentials file or the config file, in this order, as botocore looks for them.
package struct AWSCredentials: CredentialProvider {
    private let profile: String
    private let isProfileExplicit: Bool
    private let environment: [String: String]
    private let read: AWSFiles.Reader

    /// - Parameters:
    ///   - profile: the profile in use.
    ///   - isProfileExplicit: it was named by a flag, which goes before credentials in the environment.
    ///   - environment: the process's variables.
    ///   - read: how files are read.
    package init(profile: String, isProfileExplicit: Bool, environment: [String: String], read: @escaping AWSFiles.Reader) {
        self.profile = profile
        self.isProfileExplicit = isProfileExplicit
        self.environment = environment
        self.read = read
    }

    package func credentials() async throws(ConfigurationError) -> Credentials {
        if !isProfileExplicit, let found = try fromEnvironment() { return found }
        let files = try AWSFiles(environment: environment, read: read)
        if let found = try Self.pair(place: "\(files.credentialsPath) [\(profile)]", { files.credential($0, profile: profile) }) {
            return found
        }
        // A profile that says where else credentials come from is not to be mistaken for one without.
        for name in ["credential_process", "sso_session", "sso_start_url", "role_arn", "web_identity_token_file"]
        where files.option(name, profile: profile) != nil || files.credential(name, profile: profile) != nil {
            throw ConfigurationError(
                "the profile \"\(profile)\" takes its credentials from \(name), which is not supported; "
                    + "run `eval \"$(aws configure export-credentials --profile \(profile) --format env)\"` first")
        }
        if let found = try Self.pair(place: "\(files.configPath) [\(profile)]", { files.option($0, profile: profile) }) { return found }
        throw ConfigurationError(
            "no AWS credentials: neither AWS_ACCESS_KEY_ID is set nor does the profile \"\(profile)\" have any in \(files.credentialsPath) "
                + "or \(files.configPath); run `aws configure`, or for a local server set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
                + "to any words"
        )
    }

    private func fromEnvironment() throws(ConfigurationError) -> Credentials? {
        let names = [
            "aws_access_key_id": "AWS_ACCESS_KEY_ID", "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
            "aws_session_token": "AWS_SESSION_TOKEN", "aws_security_token": "AWS_SECURITY_TOKEN",
        ]
        return try Self.pair(place: "the environment") { names[$0].flatMap(environment.filled) }
    }

    /// The credentials that a place holds; nil when it has no access key.
    private static func pair(place: String, _ option: (String) -> String?) throws(ConfigurationError) -> Credentials? {
        guard let key = option("aws_access_key_id") else { return nil }
        guard let secret = option("aws_secret_access_key") else {
            throw ConfigurationError("\(place) has an AWS access key ID without its secret access key; add it")
        }
        return try Credentials(
            accessKeyID: key, secretAccessKey: secret, sessionToken: option("aws_session_token") ?? option("aws_security_token"))
    }
}
