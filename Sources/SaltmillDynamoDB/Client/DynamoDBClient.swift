import Glibc
package import SaltmillBytes
import Synchronization

/// One endpoint, with the credentials and the transport to use it.
package final class DynamoDBClient: Sendable {
    package typealias Completion = @Sendable (Result<HTTPResponse, DynamoDBFailure>) -> Void

    package let endpoint: Endpoint
    package let transport: CurlTransport
    /// The clock of everything that waits.
    package let time: Timekeeper
    private let retry: RetryPolicy
    private let provider: any CredentialProvider
    /// The machine's clock in seconds since 1970-01-01.
    private let now: @Sendable () -> Int
    private let state: Mutex<State>
    private let damaged = Atomic<Int>(0)

    private struct State: ~Copyable {
        var signer: SigV4Signer
        var credentials: Credentials
        /// Somebody is getting new credentials; they are not to be asked for again before this time, in seconds since 1970-01-01.
        var isRenewing = false
        var renewalNotBefore = 0
        /// What is added to the machine's clock for signing, in seconds.
        var clockOffset = 0
        var observedSkew: Int?
        /// The nodes that requests are spread over; nil where they all go to the endpoint's own address.
        var nodes: ClusterNodes?
    }

    /// - Parameters:
    ///   - endpoint: where requests go.
    ///   - signingRegion: the region that signatures name.
    ///   - provider: asked for credentials now, and again when they are refused.
    ///   - now: the machine's clock in seconds since 1970-01-01.
    package init(
        endpoint: Endpoint, signingRegion: String, provider: any CredentialProvider, transport: CurlTransport,
        retry: RetryPolicy = RetryPolicy(), time: Timekeeper = Timekeeper(ContinuousClock()),
        now: @escaping @Sendable () -> Int = Timekeeper.systemSeconds
    ) async throws(ConfigurationError) {
        self.endpoint = endpoint
        self.transport = transport
        self.retry = retry
        self.time = time
        self.provider = provider
        self.now = now
        let credentials = try await provider.credentials()
        state = Mutex(State(signer: SigV4Signer(region: signingRegion), credentials: credentials))
    }

    /// How many answers were damaged on their way.
    package var checksumFailures: Int { damaged.load(ordering: .relaxed) }

    /// By how many seconds the server's clock was ahead of the machine's, when a control operation last compared them.
    package var clockSkew: Int? { state.withLock { $0.observedSkew } }

    /// From this difference on, in seconds, a refused signature is blamed on the clock; the service accepts 15 minutes.
    package static let suspiciousSkew = 240
    /// How long before they end credentials are renewed, and how long after a try there is no other, in seconds. (botocore renews temporary
    /// credentials from 15 minutes before their end, and must from 10.)
    private static let renewalLead = 900
    private static let renewalPause = 5

    // MARK: The hot path

    /// Sends an operation whose body is ready. The completion is called once, on the transport's thread; a success has status 200 and a
    /// body that begins like JSON and fits its checksum where there is one.
    ///
    /// A request refused because of a wrong clock is signed anew, once, by the server's clock. Nothing else is tried again.
    /// - Parameter maximumResponse: the longest answer accepted, in bytes.
    /// - Returns: what ``CurlTransport/cancel(_:)`` takes.
    @discardableResult
    package func submit(
        _ operation: WireOperation, body: [UInt8], deadline: Duration, maximumResponse: Int = 64 << 20, completion: @escaping Completion
    ) -> UInt64 {
        let id = transport.makeID()
        submit(operation, body: body, deadline: deadline, maximumResponse, id: id, isSecondTry: false, completion: completion)
        return id
    }

    private func submit(
        _ operation: WireOperation, body: [UInt8], deadline: Duration, _ maximumResponse: Int, id: UInt64, isSecondTry: Bool,
        completion: @escaping Completion
    ) {
        let (signed, offset) = sign(operation, body: body, deadline: deadline)
        var request = signed
        request.maximumResponse = maximumResponse
        let node = request.node
        transport.submit(request, id: id) { [self] result in
            note(node, result)
            let outcome = judge(result)
            if !isSecondTry, correctClock(result, outcome, usedOffset: offset) {
                submit(operation, body: body, deadline: deadline, maximumResponse, id: id, isSecondTry: true, completion: completion)
            } else {
                completion(outcome)
            }
        }
    }

    private func sign(_ operation: WireOperation, body: [UInt8], deadline: Duration) -> (HTTPRequest, clockOffset: Int) {
        var headers = HeaderLines(capacity: 512)
        let parts = SigV4Signer.Signed(
            host: endpoint.host, path: endpoint.path, contentType: "application/x-amz-json-1.0", target: operation.rawValue)
        let (offset, isRenewalDue, nodes) = state.withLock { state in
            let time = now() + state.clockOffset
            state.signer.sign(parts, body: body.span, at: time, state.credentials, headers: &headers)
            let isDue =
                state.credentials.expiration.map { $0 - time < Self.renewalLead } == true && !state.isRenewing
                && time >= state.renewalNotBefore
            if isDue { state.isRenewing = true }
            return (state.clockOffset, isDue, state.nodes)
        }
        if isRenewalDue { Task { await self.renew() } }
        var request = HTTPRequest(url: endpoint.url, headers: headers, body: body, deadline: deadline)
        if let next = nodes?.next(now: now()) {
            request.node = next.node
            if next.isRefreshDue { Task { await self.refreshNodes() } }
        }
        return (request, offset)
    }

    private func judge(_ result: Result<HTTPResponse, TransportError>) -> Result<HTTPResponse, DynamoDBFailure> {
        switch result {
        case .failure(let error): return .failure(.transport(error))
        case .success(let response):
            if let expected = response.headers.crc32 {
                let actual = CRC32.checksum(response.body.span)
                guard actual == expected else {
                    damaged.add(1, ordering: .relaxed)
                    return .failure(.checksum(expected: expected, actual: actual))
                }
            }
            let isJSON = response.body.first.map { $0 == UInt8(ascii: "{") } ?? true
            guard response.status == 200, isJSON else { return .failure(.service(DynamoDBError(response))) }
            return .success(response)
        }
    }

    /// Adopts the server's clock when the request was refused and was signed by quite another time; true when it is worth trying again.
    private func correctClock(
        _ result: Result<HTTPResponse, TransportError>, _ outcome: Result<HTTPResponse, DynamoDBFailure>, usedOffset: Int
    ) -> Bool {
        guard case .success(let response) = result, case .failure(.service(let error)) = outcome, error.errorClass == .credentials,
            let skew = skew(response), abs(skew - usedOffset) > Self.suspiciousSkew
        else { return false }
        state.withLock {
            $0.clockOffset = skew
            $0.observedSkew = skew
        }
        return true
    }

    private func skew(_ response: HTTPResponse) -> Int? {
        response.headers[.date].flatMap(CivilTime.seconds(httpDate:)).map { $0 - now() }
    }

    // MARK: Control operations

    /// Gets new credentials unless somebody is doing so, or has tried a moment ago; for those who do not wait for them.
    package func renewCredentials() {
        let isDue = state.withLock { state in
            guard !state.isRenewing, now() + state.clockOffset >= state.renewalNotBefore else { return false }
            state.isRenewing = true
            return true
        }
        if isDue { Task { await renew() } }
    }

    /// Gets new credentials; those at hand stay in use until there are.
    private func renew() async {
        _ = try? await refreshCredentials()
        state.withLock { state in
            state.isRenewing = false
            state.renewalNotBefore = now() + state.clockOffset + Self.renewalPause
        }
    }

    /// Reads the credentials anew. True when they are others than before.
    package func refreshCredentials() async throws(ConfigurationError) -> Bool {
        let fresh = try await provider.credentials()
        return state.withLock { state in
            defer { state.credentials = fresh }
            return state.credentials != fresh
        }
    }

    /// Carries an operation out, and tries again what is worth it: throttling and faults of the server or the network, after a pause;
    /// refused credentials when there are new ones; a wrong clock once.
    ///
    /// An operation that is not idempotent may thus find that it has been carried out already.
    /// - Parameter deadline: for all tries and pauses together.
    package func call(
        _ operation: WireOperation, _ body: JSONValue, deadline: Duration = .seconds(60)
    ) async throws(DynamoDBFailure) -> JSONValue {
        let answer = try await exchange(operation, body.bytes, deadline: deadline)
        // TagResource has nothing to say and says it with no bytes at all.
        if answer.isEmpty { return .object([]) }
        do {
            return try JSONValue(parsing: answer.span, maximumDepth: 256)
        } catch {
            throw .malformedAnswer("the answer to \(operation.name) is not JSON: \(error)")
        }
    }

    /// What ``call(_:_:deadline:)`` does, from bytes to bytes.
    func exchange(
        _ operation: WireOperation, _ body: [UInt8], deadline: Duration = .seconds(60)
    ) async throws(DynamoDBFailure) -> [UInt8] {
        let end = time.elapsed() + deadline
        var attempt = 1
        var hasRefreshed = false
        var hasCorrectedClock = false
        while true {
            let left = end - time.elapsed()
            let failure: DynamoDBFailure
            let (request, offset) = sign(operation, body: body, deadline: max(min(left, retry.attemptDeadline), .milliseconds(1)))
            let result = await perform(request)
            noteSkew(result)
            let outcome = judge(result)
            switch outcome {
            case .success(let response): return response.body
            case .failure(let reason): failure = reason
            }
            if !hasCorrectedClock, correctClock(result, outcome, usedOffset: offset) {
                hasCorrectedClock = true
                continue
            }
            if failure.errorClass == .credentials, !hasRefreshed {
                hasRefreshed = true
                if (try? await refreshCredentials()) == true { continue }
            }
            guard let pause = retry.pause(after: failure, number: attempt), time.elapsed() + pause < end else { throw failure }
            // A cancelled task has no use for another try; what it is told is why the last one failed.
            do { try await time.sleep(pause) } catch { throw failure }
            attempt += 1
        }
    }

    private func perform(_ request: HTTPRequest) async -> Result<HTTPResponse, TransportError> {
        var result: Result<HTTPResponse, TransportError>
        do { result = .success(try await transport.perform(request)) } catch { result = .failure(error) }
        note(request.node, result)
        return result
    }

    // MARK: Nodes

    /// Spreads all requests from now on over the nodes of a ScyllaDB Alternator cluster, which the endpoint is one of.
    /// - Throws: ``ConfigurationError`` when the endpoint does not tell its nodes.
    package func spreadOverNodes() async throws(ConfigurationError) {
        guard let addresses = await nodeAddresses(), !addresses.isEmpty else {
            throw ConfigurationError(
                "\(endpoint.url) does not tell its nodes under /localnodes, as ScyllaDB Alternator does; leave --spread out, or name a node of a cluster"
            )
        }
        let nodes = ClusterNodes(addresses, of: endpoint, now: now())
        state.withLock { $0.nodes = nodes }
    }

    private func nodeAddresses() async -> [String]? {
        let url = endpoint.url.hasSuffix("/") ? endpoint.url + "localnodes" : endpoint.url + "/localnodes"
        guard let response = try? await transport.perform(HTTPRequest(.get, url: url, deadline: .seconds(5))) else { return nil }
        return ClusterNodes.addresses(in: response)
    }

    private func refreshNodes() async {
        guard let addresses = await nodeAddresses() else { return }
        state.withLock { $0.nodes }?.update(addresses)
    }

    private func note(_ node: String?, _ result: Result<HTTPResponse, TransportError>) {
        guard let node else { return }
        state.withLock { $0.nodes }?.note(node, result, now: now())
    }

    private func noteSkew(_ result: Result<HTTPResponse, TransportError>) {
        guard case .success(let response) = result, let skew = skew(response) else { return }
        state.withLock { $0.observedSkew = skew }
    }
}
