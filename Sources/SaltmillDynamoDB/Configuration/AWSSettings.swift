/// Credentials, region and endpoint, resolved from flags, environment and files as in the AWS command line.
package struct AWSSettings: Sendable {
    /// What the command line says; nil for what it does not.
    package struct Flags: Sendable {
        package var profile: String?
        package var region: String?
        package var endpointURL: String?

        package init(profile: String? = nil, region: String? = nil, endpointURL: String? = nil) {
            self.profile = profile
            self.region = region
            self.endpointURL = endpointURL
        }
    }

    /// The profile in use.
    package let profile: String
    /// The region, `local` included.
    package let region: String
    package let endpoint: Endpoint
    /// A file of certificates that replaces the system's.
    package let caBundle: String?
    /// Where credentials come from; reads environment and files anew whenever it is asked.
    package let credentials: AWSCredentials

    /// The region that signatures name: `local` is signed as `us-east-1`.
    package var signingRegion: String { region == "local" ? "us-east-1" : region }

    /// - Parameters:
    ///   - flags: what the command line says.
    ///   - environment: the process's variables.
    ///   - read: how files are read.
    /// - Throws: ``ConfigurationError`` that says what is missing and how to give it; but it is ``credentials`` that misses credentials.
    package init(
        _ flags: Flags, environment: [String: String], read: @escaping AWSFiles.Reader = AWSFiles.readFile
    ) throws(ConfigurationError) {
        let files = try AWSFiles(environment: environment, read: read)
        let requested = flags.profile ?? environment.filled("AWS_PROFILE") ?? environment.filled("AWS_DEFAULT_PROFILE")
        let profile = requested ?? "default"
        if let requested, !files.has(profile: requested) {
            throw ConfigurationError(
                "there is no profile \"\(requested)\" in \(files.configPath) or \(files.credentialsPath); "
                    + "create it with `aws configure --profile \(requested)`"
            )
        }
        self.profile = profile
        region = try Self.region(flags, environment, files, profile)
        endpoint = try Self.endpoint(flags, environment, files, profile, region)
        caBundle = environment.filled("AWS_CA_BUNDLE") ?? files.option("ca_bundle", profile: profile) ?? environment.filled("SSL_CERT_FILE")
        credentials = AWSCredentials(profile: profile, isProfileExplicit: flags.profile != nil, environment: environment, read: read)
    }

    private static func region(
        _ flags: Flags, _ environment: [String: String], _ files: AWSFiles, _ profile: String
    ) throws(ConfigurationError) -> String {
        guard
            let region = flags.region ?? environment.filled("AWS_REGION") ?? environment.filled("AWS_DEFAULT_REGION")
                ?? files.option("region", profile: profile)
        else {
            throw ConfigurationError(
                "no AWS region is set; give --region, set AWS_REGION, or run `aws configure set region eu-west-1 --profile \(profile)`")
        }
        // It becomes part of a host name and of a signature.
        guard !region.isEmpty, region.utf8.allSatisfy({ ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D }) else {
            throw ConfigurationError("\"\(region)\" is no AWS region; one looks like eu-west-1")
        }
        return region
    }

    /// In the order of the AWS SDKs and Tools Reference Guide, "Service-specific endpoints".
    private static func endpoint(
        _ flags: Flags, _ environment: [String: String], _ files: AWSFiles, _ profile: String, _ region: String
    ) throws(ConfigurationError) -> Endpoint {
        func setting(_ variable: String, _ option: String) -> String? {
            environment.filled(variable) ?? files.option(option, profile: profile)
        }
        var custom = flags.endpointURL
        if custom == nil, setting("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")?.lowercased() != "true" {
            custom =
                environment.filled("AWS_ENDPOINT_URL_DYNAMODB") ?? environment.filled("AWS_ENDPOINT_URL")
                ?? files.serviceOption("endpoint_url", service: "dynamodb", profile: profile)
                ?? files.option("endpoint_url", profile: profile)
        }
        let names = RegionalNames(
            region: region, usesFIPS: setting("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")?.lowercased() == "true",
            usesDualStack: setting("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")?.lowercased() == "true")
        guard let custom else { return try Endpoint(names.url()) }
        guard !names.usesFIPS, !names.usesDualStack else {
            throw ConfigurationError(
                "the endpoint \(custom) is given together with \(names.usesFIPS ? "FIPS" : "dual-stack") endpoints, which only AWS's own names have; "
                    + "leave out one of them")
        }
        return try Endpoint(custom)
    }
}
