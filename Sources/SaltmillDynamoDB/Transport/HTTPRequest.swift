/// A request over HTTP/1.1, ready to be sent.
package struct HTTPRequest: Sendable {
    package enum Method: Sendable { case get, post, put }

    package var method: Method
    /// An absolute `http:` or `https:` URL.
    package var url: String
    package var headers: HeaderLines
    /// Host and port to connect to in the place of the URL's, which the request and its certificate still speak of.
    package var node: String?
    package var body: [UInt8]
    /// How long the whole exchange may take, connecting included.
    package var deadline: Duration
    /// How long connecting (name, TCP, TLS) may take.
    package var connectDeadline: Duration
    /// The longest answer accepted, in bytes.
    package var maximumResponse: Int

    package init(
        _ method: Method = .post, url: String, headers: HeaderLines = HeaderLines(), body: [UInt8] = [], deadline: Duration = .seconds(30),
        connectDeadline: Duration = .seconds(5), maximumResponse: Int = 64 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.deadline = deadline
        self.connectDeadline = connectDeadline
        self.maximumResponse = maximumResponse
    }
}

/// Header lines as the transport wants them: `Name: value`, each ended by a zero byte, in one buffer.
///
/// Names and values must hold no control characters; whoever takes them from outside checks that.
package struct HeaderLines: Sendable {
    package private(set) var bytes: [UInt8] = []
    package private(set) var count = 0

    package init() {}

    /// - Parameter capacity: how many bytes to make room for.
    package init(capacity: Int) { bytes.reserveCapacity(capacity) }

    package mutating func append(_ name: StaticString, _ value: String) {
        append(name) { $0.append(contentsOf: value.utf8) }
    }

    /// Appends a line whose value is written by a closure straight into the buffer.
    package mutating func append(_ name: StaticString, value: (inout [UInt8]) -> Void) {
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(0x3A)
        bytes.append(0x20)
        value(&bytes)
        bytes.append(0)
        count += 1
    }
}
