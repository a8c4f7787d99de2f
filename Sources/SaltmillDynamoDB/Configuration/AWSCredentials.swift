/// Credentials from the environment, the credentials file, a program, the config file, the container's or the machine's service, in this order,
/// as botocore looks for them.
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
        try refuseDelegation(files)
        let process = files.option("credential_process", profile: profile) ?? files.credential("credential_process", profile: profile)
        if let process {
            return try await CredentialProcess(line: process, place: "the profile \"\(profile)\"").credentials()
        }
        if let found = try Self.pair(place: "\(files.configPath) [\(profile)]", { files.option($0, profile: profile) }) { return found }
        if let found = try await fromServices() { return found }
        throw ConfigurationError(
            "no AWS credentials: neither AWS_ACCESS_KEY_ID is set nor does the profile \"\(profile)\" have any in \(files.credentialsPath) "
                + "or \(files.configPath), nor does a container or a machine's role give any; run `aws configure`, or for a local server set "
                + "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to any words"
        )
    }

    /// A profile that says where else credentials come from is not to be mistaken for one without.
    private func refuseDelegation(_ files: AWSFiles) throws(ConfigurationError) {
        if environment.filled("AWS_WEB_IDENTITY_TOKEN_FILE") != nil, environment.filled("AWS_ROLE_ARN") != nil {
            throw ConfigurationError(
                "AWS_WEB_IDENTITY_TOKEN_FILE asks for a role by web identity, which is left to the AWS command line; "
                    + "use a profile with credential_process = aws configure export-credentials --format process")
        }
        for name in ["sso_session", "sso_start_url", "role_arn", "web_identity_token_file", "login_session"]
        where files.option(name, profile: profile) != nil || files.credential(name, profile: profile) != nil {
            throw ConfigurationError(
                "the profile \"\(profile)\" takes its credentials from \(name), which is left to the AWS command line; make another profile with "
                    + "credential_process = aws configure export-credentials --profile \(profile) --format process, and use that")
        }
    }

    private func fromServices() async throws(ConfigurationError) -> Credentials? {
        let transport = CurlTransport(TransportOptions(maximumConnections: 1))
        defer { transport.shutdown() }
        let services = MetadataCredentials(
            environment: environment, read: read, transport: transport, sleep: { try await ContinuousClock().sleep(for: $0) })
        if let found = try await services.ofContainer() { return found }
        return try await services.ofMachine()
    }

    private func fromEnvironment() throws(ConfigurationError) -> Credentials? {
        let names = [
            "aws_access_key_id": "AWS_ACCESS_KEY_ID", "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
            "aws_session_token": "AWS_SESSION_TOKEN", "aws_security_token": "AWS_SECURITY_TOKEN",
        ]
        return try Self.pair(place: "the environment", expiration: environment.filled("AWS_CREDENTIAL_EXPIRATION")) {
            names[$0].flatMap(environment.filled)
        }
    }

    /// The credentials that a place holds; nil when it has no access key.
    private static func pair(
        place: String, expiration: String? = nil, _ option: (String) -> String?
    ) throws(ConfigurationError) -> Credentials? {
        guard let key = option("aws_access_key_id") else { return nil }
        guard let secret = option("aws_secret_access_key") else {
            throw ConfigurationError("\(place) has an AWS access key ID without its secret access key; add it")
        }
        return try Credentials(
            accessKeyID: key, secretAccessKey: secret, sessionToken: option("aws_session_token") ?? option("aws_security_token"),
            expiration: expiration.flatMap(CivilTime.seconds(iso8601:)))
    }
}
