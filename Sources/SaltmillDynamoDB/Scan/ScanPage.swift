import SaltmillBytes

/// A page of a Scan as the wire brought it: where each item's JSON stands, and where to go on, in the answer's own bytes.
///
/// Nothing of an item is interpreted; its JSON is only checked to be JSON.
package struct ScanPage: Sendable {
    /// The answer's body.
    package let body: [UInt8]
    /// Where each item's JSON stands in ``body``.
    package private(set) var items: [Range<Int>] = []
    /// Where the next page starts, as JSON to be sent back byte by byte; nil after the last page.
    package private(set) var next: [UInt8]?
    /// How many items were looked at, filtered ones included.
    package private(set) var scannedCount = 0
    /// In capacity units; nil when the server does not say.
    package private(set) var consumed: Double?

    /// The longest answer that is accepted, in bytes: a page holds 1 MB of items (Amazon DynamoDB Developer Guide, "Scan"), which JSON's
    /// escapes make a few times longer.
    package static let maximumBody = 16 << 20

    /// What is wrong with an answer, as the end of a sentence that begins "the answer to Scan".
    private struct Fault: Error {
        var what: String
    }

    /// Reads an answer's body.
    /// - Throws: ``DynamoDBFailure/malformedAnswer(_:)`` for anything that is not a whole page: taking it for an empty one would lose items.
    package init(reading body: [UInt8]) throws(DynamoDBFailure) {
        self.body = body
        do {
            guard body.count <= Self.maximumBody else { throw Fault(what: "is longer than \(Self.maximumBody) bytes") }
            try read(body.span)
        } catch let fault as Fault {
            throw .malformedAnswer("the answer to Scan \(fault.what)")
        } catch {
            throw .malformedAnswer("the answer to Scan is not understood: \(error)")
        }
    }

    private mutating func read(_ body: Span<UInt8>) throws {
        var scanner = JSONScanner(maximumDepth: 256)
        var hasItems = false
        var count: Int?
        var scanned: Int?
        if try scanner.enterObject(body) {
            repeat {
                let name = try scanner.memberName(body)
                if name.matches("Items", body) {
                    guard !hasItems else { throw Fault(what: "has Items twice") }
                    hasItems = true
                    try readItems(&scanner, body)
                } else if name.matches("LastEvaluatedKey", body) {
                    if try !scanner.takeNull(body) { next = try Self.value(&scanner, body) }
                } else if name.matches("Count", body) {
                    count = try JSONValue(&scanner, body).int
                } else if name.matches("ScannedCount", body) {
                    scanned = try JSONValue(&scanner, body).int
                } else if name.matches("ConsumedCapacity", body) {
                    if try !scanner.takeNull(body) { consumed = try ConsumedCapacity(&scanner, body).total }
                } else {
                    try scanner.skipValue(body)
                }
            } while try scanner.nextMember(body)
        }
        try scanner.expectEnd(body)
        guard hasItems else { throw Fault(what: "has no Items") }
        if let count, count != items.count { throw Fault(what: "counts \(count) items and holds \(items.count)") }
        scannedCount = max(scanned ?? items.count, items.count)
    }

    private mutating func readItems(_ scanner: inout JSONScanner, _ body: Span<UInt8>) throws {
        guard try scanner.enterArray(body) else { return }
        repeat {
            guard try scanner.peek(body) == UInt8(ascii: "{") else { throw Fault(what: "holds an item that is no object") }
            let start = scanner.index
            try scanner.skipValue(body)
            items.append(start..<scanner.index)
        } while try scanner.nextElement(body)
    }

    private static func value(_ scanner: inout JSONScanner, _ body: Span<UInt8>) throws(JSONError) -> [UInt8] {
        _ = try scanner.peek(body)
        let start = scanner.index
        try scanner.skipValue(body)
        return body.extracting(start..<scanner.index).array
    }

    /// Calls a closure with each item's JSON, in the answer's order, as it stands there.
    package func forEachItem<Failure: Error>(_ body: (Span<UInt8>) throws(Failure) -> Void) throws(Failure) {
        for item in items { try body(self.body.span.extracting(item)) }
    }
}
