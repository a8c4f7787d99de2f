import SaltmillBytes

extension DynamoDBClient {
    /// Keys in one BatchGetItem (Amazon DynamoDB API Reference, "BatchGetItem").
    package static let maximumKeys = 100

    /// Asks for items by their keys; of some of them the answer may say nothing yet.
    /// - Parameter keys: each key's JSON, `{"pk":{…}}`; at most ``maximumKeys``, no two alike.
    package func batchGet(table: String, keys: [[UInt8]], isConsistent: Bool) async throws(DynamoDBFailure) -> BatchGetAnswer {
        var body: [UInt8] = Array("{\"ReturnConsumedCapacity\":\"TOTAL\",\"RequestItems\":{".utf8)
        JSONText.appendQuoted(table, to: &body)
        body.append(contentsOf: ":{\"ConsistentRead\":\(isConsistent),\"Keys\":[".utf8)
        for (number, key) in keys.enumerated() {
            if number > 0 { body.append(UInt8(ascii: ",")) }
            body.append(contentsOf: key)
        }
        body.append(contentsOf: "]}}}".utf8)
        return try BatchGetAnswer(reading: try await exchange(.batchGetItem, body), table: table)
    }
}

/// Items that were asked for by key, as the wire brought them: nothing of them is interpreted.
package struct BatchGetAnswer: Sendable {
    /// The answer's body.
    package let body: [UInt8]
    /// Where each item's JSON stands in ``body``, in no order; there is none for a key that no item has.
    package private(set) var items: [Range<Int>] = []
    /// The JSON of the keys that were not looked up: to be asked for again.
    package private(set) var unprocessed: [[UInt8]] = []
    /// In capacity units; nil when the server does not say.
    package private(set) var consumed: Double?

    /// Reads an answer's body.
    /// - Throws: ``DynamoDBFailure/malformedAnswer(_:)``.
    package init(reading body: [UInt8], table: String) throws(DynamoDBFailure) {
        self.body = body
        do {
            try read(body.span, table)
        } catch {
            throw .malformedAnswer("the answer to BatchGetItem is not understood: \(error)")
        }
    }

    private mutating func read(_ body: Span<UInt8>, _ table: String) throws(JSONError) {
        var scanner = JSONScanner(maximumDepth: 256)
        guard try scanner.enterObject(body) else { return }
        repeat {
            let name = try scanner.memberName(body)
            if name.matches("Responses", body) {
                if let place = try Self.member(table, &scanner, body) { items += try Self.values(at: place, body) }
            } else if name.matches("UnprocessedKeys", body) {
                if let place = try Self.member(table, &scanner, body) { unprocessed = try Self.keys(at: place, body) }
            } else if name.matches("ConsumedCapacity", body), try scanner.peek(body) == UInt8(ascii: "[") {
                guard try scanner.enterArray(body) else { continue }
                repeat { consumed = (consumed ?? 0) + (try ConsumedCapacity(&scanner, body).total) } while try scanner.nextElement(body)
            } else {
                try scanner.skipValue(body)
            }
        } while try scanner.nextMember(body)
        try scanner.expectEnd(body)
    }

    /// Where the value of an object's member begins; nil where there is no such member.
    private static func member(_ name: String, _ scanner: inout JSONScanner, _ body: Span<UInt8>) throws(JSONError) -> Int? {
        var place: Int?
        guard try scanner.enterObject(body) else { return nil }
        repeat {
            let isIt = JSONScanner.value(of: try scanner.memberName(body), in: body) == name
            _ = try scanner.peek(body)
            if isIt { place = scanner.index }
            try scanner.skipValue(body)
        } while try scanner.nextMember(body)
        return place
    }

    /// The JSON of the keys of an object `{"Keys":[…],…}`.
    private static func keys(at place: Int, _ body: Span<UInt8>) throws(JSONError) -> [[UInt8]] {
        var scanner = JSONScanner(at: place, maximumDepth: 256)
        guard let list = try member("Keys", &scanner, body) else { return [] }
        return try values(at: list, body).map { body.extracting($0).array }
    }

    /// Where the elements of an array stand.
    private static func values(at place: Int, _ body: Span<UInt8>) throws(JSONError) -> [Range<Int>] {
        var scanner = JSONScanner(at: place, maximumDepth: 256)
        var ranges: [Range<Int>] = []
        guard try scanner.enterArray(body) else { return ranges }
        repeat {
            _ = try scanner.peek(body)
            let start = scanner.index
            try scanner.skipValue(body)
            ranges.append(start..<scanner.index)
        } while try scanner.nextElement(body)
        return ranges
    }
}
