#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A connection to an endpoint, spoken to in bytes: what goes over the wire is what the test says.
final class HTTPClient {
    private let descriptor: Int32
    private var buffered: [UInt8] = []

    struct Response {
        var status: Int
        var head: String
        var headers: [String: String]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    struct Failure: Error {
        var reason: String
    }

    init(port: Int) throws {
        #if canImport(Glibc)
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard result == 0 else { throw Failure(reason: "cannot connect to port \(port)") }
        var timeout = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent) }
            guard count > 0 else { throw Failure(reason: "the connection does not take more") }
            sent += count
        }
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// False when the other side has closed.
    private func receive() throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw Failure(reason: "nothing came in 30 seconds") }
        buffered += chunk[..<count]
        return count > 0
    }

    /// Whether the other side closes the connection without another byte.
    func isClosed() throws -> Bool { try buffered.isEmpty && !receive() }

    func response() throws -> Response {
        var end: Int?
        while end == nil {
            end = headEnd()
            if end == nil, try !receive() { throw Failure(reason: "the connection was closed before an answer") }
        }
        let head = String(decoding: buffered[..<(end ?? 0)], as: UTF8.self)
        buffered.removeFirst((end ?? 0) + 4)
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            headers[line[..<colon].lowercased()] = String(line[colon...].dropFirst().drop { $0 == " " })
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        while buffered.count < length {
            guard try receive() else { throw Failure(reason: "the body is cut off") }
        }
        let body = Array(buffered[..<length])
        buffered.removeFirst(length)
        let status = Int(lines[0].split(separator: " ")[1]) ?? 0
        return Response(status: status, head: head, headers: headers, body: body)
    }

    private func headEnd() -> Int? {
        guard buffered.count >= 4 else { return nil }
        return (0...buffered.count - 4).first { buffered[$0] == 13 && Array(buffered[$0..<$0 + 4]) == [13, 10, 13, 10] }
    }

    /// Sends one operation as SDKs do, and reads its answer.
    func call(_ operation: String, _ body: [UInt8]) throws -> Response {
        let head = """
            POST / HTTP/1.1\r
            Host: localhost\r
            Content-Type: application/x-amz-json-1.0\r
            X-Amz-Target: DynamoDB_20120810.\(operation)\r
            Content-Length: \(body.count)\r
            \r

            """
        // In one piece: a second small packet would wait for the first one's acknowledgement.
        try send(Array(head.utf8) + body)
        return try response()
    }
}
