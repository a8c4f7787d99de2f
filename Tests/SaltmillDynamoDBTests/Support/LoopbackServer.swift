import Dispatch
import Glibc
import Synchronization

/// A small HTTP/1.1 server on the loopback interface that misbehaves as told. One thread accepts, one serves each connection.
final class LoopbackServer: Sendable {
    struct Request: Sendable {
        /// The how-manyth connection carried it, from 1 on.
        var connection: Int
        /// The request line and the header lines.
        var head: [String]
        var body: [UInt8]

        func header(_ name: String) -> String? {
            head.dropFirst().first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { String($0.dropFirst(name.count + 1).drop { $0 == " " }) }
        }
    }

    enum Reply: Sendable {
        /// An answer in one piece.
        case answer(Int, headers: [String] = [], body: String = "{}")
        /// Bytes sent exactly as they are, one write for each piece; then the connection goes on.
        case raw([String])
        /// Bytes sent, then the connection is closed in order.
        case closing(String)
        /// The connection is reset without an answer.
        case reset
        /// The answer waits until the gate opens.
        indirect case waiting(Gate, Reply)
        /// Opens the gate once the answer is where the client can read it.
        indirect case telling(Gate, Reply)
    }

    typealias Handler = @Sendable (_ number: Int, Request) -> Reply

    let port: UInt16
    /// Every request, as it comes.
    let requests: AsyncStream<Request>

    private let listener: Int32
    private let handler: Handler
    private let events: AsyncStream<Request>.Continuation
    private let state = Mutex(State())

    private struct State {
        var connections: [Int32] = []
        var connectionCount = 0
        var requestCount = 0
        var isClosed = false
    }

    /// How many connections were accepted so far.
    var connectionCount: Int { state.withLock { $0.connectionCount } }
    var requestCount: Int { state.withLock { $0.requestCount } }
    var url: String { "http://127.0.0.1:\(port)/" }

    /// - Parameter handler: is given the requests, numbered from 1 on over all connections.
    init(_ handler: @escaping Handler) throws {
        (listener, port) = try DeafPort.bind()
        guard listen(listener, 64) == 0 else { throw DeafPort.Fault() }
        self.handler = handler
        (requests, events) = AsyncStream.makeStream()
        Self.thread { [self] in accept() }
    }

    /// Stops listening and closes every connection.
    func close() {
        // Under the lock, since a descriptor's number may belong to someone else as soon as its thread has closed it.
        state.withLock { state in
            state.isClosed = true
            shutdown(listener, Int32(SHUT_RDWR))
            for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
        }
        events.finish()
    }

    private static func thread(_ body: @escaping @Sendable () -> Void) {
        DispatchQueue(label: "loopback server").async(execute: body)
    }

    private func accept() {
        while true {
            let connection = Glibc.accept(listener, nil, nil)
            let (number, isClosed) = state.withLock { state in
                if connection >= 0 {
                    state.connections.append(connection)
                    state.connectionCount += 1
                    if state.isClosed { shutdown(connection, Int32(SHUT_RDWR)) }
                }
                return (state.connectionCount, state.isClosed)
            }
            if connection < 0 {
                if isClosed { break } else { continue }
            }
            Self.thread { [self] in serve(connection, number) }
        }
        Glibc.close(listener)
    }

    private func serve(_ connection: Int32, _ number: Int) {
        var pending: [UInt8] = []
        while let request = read(connection, number, &pending) {
            let count = state.withLock { state in
                state.requestCount += 1
                return state.requestCount
            }
            events.yield(request)
            guard reply(handler(count, request), connection) else { break }
        }
        state.withLock { state in
            state.connections.removeAll { $0 == connection }
            Glibc.close(connection)
        }
    }

    private func read(_ connection: Int32, _ number: Int, _ pending: inout [UInt8]) -> Request? {
        func more() -> Bool {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return false }
            pending += buffer[..<count]
            return true
        }
        let end = Array("\r\n\r\n".utf8)
        var headEnd: Int?
        while headEnd == nil {
            headEnd = pending.indices.first { pending[$0...].starts(with: end) }
            if headEnd == nil, !more() { return nil }
        }
        guard let headEnd else { return nil }
        let head = String(decoding: pending[..<headEnd], as: UTF8.self).split(separator: "\r\n").map(String.init)
        var request = Request(connection: number, head: head, body: [])
        let length = request.header("Content-Length").flatMap { Int($0) } ?? 0
        pending.removeFirst(headEnd + end.count)
        while pending.count < length { guard more() else { return nil } }
        request.body = Array(pending[..<length])
        pending.removeFirst(length)
        return request
    }

    /// Sends a reply; false when the connection is to end.
    private func reply(_ reply: Reply, _ connection: Int32) -> Bool {
        func send(_ text: String) -> Bool {
            let bytes = Array(text.utf8)
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
        switch reply {
        case .answer(let status, let headers, let body):
            let lines = ["HTTP/1.1 \(status) Some Reason", "Content-Length: \(body.utf8.count)"] + headers
            return send(lines.map { $0 + "\r\n" }.joined() + "\r\n" + body)
        case .raw(let pieces):
            var noDelay: Int32 = 1
            setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &noDelay, socklen_t(MemoryLayout<Int32>.size))
            return pieces.allSatisfy(send)
        case .closing(let text):
            _ = send(text)
            return false
        case .reset:
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
            return false
        case .waiting(let gate, let next):
            gate.wait()
            return self.reply(next, connection)
        case .telling(let gate, let next):
            defer { gate.open() }
            return self.reply(next, connection)
        }
    }
}

/// Lets nobody through until it is opened, and everybody afterwards.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func open() { semaphore.signal() }

    func wait() {
        semaphore.wait()
        semaphore.signal()
    }
}

/// A port of the loopback interface that is taken, but on which nobody listens.
final class DeafPort: Sendable {
    let socket: Int32
    let port: UInt16

    init() throws { (socket, port) = try Self.bind() }

    deinit { close(socket) }

    /// A socket bound to a free port.
    static func bind() throws -> (socket: Int32, port: UInt16) {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                Glibc.bind(socket, address, length) == 0 && getsockname(socket, address, &length) == 0
            }
        }
        guard isBound else { throw Fault() }
        return (socket, address.sin_port.bigEndian)
    }

    struct Fault: Error {}
}
