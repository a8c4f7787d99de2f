import Glibc
import SaltmillDynamoDB
import Synchronization
import Testing

/// How the transport's own thread takes its turns.
@Suite(.timeLimit(.minutes(1))) struct TransportLoopTests {
    private func post(_ url: String) -> HTTPRequest { HTTPRequest(url: url, body: Array("{}".utf8), deadline: .seconds(20)) }

    @Test func completionsSubmitOnTheSameThreadAndConnection() async throws {
        let server = try LoopbackServer { _, _ in .answer(200) }
        defer { server.close() }
        let transport = CurlTransport()
        let threads = Mutex<Set<UInt>>([])
        let url = server.url
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            @Sendable func next(_ left: Int) {
                transport.submit(post(url)) { result in
                    threads.withLock { _ = $0.insert(UInt(pthread_self())) }
                    if case .failure(let error) = result { Issue.record("\(error)") }
                    if left > 1 { next(left - 1) } else { done.resume() }
                }
            }
            next(2000)
        }
        #expect(server.requestCount == 2000 && server.connectionCount == 1)
        #expect(threads.withLock { $0.count } == 1)
    }

    /// The second answer comes while the first one is being delivered: a loop that then let libcurl work once more and polled would leave
    /// the second one unread for the poll's whole length, a second.
    @Test func noFinishedRequestIsLeftUnreadWhileThePollWaits() async throws {
        let transport = CurlTransport()
        let start = ContinuousClock.now
        for _ in 0..<10 {
            let isAsked = Gate()
            let isSent = Gate()
            let server = try LoopbackServer { _, request in
                request.body == Array("first".utf8) ? .answer(200) : .waiting(isAsked, .telling(isSent, .answer(200)))
            }
            defer { server.close() }
            let url = server.url
            await withTaskGroup(of: Void.self) { group in
                group.addTask { _ = try? await transport.perform(HTTPRequest(url: url, body: Array("second".utf8))) }
                var requests = server.requests.makeAsyncIterator()
                _ = await requests.next()
                transport.submit(HTTPRequest(url: url, body: Array("first".utf8))) { _ in
                    isAsked.open()
                    isSent.wait()
                }
            }
        }
        #expect(start.duration(to: .now) < .seconds(5), "ten polls would be twice that")
    }

    @Test func theDriverIsCalledOnEveryEventAndMaySubmit() async throws {
        let server = try LoopbackServer { _, _ in .answer(200) }
        defer { server.close() }
        let transport = CurlTransport()
        let url = server.url
        let state = Mutex((submitted: 0, finished: 0))
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            let hasEnded = Atomic(false)
            transport.setDriver {
                let (mayStart, isDone) = state.withLock { state in
                    let mayStart = state.submitted < 100 && state.submitted - state.finished < 4
                    if mayStart { state.submitted += 1 }
                    return (mayStart, state.finished == 100)
                }
                if mayStart { transport.submit(post(url)) { _ in state.withLock { $0.finished += 1 } } }
                if isDone, !hasEnded.exchange(true, ordering: .relaxed) { done.resume() }
                return nil
            }
        }
        transport.setDriver(nil)
        #expect(state.withLock { $0.finished } == 100)
        #expect(server.connectionCount <= 4)
    }

    @Test func theDriverIsCalledWhenItAskedToBe() async {
        let transport = CurlTransport()
        let calls = Atomic(0)
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            transport.setDriver {
                // 0, less than a millisecond, and more.
                let waits: [Duration] = [.zero, .nanoseconds(1), .microseconds(300), .milliseconds(2)]
                let count = calls.add(1, ordering: .relaxed).newValue
                if count == 400 { done.resume() }
                return count < 400 ? waits[count % 4] : nil
            }
        }
        #expect(calls.load(ordering: .relaxed) >= 400)
    }

    @Test func wakingCallsTheDriverWithoutWaitingForThePoll() async {
        let transport = CurlTransport()
        let events = AsyncStream<Void>.makeStream()
        transport.setDriver {
            events.continuation.yield()
            return nil
        }
        let start = ContinuousClock.now
        var calls = events.stream.makeAsyncIterator()
        for _ in 0..<100 {
            await calls.next()
            transport.wake()
        }
        #expect(start.duration(to: .now) < .seconds(20), "100 polls of a second each would be five times that")
    }

    @Test func requestsFromManyThreadsAllEnd() async throws {
        let server = try LoopbackServer { _, _ in .answer(200) }
        defer { server.close() }
        let transport = CurlTransport(TransportOptions(maximumConnections: 8))
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    for _ in 0..<10 { _ = try await transport.perform(post(server.url)) }
                    return 10
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(count == 500 && server.requestCount == 500 && server.connectionCount <= 8)
    }

    @Test func theDriverAndShutdownMayCrossEachOther() async throws {
        for _ in 0..<50 {
            let transport = CurlTransport()
            transport.setDriver { .microseconds(10) }
            transport.wake()
            transport.shutdown()
        }
    }
}
