import SaltmillBytes

/// What a BatchWriteItem did not do, and what it used up.
package struct BatchWriteAnswer: Equatable, Sendable {
    /// Hash of the primary key of each put or delete that came back, computed as ``EncodedItem/key`` is.
    package var unprocessed: [UInt64] = []
    /// Nil when the answer does not say.
    package var capacity: ConsumedCapacity?

    package init() {}

    /// Reads an answer's body.
    ///
    /// Requests that came back are known by their keys: the server may return them in any order, with numbers and blanks written in
    /// other ways.
    /// - Parameters:
    ///   - body: the answer's bytes.
    ///   - table: the one table that the request named.
    ///   - keySchema: that table's key.
    /// - Throws: ``DynamoDBFailure/malformedAnswer(_:)`` for anything that does not say plainly what came back: taking it for "nothing"
    ///   would lose items.
    package static func read(_ body: Span<UInt8>, table: String, keySchema: KeySchema) throws(DynamoDBFailure) -> BatchWriteAnswer {
        var reader = UnprocessedReader(table: table, keySchema: keySchema)
        do {
            return try read(body, &reader)
        } catch let fault as UnprocessedReader.Fault {
            throw .malformedAnswer("the answer to BatchWriteItem \(fault.what)")
        } catch {
            throw .malformedAnswer("the answer to BatchWriteItem is not understood: \(error)")
        }
    }

    private static func read(_ body: Span<UInt8>, _ reader: inout UnprocessedReader) throws -> BatchWriteAnswer {
        var answer = BatchWriteAnswer()
        var scanner = JSONScanner(maximumDepth: 256)
        var saysWhatCameBack = false
        if try scanner.enterObject(body) {
            repeat {
                let name = try scanner.memberName(body)
                if name.matches("UnprocessedItems", body) {
                    saysWhatCameBack = true
                    try reader.readTables(&scanner, body, into: &answer.unprocessed)
                } else if name.matches("ConsumedCapacity", body) {
                    answer.capacity = try capacity(&scanner, body)
                } else {
                    try scanner.skipValue(body)
                }
            } while try scanner.nextMember(body)
        }
        try scanner.expectEnd(body)
        guard saysWhatCameBack else { throw UnprocessedReader.Fault(what: "has no UnprocessedItems") }
        return answer
    }

    /// Reads the list of entries, of which a request for one table gets one.
    private static func capacity(_ scanner: inout JSONScanner, _ body: Span<UInt8>) throws(JSONError) -> ConsumedCapacity? {
        guard try !scanner.takeNull(body), try scanner.enterArray(body) else { return nil }
        var capacity: ConsumedCapacity?
        repeat {
            let entry = try ConsumedCapacity(&scanner, body)
            capacity = capacity ?? entry
        } while try scanner.nextElement(body)
        return capacity
    }
}
