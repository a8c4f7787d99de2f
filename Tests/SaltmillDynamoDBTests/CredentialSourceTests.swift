import SaltmillBytes
import SaltmillDynamoDB
import Synchronization
import Testing

/// Programs and services that give credentials, each the real thing but for where it listens.
@Suite struct CredentialSourceTests {
    private func credentials(_ environment: [String: String], config: String = "[default]\n") async throws -> Credentials {
        let files = ["/home/me/.aws/config": config, "/token": "Bearer token\n"]
        let base = ["HOME": "/home/me", "AWS_REGION": "r", "AWS_EC2_METADATA_DISABLED": "true"]
        return try await AWSSettings(.init(), environment: base.merging(environment) { $1 }, read: { files[$0] }).credentials.credentials()
    }

    private static let document =
        #"{"Version":1,"AccessKeyId":"AKID","SecretAccessKey":"s/e+c","SessionToken":"tok","Token":"tok","Expiration":"2015-08-30T13:36:00Z"}"#

    // MARK: credential_process

    @Test func aProgramIsRunWithoutAShellAndItsAnswerRead() async throws {
        let config = "[default]\ncredential_process = /bin/sh -c 'printf %s \"$0\"' '\(Self.document)'\n"
        let found = try await credentials([:], config: config)
        #expect(
            try found == Credentials(accessKeyID: "AKID", secretAccessKey: "s/e+c", sessionToken: "tok", expiration: 1_440_941_760))
    }

    @Test(arguments: [
        ("/bin/false", "status 1"), ("/bin/sh -c 'kill -9 $$'", "status 137"), ("/bin/echo nonsense", "not JSON"),
        ("/bin/echo {}", "Version"), (#"/bin/echo '{"Version":1}'"#, "AccessKeyId"), ("/bin/echo 'open", "quote"),
        ("/no/such/program", "/no/such/program"),
    ])
    func aProgramThatFailsIsNamedWithTheReason(line: String, word: String) async throws {
        let error = try await #require(throws: ConfigurationError.self) {
            try await credentials([:], config: "[default]\ncredential_process = \(line)\n")
        }
        #expect(error.description.contains(word), "\(error)")
    }

    @Test func aSecretIsNeverInAMessage() async throws {
        let line = #"/bin/echo '{"Version":2,"AccessKeyId":"AKID","SecretAccessKey":"topsecret"}'"#
        let error = try await #require(throws: ConfigurationError.self) {
            try await credentials([:], config: "[default]\ncredential_process = \(line)\n")
        }
        #expect(!error.description.contains("topsecret"))
    }

    // MARK: Containers

    @Test func aContainersServiceIsAskedWithItsToken() async throws {
        let server = try LoopbackServer { number, request in
            guard request.header("Authorization") == "Bearer token" else { return .answer(403) }
            // The first answer is an error of the moment.
            return number == 1 ? .answer(500) : .answer(200, body: Self.document)
        }
        defer { server.close() }
        let found = try await credentials([
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.url)creds", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/token",
        ])
        #expect(found.accessKeyID == "AKID" && found.sessionToken == "tok" && found.expiration == 1_440_941_760)
        #expect(server.requestCount == 2)
    }

    @Test(arguments: ["http://example.com/c", "http://10.0.0.1/c", "http://127.0.0.1.example.com/c", "ftp://localhost/c"])
    func aContainersServiceElsewhereIsNotAskedWithoutTLS(url: String) async throws {
        let error = try await #require(throws: ConfigurationError.self) {
            try await credentials(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url])
        }
        #expect(error.description.contains("AWS_CONTAINER_CREDENTIALS_FULL_URI"))
    }

    @Test func aContainerThatRefusesIsNotPassedOver() async throws {
        let server = try LoopbackServer { _, _ in .answer(403) }
        defer { server.close() }
        let error = try await #require(throws: ConfigurationError.self) {
            try await credentials(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.url)creds"])
        }
        #expect(error.description.contains("403"))
    }

    // MARK: Machines

    /// The metadata service of a machine with a role.
    private static func metadata(_ request: LoopbackServer.Request) -> LoopbackServer.Reply {
        let line = request.head[0].split(separator: " ").prefix(2).joined(separator: " ")
        if line == "PUT /latest/api/token" {
            return request.header("x-aws-ec2-metadata-token-ttl-seconds") == nil ? .answer(400) : .answer(200, body: "session")
        }
        guard request.header("x-aws-ec2-metadata-token") == "session" else { return .answer(401) }
        switch line {
        case "GET /latest/meta-data/iam/security-credentials/": return .answer(200, body: "loader\n")
        case "GET /latest/meta-data/iam/security-credentials/loader": return .answer(200, body: document)
        default: return .answer(404)
        }
    }

    @Test func aMachinesRoleIsFoundByASession() async throws {
        let server = try LoopbackServer { Self.metadata($1) }
        defer { server.close() }
        let found = try await credentials([
            "AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url,
        ])
        #expect(found.accessKeyID == "AKID" && found.sessionToken == "tok")
        #expect(server.requestCount == 3)
    }

    @Test func aMachineWithoutRoleHasNoCredentials() async throws {
        let server = try LoopbackServer { _, request in request.head[0].hasPrefix("PUT") ? .answer(200, body: "session") : .answer(404) }
        defer { server.close() }
        let error = try await #require(throws: ConfigurationError.self) {
            try await credentials(["AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url])
        }
        #expect(error.description.contains("no AWS credentials"))
    }

    // MARK: Renewal

    /// Gives credentials that end at a stated time, numbered as they are asked for.
    private final class Numbered: CredentialProvider {
        private let count = Mutex(0)
        let asked: AsyncStream<Int>
        private let events: AsyncStream<Int>.Continuation
        private let ends: @Sendable (_ number: Int) -> Int

        init(ends: @escaping @Sendable (_ number: Int) -> Int) {
            self.ends = ends
            (asked, events) = AsyncStream.makeStream()
        }

        func credentials() async throws(ConfigurationError) -> Credentials {
            let number = count.withLock { count in
                count += 1
                return count
            }
            events.yield(number)
            return try Credentials(accessKeyID: "AK\(number)", secretAccessKey: "s", sessionToken: "t", expiration: ends(number))
        }
    }

    @Test func credentialsAreRenewedBeforeTheyEnd() async throws {
        let server = try LoopbackServer { _, _ in .answer(200) }
        defer { server.close() }
        // The first end in ten minutes, the second in an hour.
        let provider = Numbered { $0 == 1 ? testTime + 600 : testTime + 3600 }
        let client = try await client(of: server, provider: provider)
        var asked = provider.asked.makeAsyncIterator()
        #expect(await asked.next() == 1)
        _ = try await client.call(.listTables, [:])
        // Using credentials that end soon has new ones fetched.
        #expect(await asked.next() == 2)
        var signer: String?
        // The new ones are in use once the provider's answer has been taken in.
        for _ in 0..<1000 where signer != "AK2" {
            _ = try await client.call(.listTables, [:])
            var requests = server.requests.makeAsyncIterator()
            signer = await requests.next()?.header("Authorization").flatMap { $0.contains("AK2/") ? "AK2" : "AK1" }
        }
        #expect(signer == "AK2")
    }

    @Test(arguments: [
        ("2015-08-30T12:36:00Z", 1_440_938_160), ("2015-08-30T12:36:00.123Z", 1_440_938_160),
        ("2015-08-30T14:36:00+02:00", 1_440_938_160), ("1970-01-01T00:00:00Z", 0),
    ])
    func timesOfISO8601AreRead(text: String, seconds: Int) { #expect(CivilTime.seconds(iso8601: text) == seconds) }

    @Test(arguments: ["", "2015-08-30", "2015-08-30T12:36:00", "2015-13-30T12:36:00Z", "2015-08-30T12:36:00+2", "x015-08-30T12:36:00Z"])
    func whatIsNoTimeIsRefused(text: String) { #expect(CivilTime.seconds(iso8601: text) == nil) }
}
