import Foundation
import Glibc
import Synchronization

/// Answers requests on a Unix socket: one line in, one answer out, and the connection is closed.
///
/// One thread does all of it and never waits for a single peer: connections are few, requests short and bounded, and whoever is slow is hung up on.
package final class ControlServer: Sendable {
    package typealias Handler = @Sendable (_ request: ControlRequest, _ uid: UInt32) -> ControlReply

    package let path: String
    private let listener: Int32
    /// A pipe that wakes the thread.
    private let waker: (read: Int32, write: Int32)
    private let handler: Handler
    private let isStopping = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)

    /// Connections at once; more of them wait to be accepted.
    private static let connectionLimit = 32
    /// A request must be there, and an answer taken, within so many seconds.
    private static let deadline = 2.0

    /// Begins to listen. A socket that is already there is replaced: whoever holds the job's lock is the only one who may use it.
    /// - Throws: ``ControlError`` when that is not possible.
    package init(path: String, handler: @escaping Handler) throws(ControlError) {
        self.path = path
        self.handler = handler
        let socket = try UnixSocket.make()
        unlink(path)
        // Nobody else may look into its folder.
        let isBound = try UnixSocket.withAddress(path) { bind(socket, $0, $1) == 0 && chmod(path, 0o600) == 0 }
        let failure = errno
        guard isBound, listen(socket, 64) == 0 else {
            close(socket)
            throw ControlError("cannot listen on \(path): \(String(cString: strerror(failure)))")
        }
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
        listener = socket
        var pipe: [Int32] = [-1, -1]
        guard Glibc.pipe(&pipe) == 0 else {
            close(socket)
            throw ControlError("no pipe is to be had: \(String(cString: strerror(errno)))")
        }
        for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        waker = (pipe[0], pipe[1])
        let thread = Thread { [self] in serve() }
        thread.name = "control"
        thread.start()
    }

    /// Answers no more, removes the socket and returns when nothing is under way.
    package func stop() {
        guard !isStopping.exchange(true, ordering: .acquiringAndReleasing) else { return }
        _ = write(waker.write, [1], 1)
        ended.wait()
    }

    private struct Connection {
        var descriptor: Int32
        var uid: UInt32
        var due: Double
        var input: [UInt8] = []
        var output: [UInt8] = []
        var isAnswered = false
    }

    private func serve() {
        var connections: [Connection] = []
        while !isStopping.load(ordering: .acquiring) {
            var polls = [pollfd(fd: waker.read, events: Int16(POLLIN), revents: 0)]
            let isOpen = connections.count < Self.connectionLimit
            polls.append(pollfd(fd: isOpen ? listener : -1, events: Int16(POLLIN), revents: 0))
            polls += connections.map { pollfd(fd: $0.descriptor, events: Int16($0.isAnswered ? POLLOUT : POLLIN), revents: 0) }
            let now = Clocks.now.awake
            let wait = connections.map { $0.due - now }.min().map { Int32(max($0, 0) * 1000) + 1 } ?? -1
            guard poll(&polls, nfds_t(polls.count), wait) >= 0 || errno == EINTR else { break }
            for index in connections.indices where polls[index + 2].revents != 0 { advance(&connections[index]) }
            let late = Clocks.now.awake
            connections.removeAll { connection in
                guard connection.descriptor < 0 || connection.due <= late else { return false }
                if connection.descriptor >= 0 { close(connection.descriptor) }
                return true
            }
            if polls[1].revents != 0 { accept(into: &connections) }
        }
        for connection in connections { close(connection.descriptor) }
        close(listener)
        close(waker.read)
        close(waker.write)
        unlink(path)
        ended.signal()
    }

    private func accept(into connections: inout [Connection]) {
        while connections.count < Self.connectionLimit {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            guard let uid = UnixSocket.peer(of: descriptor) else {
                close(descriptor)
                continue
            }
            var connection = Connection(descriptor: descriptor, uid: uid, due: Clocks.now.awake + Self.deadline)
            // The folder keeps others out already; this holds where its mode was changed.
            if uid != geteuid(), uid != 0 {
                answer(&connection, ControlReply(ControlError("this job belongs to another user")), asJSON: true)
            }
            connections.append(connection)
        }
    }

    /// Reads what has come, answers when the request is whole, and sends what can be sent.
    private func advance(_ connection: inout Connection) {
        if !connection.isAnswered {
            var buffer = [UInt8](repeating: 0, count: ControlRequest.maximumLength + 1)
            let count = read(connection.descriptor, &buffer, buffer.count)
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            if count > 0 { connection.input += buffer[..<count] }
            guard
                let end = connection.input.firstIndex(of: 0x0A)
                    ?? (count == 0 && !connection.input.isEmpty ? connection.input.endIndex : nil),
                end <= ControlRequest.maximumLength
            else {
                if connection.input.count > ControlRequest.maximumLength {
                    let error = ControlError("the request is longer than \(ControlRequest.maximumLength) bytes")
                    answer(&connection, ControlReply(error), asJSON: connection.input.first == 0x7B)
                } else if count <= 0 {
                    hangUp(&connection)
                }
                return
            }
            do throws(ControlError) {
                let request = try ControlRequest(line: Array(connection.input[..<end]))
                answer(&connection, handler(request, connection.uid), asJSON: request.wantsJSON)
            } catch {
                answer(&connection, ControlReply(error), asJSON: connection.input.first == 0x7B)
            }
        }
        while !connection.output.isEmpty {
            let count = send(connection.descriptor, connection.output, connection.output.count, Int32(MSG_NOSIGNAL))
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else { break }
            connection.output.removeFirst(count)
        }
        hangUp(&connection)
    }

    private func answer(_ connection: inout Connection, _ reply: ControlReply, asJSON: Bool) {
        connection.output = reply.bytes(asJSON: asJSON)
        connection.isAnswered = true
    }

    private func hangUp(_ connection: inout Connection) {
        close(connection.descriptor)
        connection.descriptor = -1
    }
}
