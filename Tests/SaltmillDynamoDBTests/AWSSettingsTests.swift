import SaltmillDynamoDB
import Testing

/// Flags, environment and files of a machine that has none but those given.
private struct Machine {
    var environment: [String: String] = [:]
    var files: [String: String] = [:]

    func settings(_ flags: AWSSettings.Flags = .init()) throws -> AWSSettings {
        let files = self.files
        return try AWSSettings(flags, environment: environment.merging(["HOME": "/home/me"]) { a, _ in a }, read: { files[$0] })
    }
}

@Suite struct AWSSettingsTests {
    private static let config = """
        [default]
        region = eu-west-3
        [profile dev]
        region = eu-central-1
        services = here
        endpoint_url = http://profile:1
        ca_bundle = /etc/dev.pem
        [profile plain]
        region = ap-northeast-1
        endpoint_url = http://plain:2
        [profile quiet]
        region = eu-west-2
        endpoint_url = http://quiet:3
        ignore_configured_endpoint_urls = true
        [services here]
        dynamodb =
          endpoint_url = http://services:4
        s3 =
          endpoint_url = http://elsewhere:5
        """

    private func machine(_ environment: [String: String] = [:]) -> Machine {
        Machine(environment: environment, files: ["/home/me/.aws/config": Self.config])
    }

    @Test func theEndpointIsFoundInTheDocumentedOrder() throws {
        var environment = ["AWS_PROFILE": "dev", "AWS_ENDPOINT_URL_DYNAMODB": "http://service:6", "AWS_ENDPOINT_URL": "http://all:7"]
        #expect(try machine(environment).settings(.init(endpointURL: "http://flag:8")).endpoint.host == "flag:8")
        #expect(try machine(environment).settings().endpoint.host == "service:6")
        environment["AWS_ENDPOINT_URL_DYNAMODB"] = ""
        #expect(try machine(environment).settings().endpoint.host == "all:7")
        environment["AWS_ENDPOINT_URL"] = nil
        #expect(try machine(environment).settings().endpoint.host == "services:4")
        #expect(try machine(environment).settings(.init(profile: "plain")).endpoint.host == "plain:2")
        #expect(try machine().settings().endpoint.url == "https://dynamodb.eu-west-3.amazonaws.com/")
        #expect(try machine().settings(.init(region: "cn-north-1")).endpoint.host == "dynamodb.cn-north-1.amazonaws.com.cn")
    }

    @Test func configuredEndpointsCanBeSwitchedOffButNotTheFlag() throws {
        let environment = ["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE", "AWS_ENDPOINT_URL": "http://all:7", "AWS_PROFILE": "dev"]
        #expect(try machine(environment).settings().endpoint.host == "dynamodb.eu-central-1.amazonaws.com")
        #expect(try machine(environment).settings(.init(endpointURL: "http://flag:8")).endpoint.host == "flag:8")
        #expect(try machine(["AWS_PROFILE": "quiet"]).settings().endpoint.host == "dynamodb.eu-west-2.amazonaws.com")
    }

    @Test func theRegionIsFoundInTheDocumentedOrder() throws {
        let both = ["AWS_REGION": "us-west-1", "AWS_DEFAULT_REGION": "us-west-2"]
        #expect(try machine(both).settings(.init(region: "sa-east-1")).region == "sa-east-1")
        #expect(try machine(both).settings().region == "us-west-1")
        #expect(try machine(["AWS_DEFAULT_REGION": "us-west-2"]).settings().region == "us-west-2")
        #expect(try machine(["AWS_PROFILE": "plain"]).settings().region == "ap-northeast-1")
        #expect(try machine(["AWS_DEFAULT_PROFILE": "plain"]).settings().region == "ap-northeast-1")
        #expect(try machine().settings().region == "eu-west-3")
    }

    @Test(arguments: [
        ("eu-west-1", true, false, "dynamodb-fips.eu-west-1.amazonaws.com"),
        ("us-west-2", false, true, "dynamodb.us-west-2.api.aws"),
        ("us-west-2", true, true, "dynamodb-fips.us-west-2.api.aws"),
        ("us-gov-west-1", false, false, "dynamodb.us-gov-west-1.amazonaws.com"),
        ("us-gov-east-1", true, false, "dynamodb.us-gov-east-1.amazonaws.com"),
        ("cn-north-1", false, true, "dynamodb.cn-north-1.api.amazonwebservices.com.cn"),
        ("us-iso-east-1", false, false, "dynamodb.us-iso-east-1.c2s.ic.gov"),
        ("us-isob-east-1", false, false, "dynamodb.us-isob-east-1.sc2s.sgov.gov"),
        ("eusc-de-east-1", false, false, "dynamodb.eusc-de-east-1.amazonaws.eu"),
    ])
    func regionsHaveTheNamesOfTheirPartition(region: String, fips: Bool, dual: Bool, host: String) throws {
        let environment = ["AWS_USE_FIPS_ENDPOINT": "\(fips)", "AWS_USE_DUALSTACK_ENDPOINT": "\(dual)"]
        #expect(try Machine(environment: environment).settings(.init(region: region)).endpoint.url == "https://\(host)/")
    }

    @Test func aGivenEndpointAndFIPSExcludeEachOther() throws {
        let machine = Machine(environment: ["AWS_USE_FIPS_ENDPOINT": "true", "AWS_REGION": "r-1"])
        let error = try #require(throws: ConfigurationError.self) { try machine.settings(.init(endpointURL: "http://here:1")) }
        #expect(error.description.contains("FIPS"))
    }

    @Test func theRegionLocalMeansAServerOnThisMachineAndIsSignedAsAnother() throws {
        let settings = try Machine().settings(.init(region: "local"))
        #expect(settings.endpoint.url == "http://localhost:8000/")
        #expect(settings.region == "local" && settings.signingRegion == "us-east-1")
        #expect(try machine().settings().signingRegion == "eu-west-3")
    }

    @Test func aMissingRegionIsExplainedWithItsFix() throws {
        let error = try #require(throws: ConfigurationError.self) { try Machine().settings(.init(endpointURL: "http://localhost:1")) }
        #expect(error.description.contains("--region") && error.description.contains("AWS_REGION"))
        #expect(throws: ConfigurationError.self) { try Machine().settings(.init(region: "evil.example/")) }
    }

    @Test func aProfileThatIsNowhereIsAnError() throws {
        let error = try #require(throws: ConfigurationError.self) { try machine().settings(.init(profile: "prod")) }
        #expect(error.description.contains("\"prod\"") && error.description.contains("/home/me/.aws/config"))
        #expect(throws: ConfigurationError.self) { try machine(["AWS_PROFILE": "prod"]).settings() }
    }

    @Test func filesCanBeElsewhere() throws {
        let environment = ["AWS_CONFIG_FILE": "~/c", "AWS_SHARED_CREDENTIALS_FILE": "/k", "AWS_PROFILE": "p"]
        let settings = try Machine(environment: environment, files: ["/home/me/c": "[profile \"p\"]\nregion = r-1", "/k": "[p]"]).settings()
        #expect(settings.region == "r-1")
    }

    @Test func certificatesComeFromVariablesOrTheProfile() throws {
        let both = ["AWS_CA_BUNDLE": "/a.pem", "SSL_CERT_FILE": "/s.pem", "AWS_PROFILE": "dev"]
        #expect(try machine(both).settings().caBundle == "/a.pem")
        #expect(try machine(["SSL_CERT_FILE": "/s.pem", "AWS_PROFILE": "dev"]).settings().caBundle == "/etc/dev.pem")
        #expect(try machine(["SSL_CERT_FILE": "/s.pem"]).settings().caBundle == "/s.pem")
        #expect(try machine().settings().caBundle == nil)
    }

    @Test func aFileThatCannotBeUnderstoodIsNamed() throws {
        let machine = Machine(files: ["/home/me/.aws/credentials": "nonsense"])
        let error = try #require(throws: ConfigurationError.self) { try machine.settings(.init(region: "r")) }
        #expect(error.description.hasPrefix("/home/me/.aws/credentials:1:"))
    }

    @Test func aRealFileIsReadAndAMissingOneIsNone() throws {
        #expect(try AWSFiles.readFile("/proc/self/cmdline")?.isEmpty == false)
        #expect(try AWSFiles.readFile("/nonexistent/file") == nil)
        #expect(throws: ConfigurationError.self) { try AWSFiles.readFile("/") }
    }
}

@Suite struct AWSCredentialsTests {
    private static let credentials = """
        [default]
        aws_access_key_id = FILE
        aws_secret_access_key = filesecret
        [dev]
        aws_access_key_id = DEV
        aws_secret_access_key = devsecret
        aws_session_token = devtoken
        [half]
        aws_access_key_id = HALF
        """
    private static let config = """
        [default]
        region = r
        [profile conf]
        aws_access_key_id = CONF
        aws_secret_access_key = confsecret
        aws_security_token = oldtoken
        [profile sso]
        sso_session = corp
        [profile process]
        credential_process = /nonexistent/vault
        aws_access_key_id = IGNORED
        aws_secret_access_key = ignored
        [profile empty]
        region = r
        """
    private static let variables = ["AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "envsecret", "AWS_SESSION_TOKEN": "envtoken"]

    private func find(_ environment: [String: String] = [:], profile: String? = nil) async throws -> Credentials {
        let machine = Machine(
            environment: environment.merging(["AWS_REGION": "r", "AWS_EC2_METADATA_DISABLED": "true"]) { a, _ in a },
            files: ["/home/me/.aws/config": Self.config, "/home/me/.aws/credentials": Self.credentials])
        return try await machine.settings(.init(profile: profile)).credentials.credentials()
    }

    @Test func theEnvironmentGoesFirstUnlessAFlagNamesAProfile() async throws {
        #expect(
            try await find(Self.variables)
                == Credentials(accessKeyID: "ENV", secretAccessKey: "envsecret", sessionToken: "envtoken"))
        #expect(try await find(Self.variables.merging(["AWS_PROFILE": "dev"]) { a, _ in a }).accessKeyID == "ENV")
        #expect(try await find(Self.variables, profile: "dev").accessKeyID == "DEV")
    }

    @Test func theFilesFollow() async throws {
        #expect(try await find() == Credentials(accessKeyID: "FILE", secretAccessKey: "filesecret"))
        #expect(
            try await find(["AWS_PROFILE": "dev"])
                == Credentials(accessKeyID: "DEV", secretAccessKey: "devsecret", sessionToken: "devtoken"))
        #expect(
            try await find(profile: "conf") == Credentials(accessKeyID: "CONF", secretAccessKey: "confsecret", sessionToken: "oldtoken"))
    }

    @Test(arguments: [
        ("half", "secret access key"), ("sso", "export-credentials"), ("process", "credential_process"), ("empty", "aws configure"),
    ])
    func whatIsMissingIsExplained(profile: String, word: String) async throws {
        let error = try await #require(throws: ConfigurationError.self) { try await find(profile: profile) }
        #expect(error.description.contains(word) && error.description.contains(profile))
    }

    @Test func aRoleByWebIdentityIsNotTakenForTheMachinesOwn() async throws {
        let environment = ["AWS_WEB_IDENTITY_TOKEN_FILE": "/token", "AWS_ROLE_ARN": "arn:aws:iam::1:role/r"]
        let error = try await #require(throws: ConfigurationError.self) { try await find(environment, profile: "empty") }
        #expect(error.description.contains("AWS_WEB_IDENTITY_TOKEN_FILE"))
    }

    @Test func aKeyWithoutSecretInTheEnvironmentIsAnError() async {
        await #expect(throws: ConfigurationError.self) { try await find(["AWS_ACCESS_KEY_ID": "ENV"]) }
    }
}
