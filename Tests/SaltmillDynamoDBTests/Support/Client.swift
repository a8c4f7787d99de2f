import SaltmillDynamoDB

/// 2015-08-30T12:36:00Z, where the clock of the tests stands still.
let testTime = 1_440_938_160

/// A client of a loopback server, on a clock that jumps.
func client(
    of server: LoopbackServer, clock: JumpingClock = JumpingClock(), provider: (any CredentialProvider)? = nil,
    retry: RetryPolicy = RetryPolicy()
) async throws -> DynamoDBClient {
    let provider = try provider ?? Credentials(accessKeyID: "AKID", secretAccessKey: "secret")
    return try await DynamoDBClient(
        endpoint: Endpoint(server.url), signingRegion: "us-east-1", provider: provider, transport: CurlTransport(), retry: retry,
        time: Timekeeper(clock), now: { testTime })
}

extension LoopbackServer.Reply {
    /// A refusal as the service words it.
    static func refusal(_ code: String, status: Int = 400, message: String = "m", headers: [String] = []) -> Self {
        .answer(status, headers: headers, body: #"{"__type":"com.amazonaws.dynamodb.v20120810#\#(code)","message":"\#(message)"}"#)
    }
}
