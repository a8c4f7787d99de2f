import SaltmillBytes

/// A page of a Query or a Scan.
package struct Page: Sendable {
    package var items: [Item] = []
    /// How many items were looked at.
    package var scannedCount = 0
    /// Where the next page starts; nil after the last one.
    package var next: Item?
    /// In capacity units; nil when the server does not say.
    package var consumed: Double?

    /// Reads an answer's body.
    /// - Throws: ``DynamoDBFailure/malformedAnswer(_:)``.
    package init(reading body: Span<UInt8>) throws(DynamoDBFailure) {
        do {
            guard try read(body) else { throw DynamoDBFailure.malformedAnswer("the answer to a query or scan has no Items") }
        } catch let failure as DynamoDBFailure {
            throw failure
        } catch {
            throw .malformedAnswer("the answer to a query or scan is not understood: \(error)")
        }
    }

    /// False when there are no `Items`.
    private mutating func read(_ body: Span<UInt8>) throws -> Bool {
        var scanner = JSONScanner(maximumDepth: 256)
        var hasItems = false
        if try scanner.enterObject(body) {
            repeat {
                let name = try scanner.memberName(body)
                if name.matches("Items", body) {
                    hasItems = true
                    guard try scanner.enterArray(body) else { continue }
                    repeat { items.append(try Item(&scanner, body)) } while try scanner.nextElement(body)
                } else if name.matches("LastEvaluatedKey", body) {
                    if try !scanner.takeNull(body) { next = try Item(&scanner, body) }
                } else if name.matches("ScannedCount", body) {
                    scannedCount = try JSONValue(&scanner, body).int ?? 0
                } else if name.matches("ConsumedCapacity", body) {
                    if try !scanner.takeNull(body) { consumed = try ConsumedCapacity(&scanner, body).total }
                } else {
                    try scanner.skipValue(body)
                }
            } while try scanner.nextMember(body)
        }
        try scanner.expectEnd(body)
        return hasItems
    }
}
