import SaltmillBytes
import SaltmillDynamoDB
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct DynamoDBClientTests {
    private func send(_ client: DynamoDBClient) async -> Result<HTTPResponse, DynamoDBFailure> {
        await withCheckedContinuation { continuation in
            client.submit(.batchWriteItem, body: Array("{}".utf8), deadline: .seconds(20)) { continuation.resume(returning: $0) }
        }
    }

    private func failure(_ client: DynamoDBClient, deadline: Duration = .seconds(60)) async throws -> DynamoDBFailure {
        try await #require(throws: DynamoDBFailure.self) { try await client.call(.describeTable, [:], deadline: deadline) }
    }

    @Test func aRequestCarriesWhatTheServiceWants() async throws {
        let server = try LoopbackServer { _, _ in .answer(200, body: #"{"ok":true}"#) }
        defer { server.close() }
        let answer = try await client(of: server).call(.describeTable, ["TableName": "t"])
        #expect(answer == ["ok": true])
        var requests = server.requests.makeAsyncIterator()
        let request = try #require(await requests.next())
        #expect(request.header("X-Amz-Target") == "DynamoDB_20120810.DescribeTable")
        #expect(request.header("Content-Type") == "application/x-amz-json-1.0")
        #expect(request.header("X-Amz-Date") == "20150830T123600Z")
        #expect(request.header("Authorization")?.contains("Credential=AKID/20150830/us-east-1/dynamodb/aws4_request") == true)
        #expect(request.header("X-Amz-Security-Token") == nil)
        #expect(request.body == Array(#"{"TableName":"t"}"#.utf8))
    }

    @Test func aDamagedAnswerIsTransientAndCounted() async throws {
        let body = #"{"UnprocessedItems":{}}"#
        let right = CRC32.checksum(Array(body.utf8).span)
        let server = try LoopbackServer { number, _ in
            .answer(200, headers: ["x-amz-crc32: \(number == 1 ? right ^ 1 : right)"], body: body)
        }
        defer { server.close() }
        let client = try await client(of: server)
        guard case .failure(let failure) = await send(client) else { return #expect(Bool(false)) }
        #expect(failure == .checksum(expected: right ^ 1, actual: right))
        #expect(failure.errorClass == .transient && failure.mayHaveBeenApplied)
        #expect(try await send(client).get().body == Array(body.utf8))
        #expect(client.checksumFailures == 1)
    }

    @Test func refusalsAndForeignAnswersReachTheHotPathUntouched() async throws {
        let server = try LoopbackServer { number, _ in
            switch number {
            case 1: .refusal("ProvisionedThroughputExceededException")
            case 2: .answer(200, body: "<html>")
            case 3: .refusal("InternalServerError", status: 500)
            default: .reset
            }
        }
        defer { server.close() }
        let client = try await client(of: server)
        var seen: [(ErrorClass, Bool)] = []
        for _ in 1...4 {
            if case .failure(let failure) = await send(client) { seen.append((failure.errorClass, failure.mayHaveBeenApplied)) }
        }
        #expect(seen.map(\.0) == [.throttling, .notDynamoDB, .transient, .transient])
        #expect(seen.map(\.1) == [false, false, true, true])
        #expect(server.requestCount == 4, "nothing was tried again")
    }

    // MARK: Clock

    /// `date` seconds after the tests' time, as a header. The tests' day is a Sunday.
    private static func date(minutes: Int) -> String {
        "Date: Sun, 30 Aug 2015 \(12 + (36 + minutes) / 60):\(String((36 + minutes) % 60 + 100).dropFirst()):00 GMT"
    }

    @Test func aWrongClockIsCorrectedOnceAndForAll() async throws {
        let server = try LoopbackServer { _, request in
            request.header("X-Amz-Date") == "20150830T133600Z"
                ? .answer(200, headers: [Self.date(minutes: 60)])
                : .refusal("InvalidSignatureException", message: "Signature expired", headers: [Self.date(minutes: 60)])
        }
        defer { server.close() }
        let hot = try await client(of: server)
        // All of them are signed by the wrong clock before the first answer arrives, or by the right one after.
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 { group.addTask { if case .success = await send(hot) { true } else { false } } }
            for await isSuccess in group { #expect(isSuccess) }
        }
        #expect(hot.clockSkew == 3600)
        let before = server.requestCount
        _ = try await send(hot).get()
        #expect(server.requestCount == before + 1)

        let control = try await client(of: server)
        _ = try await control.call(.describeTable, [:])
        #expect(control.clockSkew == 3600)
    }

    @Test func aRightClockIsNotBlamed() async throws {
        let server = try LoopbackServer { _, _ in .refusal("InvalidSignatureException", headers: [Self.date(minutes: 3)]) }
        defer { server.close() }
        let client = try await client(of: server)
        guard case .failure(let failure) = await send(client) else { return #expect(Bool(false)) }
        #expect(failure.errorClass == .credentials)
        #expect(server.requestCount == 1)
        #expect(try await self.failure(client).errorClass == .credentials)
        #expect(client.clockSkew == 180)
    }

    @Test func aClockThatStaysWrongIsReportedAfterOneTry() async throws {
        let server = try LoopbackServer { number, _ in .refusal("InvalidSignatureException", headers: [Self.date(minutes: 10 * number)]) }
        defer { server.close() }
        let client = try await client(of: server)
        guard case .failure = await send(client) else { return #expect(Bool(false)) }
        #expect(server.requestCount == 2)
    }

    // MARK: Trying again

    @Test func throttlingIsTriedAgainWithJitterAndGivenUpInTheEnd() async throws {
        let server = try LoopbackServer { _, _ in .refusal("ThrottlingException") }
        defer { server.close() }
        let clock = JumpingClock()
        let client = try await client(of: server, clock: clock)
        #expect(try await failure(client).errorClass == .throttling)
        #expect(server.requestCount == 4)
        let sleeps = clock.sleeps
        #expect(sleeps.count == 3)
        for (index, sleep) in sleeps.enumerated() { #expect(sleep >= .zero && sleep <= .seconds(1 << index)) }
        for _ in 0..<5 { _ = try await failure(client) }
        #expect(Set(clock.sleeps).count > 10, "the pauses are drawn by lot")
        #expect(clock.sleeps.contains { $0 > .seconds(1) }, "and they grow")
    }

    @Test func faultsOfServerAndNetworkAreTriedAgainSoon() async throws {
        let server = try LoopbackServer { number, _ in
            switch number {
            case 1: .refusal("InternalServerError", status: 500)
            case 2: .closing("")
            case 3: .answer(200, headers: ["x-amz-crc32: 1"])
            default: .answer(200, body: "{}")
            }
        }
        defer { server.close() }
        let clock = JumpingClock()
        #expect(try await client(of: server, clock: clock).call(.describeTable, [:]) == [:])
        #expect(clock.sleeps.count == 3 && clock.sleeps.allSatisfy { $0 <= .milliseconds(100) })
    }

    @Test(arguments: ["ValidationException", "ResourceNotFoundException", "AccessDeniedException", "ResourceInUseException"])
    func whatAnotherTryDoesNotMendIsReportedAtOnce(code: String) async throws {
        let server = try LoopbackServer { _, _ in .refusal(code) }
        defer { server.close() }
        guard case .service(let error) = try await failure(client(of: server)) else { return #expect(Bool(false)) }
        #expect(error.code == code)
        #expect(server.requestCount == 1)
    }

    @Test func theServersWishToWaitIsHonouredWithinBounds() async throws {
        let server = try LoopbackServer { number, _ in
            number < 3 ? .refusal("ThrottlingException", headers: ["x-amz-retry-after: \(number == 1 ? 1500 : 600_000)"]) : .answer(200)
        }
        defer { server.close() }
        let clock = JumpingClock()
        _ = try await client(of: server, clock: clock).call(.describeTable, [:])
        #expect(clock.sleeps.count == 2)
        #expect(clock.sleeps[0] == .milliseconds(1500))
        #expect(clock.sleeps[1] >= .seconds(5) && clock.sleeps[1] <= .seconds(7))
    }

    @Test func noTryIsBegunBehindTheDeadline() async throws {
        let server = try LoopbackServer { _, _ in .refusal("ThrottlingException", headers: ["retry-after: 4"]) }
        defer { server.close() }
        let clock = JumpingClock()
        _ = try await failure(client(of: server, clock: clock), deadline: .seconds(5))
        #expect(server.requestCount == 2 && clock.sleeps.count == 1)
    }

    @Test func anAnswerThatIsNoJSONIsReported() async throws {
        let server = try LoopbackServer { _, _ in .answer(200, body: "{broken") }
        defer { server.close() }
        guard case .malformedAnswer(let sentence) = try await failure(client(of: server)) else { return #expect(Bool(false)) }
        #expect(sentence.hasPrefix("the answer to DescribeTable is not JSON"))
    }

    // MARK: Credentials

    /// Gives one pair of credentials after the other, the last for ever.
    private final class Rotation: CredentialProvider {
        private let keys: Mutex<[String]>

        init(_ keys: [String]) { self.keys = Mutex(keys) }

        func credentials() async throws(ConfigurationError) -> Credentials {
            let key = keys.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
            return try Credentials(accessKeyID: key, secretAccessKey: "secret", sessionToken: "token-of-\(key)")
        }
    }

    @Test func expiredCredentialsAreReadAnewAndTriedOnce() async throws {
        let server = try LoopbackServer { _, request in
            let isNew = request.header("Authorization")?.contains("Credential=NEW/") == true
            return isNew && request.header("X-Amz-Security-Token") == "token-of-NEW" ? .answer(200) : .refusal("ExpiredTokenException")
        }
        defer { server.close() }
        #expect(try await client(of: server, provider: Rotation(["OLD", "NEW"])).call(.describeTable, [:]) == [:])
        #expect(server.requestCount == 2)
        #expect(try await failure(client(of: server, provider: Rotation(["OLD"]))).errorClass == .credentials)
        #expect(server.requestCount == 3, "the same credentials are not worth another try")
        #expect(try await failure(client(of: server, provider: Rotation(["OLD", "OTHER", "NEW"]))).errorClass == .credentials)
        #expect(server.requestCount == 5)
    }

    @Test func theHotPathUsesNewCredentialsOnceTheyAreRead() async throws {
        let server = try LoopbackServer { _, request in
            request.header("Authorization")?.contains("Credential=NEW/") == true ? .answer(200) : .refusal("UnrecognizedClientException")
        }
        defer { server.close() }
        let client = try await client(of: server, provider: Rotation(["OLD", "NEW"]))
        guard case .failure(let failure) = await send(client) else { return #expect(Bool(false)) }
        #expect(failure.errorClass == .credentials)
        #expect(try await client.refreshCredentials())
        #expect(try await client.refreshCredentials() == false)
        _ = try await send(client).get()
    }
}
