import SaltmillBytes

/// How much detail an answer gives of what was used up.
package enum ReturnedCapacity: String, Sendable {
    /// The table and each index.
    case indexes = "INDEXES"
    /// One sum, for servers that refuse ``indexes`` (ScyllaDB Alternator).
    case total = "TOTAL"
    case none = "NONE"

    /// What the body of a write request asks for, which is the first thing it says.
    package init?(askedIn body: [UInt8]) {
        let start = Array("{\"ReturnConsumedCapacity\":\"".utf8)
        guard body.starts(with: start) else { return nil }
        self.init(rawValue: String(decoding: body.dropFirst(start.count).prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self))
    }
}

/// What all BatchWriteItem bodies for one table begin with.
package struct BatchWriteHead: Sendable {
    private let table: String
    fileprivate let bytes: [UInt8]

    package init(table: String, capacity: ReturnedCapacity) {
        self.table = table
        var bytes: [UInt8] = []
        bytes.append(contentsOf: "{\"ReturnConsumedCapacity\":\"\(capacity.rawValue)\",\"RequestItems\":{".utf8)
        JSONText.appendQuoted(table, to: &bytes)
        bytes.append(contentsOf: ":[".utf8)
        self.bytes = bytes
    }

    /// The same, asking for another detail of what was used up.
    package func asking(for capacity: ReturnedCapacity) -> BatchWriteHead { BatchWriteHead(table: table, capacity: capacity) }
}

/// A BatchWriteItem body in the making: items' bytes joined.
package struct BatchWriteBody: ~Copyable {
    private var bytes: [UInt8] = []
    private var isEmpty = true

    private static let put: StaticString = "{\"PutRequest\":{\"Item\":"
    private static let delete: StaticString = "{\"DeleteRequest\":{\"Key\":"
    private static let tail: StaticString = "]}}"

    /// - Parameters:
    ///   - requests: how many requests will be appended.
    ///   - itemBytes: how long the items' and keys' JSON is together; room is made once.
    package init(_ head: BatchWriteHead, requests: Int, itemBytes: Int) {
        // A delete request is the longer one: four bytes stand behind its key, the comma included.
        bytes.reserveCapacity(head.bytes.count + itemBytes + requests * (Self.delete.utf8CodeUnitCount + 4) + Self.tail.utf8CodeUnitCount)
        bytes.append(contentsOf: head.bytes)
    }

    /// Appends a put of an item.
    package mutating func put(_ item: Span<UInt8>) { append(Self.put, item, "}}") }

    /// Appends a delete.
    /// - Parameter key: the key's JSON up to its closing brace, as ``EncodedItem/keyLength`` tells it.
    package mutating func delete(openKey key: Span<UInt8>) { append(Self.delete, key, "}}}") }

    private mutating func append(_ start: StaticString, _ content: Span<UInt8>, _ end: StaticString) {
        if !isEmpty { bytes.append(UInt8(ascii: ",")) }
        isEmpty = false
        start.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(content)
        end.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// The body, complete.
    package consuming func finish() -> [UInt8] {
        Self.tail.withUTF8Buffer { bytes.append(contentsOf: $0) }
        return bytes
    }
}
