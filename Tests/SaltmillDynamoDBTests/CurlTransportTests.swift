import Glibc
import SaltmillDynamoDB
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct CurlTransportTests {
    private func post(_ url: String, _ body: String = "{}", deadline: Duration = .seconds(20)) -> HTTPRequest {
        var headers = HeaderLines()
        headers.append("X-Test", "yes: really")
        return HTTPRequest(url: url, headers: headers, body: Array(body.utf8), deadline: deadline)
    }

    private func failure(_ transport: CurlTransport, _ request: HTTPRequest) async throws -> TransportError {
        try await #require(throws: TransportError.self) { try await transport.perform(request) }
    }

    @Test func aRequestArrivesAsItIsAndTheAnswerComesBackWhole() async throws {
        let server = try LoopbackServer { _, _ in .answer(203, headers: ["x-amzn-RequestId: R1", "Date: today"], body: "answer") }
        defer { server.close() }
        let transport = CurlTransport()
        let response = try await transport.perform(post(server.url, "body\0with zero"))
        #expect(response.status == 203)
        #expect(response.body == Array("answer".utf8))
        #expect(response.headers[.requestID] == "R1" && response.headers[.date] == "today")
        var requests = server.requests.makeAsyncIterator()
        let request = try #require(await requests.next())
        #expect(request.head.first == "POST / HTTP/1.1")
        #expect(request.body == Array("body\0with zero".utf8))
        #expect(request.header("X-Test") == "yes: really")
        #expect(request.header("Host") == "127.0.0.1:\(server.port)")
        #expect(request.header("Expect") == nil)
    }

    @Test func connectionsAreKeptAndHandlesAreUsedAgainWithoutLeavingTraces() async throws {
        let server = try LoopbackServer { number, _ in
            number % 2 == 1 ? .answer(200, headers: ["x-amz-crc32: \(number)"], body: "\(number)") : .answer(200, body: "")
        }
        defer { server.close() }
        let transport = CurlTransport()
        for number in 1...6 {
            let response = try await transport.perform(post(server.url, String(repeating: "x", count: number % 3 * 100_000)))
            #expect(response.body == (number % 2 == 1 ? Array("\(number)".utf8) : []))
            #expect(response.headers.crc32 == (number % 2 == 1 ? UInt32(number) : nil))
        }
        #expect(server.connectionCount == 1)
        var sizes: [Int] = []
        for await request in server.requests {
            sizes.append(request.body.count)
            if sizes.count == 6 { break }
        }
        #expect(sizes == [100_000, 200_000, 0, 100_000, 200_000, 0])
    }

    @Test func anAnswerInPiecesIsPutTogether() async throws {
        let server = try LoopbackServer { _, _ in
            .raw(
                [
                    "HTTP/1.1 100 Continue\r\nDate: no\r\n\r\nHTTP/1.1 2", "00 OK\r\nTransfer-Enc", "oding: chunked\r\nx-amz-crc",
                    "32: 7\r\n\r\n",
                ]
                    + ["5\r\nhe", "llo\r", "\n3\r\n", "...\r\n0\r\n\r\n"])
        }
        defer { server.close() }
        let response = try await CurlTransport().perform(post(server.url))
        #expect(response.body == Array("hello...".utf8))
        #expect(response.headers.crc32 == 7 && response.headers[.date] == nil)
    }

    @Test func redirectsAreNotFollowed() async throws {
        let server = try LoopbackServer { _, request in .answer(307, headers: ["Location: \(request.header("Host") ?? "")/x"]) }
        defer { server.close() }
        #expect(try await CurlTransport().perform(post(server.url)).status == 307)
        #expect(server.requestCount == 1)
    }

    @Test func noMoreConnectionsAreOpenedThanAllowed() async throws {
        let gate = Gate()
        let server = try LoopbackServer { _, _ in .waiting(gate, .answer(200)) }
        defer { server.close() }
        let transport = CurlTransport(TransportOptions(maximumConnections: 2))
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<6 { group.addTask { try await transport.perform(post(server.url)).status } }
            var requests = server.requests.makeAsyncIterator()
            _ = await requests.next()
            _ = await requests.next()
            #expect(server.connectionCount == 2)
            gate.open()
            for try await status in group { #expect(status == 200) }
        }
        #expect(server.requestCount == 6 && server.connectionCount == 2)
    }

    @Test func aResetIsTold() async throws {
        let server = try LoopbackServer { _, _ in .reset }
        defer { server.close() }
        let error = try await failure(CurlTransport(), post(server.url))
        #expect(error.kind == .closed && error.mayHaveBeenApplied)
        #expect(error.description.contains("127.0.0.1:\(server.port)"))
    }

    /// libcurl would, on a connection that had been used before.
    @Test(arguments: [1, 20])
    func aRequestIsNotSentAgainUnasked(size: Int) async throws {
        let server = try LoopbackServer { number, _ in number % 2 == 1 ? .answer(200) : number % 4 == 0 ? .closing("") : .reset }
        defer { server.close() }
        let transport = CurlTransport()
        for number in 1...8 {
            let request = post(server.url, String(repeating: "x", count: size * 20_000))
            if number % 2 == 1 {
                _ = try await transport.perform(request)
            } else {
                let error = try await failure(transport, request)
                #expect(error.kind == .closed && error.mayHaveBeenApplied)
            }
        }
        #expect(server.requestCount == 8)
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"])
    func anAnswerCutOffIsTold(text: String) async throws {
        let server = try LoopbackServer { _, _ in .closing(text) }
        defer { server.close() }
        let error = try await failure(CurlTransport(), post(server.url))
        #expect(error.kind == .closed && error.mayHaveBeenApplied)
    }

    @Test func whatIsNoHTTPIsTold() async throws {
        let server = try LoopbackServer { _, _ in .closing("SSH-2.0-OpenSSH_9.2\r\n\r\n") }
        defer { server.close() }
        #expect(try await failure(CurlTransport(), post(server.url)).kind == .malformed)
        #expect(try await failure(CurlTransport(), post("gopher2://x/")).kind == .malformed)
    }

    @Test func aPortWithoutListenerIsTold() async throws {
        let deaf = try DeafPort()
        let port = deaf.port
        let error = try await failure(CurlTransport(), post("http://127.0.0.1:\(port)/"))
        #expect(error.kind == .connect && !error.mayHaveBeenApplied)
        #expect(error.description.hasPrefix("no connection to 127.0.0.1:\(port): "))
        withExtendedLifetime(deaf) {}
    }

    @Test func aNameWithoutAddressIsTold() async throws {
        let error = try await failure(CurlTransport(), post("http://saltmill.invalid/", deadline: .seconds(5)))
        #expect([.resolve, .timeout].contains(error.kind), "a machine without a name service may only time out")
        #expect(!error.mayHaveBeenApplied)
    }

    @Test func aServerThatSpeaksNoTLSIsTold() async throws {
        let server = try LoopbackServer { _, _ in .reset }
        defer { server.close() }
        // What arrives is a TLS greeting, in which the server waits for the end of a header in vain; so it is closed from this side.
        let error = try await failure(CurlTransport(), post("https://127.0.0.1:\(server.port)/", deadline: .milliseconds(300)))
        #expect([.timeout, .tls].contains(error.kind) && !error.mayHaveBeenApplied)
    }

    @Test func theDeadlineEndsARequest() async throws {
        let gate = Gate()
        let server = try LoopbackServer { _, _ in .waiting(gate, .answer(200)) }
        defer {
            gate.open()
            server.close()
        }
        let error = try await failure(CurlTransport(), post(server.url, deadline: .milliseconds(50)))
        #expect(error.kind == .timeout && error.mayHaveBeenApplied)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + String(repeating: "x", count: 1001),
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + String(repeating: "x", count: 100_000),
    ])
    func anAnswerThatIsTooLongIsCutOff(text: String) async throws {
        let server = try LoopbackServer { _, _ in .closing(text) }
        defer { server.close() }
        var request = post(server.url)
        request.maximumResponse = 1000
        let error = try await failure(CurlTransport(), request)
        #expect(error.kind == .tooLarge && error.mayHaveBeenApplied)
    }

    @Test func aCancelledTaskWithdrawsItsRequest() async throws {
        let gate = Gate()
        let server = try LoopbackServer { number, _ in number == 1 ? .waiting(gate, .answer(200)) : .answer(200) }
        defer {
            gate.open()
            server.close()
        }
        let transport = CurlTransport()
        let task = Task { try await transport.perform(post(server.url)) }
        var requests = server.requests.makeAsyncIterator()
        _ = await requests.next()
        task.cancel()
        let error = try await #require(throws: TransportError.self) { try await task.value }
        #expect(error.kind == .cancelled && error.mayHaveBeenApplied)
        #expect(try await transport.perform(post(server.url)).status == 200, "the transport goes on")
    }

    @Test func aTaskCancelledBeforehandHasItsRequestWithdrawnToo() async throws {
        let gate = Gate()
        let server = try LoopbackServer { _, _ in .waiting(gate, .answer(200)) }
        defer {
            gate.open()
            server.close()
        }
        let transport = CurlTransport()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await transport.perform(post(server.url))
        }
        #expect(try await #require(throws: TransportError.self) { try await task.value }.kind == .cancelled)
    }

    @Test func shuttingDownEndsEverything() async throws {
        let gate = Gate()
        let server = try LoopbackServer { _, _ in .waiting(gate, .answer(200)) }
        defer {
            gate.open()
            server.close()
        }
        let transport = CurlTransport()
        let task = Task { try await transport.perform(post(server.url)) }
        var requests = server.requests.makeAsyncIterator()
        _ = await requests.next()
        transport.shutdown()
        #expect(try await #require(throws: TransportError.self) { try await task.value }.kind == .cancelled)
        let late = try await failure(transport, post(server.url))
        #expect(late.kind == .cancelled && !late.mayHaveBeenApplied)
        transport.wake()
        transport.shutdown()
    }

    @Test func aTransportThatIsLetGoOnItsOwnThreadEndsQuietly() async throws {
        let server = try LoopbackServer { _, _ in .answer(200) }
        defer { server.close() }
        let holder = Mutex<CurlTransport?>(CurlTransport())
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            holder.withLock { $0 }?.submit(post(server.url)) { _ in
                holder.withLock { $0 = nil }
                done.resume()
            }
        }
    }
}
