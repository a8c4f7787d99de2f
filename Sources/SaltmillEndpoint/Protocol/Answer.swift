import SaltmillBytes

/// What goes back to the client.
struct Answer: Sendable {
    var status = 200
    var body: [UInt8]

    init(body: [UInt8]) { self.body = body }

    init(_ value: JSONValue) { body = value.bytes }

    init(_ error: ServiceError) {
        status = error.status
        body = error.body
    }

    static let emptyObject = Answer(body: Array("{}".utf8))
}

extension [UInt8] {
    /// Appends a text as it is.
    mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
