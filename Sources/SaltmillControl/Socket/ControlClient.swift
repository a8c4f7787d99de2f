import Glibc

/// Asks a running job.
package enum ControlClient {
    /// Why there is no answer.
    package enum Failure: Error, Sendable, Equatable {
        /// Nobody listens there: the job is not running.
        case dead
        /// Something else; a sentence.
        case broken(String)
    }

    /// Sends a request and waits for the answer, 10 seconds at most.
    package static func ask(_ request: ControlRequest, at path: String) throws(Failure) -> ControlReply {
        guard request.line.count <= ControlRequest.maximumLength else { throw .broken("the command is too long") }
        let descriptor: Int32
        let failure: Int32
        do throws(ControlError) {
            descriptor = try UnixSocket.make()
            failure = try UnixSocket.withAddress(path) { connect(descriptor, $0, $1) == 0 ? 0 : errno }
        } catch {
            throw .broken(error.description)
        }
        defer { close(descriptor) }
        switch failure {
        case 0: break
        case ENOENT, ECONNREFUSED: throw .dead
        default: throw .broken("cannot ask at \(path): \(String(cString: strerror(failure)))")
        }
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        let line = request.line
        guard send(descriptor, line, line.count, Int32(MSG_NOSIGNAL)) == line.count else {
            throw .broken("the job does not take the command: \(String(cString: strerror(errno)))")
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while answer.count < 4 << 20 {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        guard let reply = ControlReply(answer) else { throw .broken("the job did not answer in time") }
        return reply
    }
}
