import SaltmillBytes

/// What all PutItem bodies for one table begin with that write an item only where none of its key is.
///
/// BatchWriteItem takes no conditions (Amazon DynamoDB API Reference, "BatchWriteItem"), so such items go one by one.
package struct NewItemHead: Sendable {
    private let table: String
    private let hash: String
    private let bytes: [UInt8]

    /// - Parameter hash: the table's hash key attribute, which every item has.
    package init(table: String, hash: String, capacity: ReturnedCapacity) {
        self.table = table
        self.hash = hash
        // What is there comes back when the condition fails, and costs nothing more.
        let members: JSONValue = [
            "ReturnConsumedCapacity": .string(capacity.rawValue), "TableName": .string(table),
            "ConditionExpression": "attribute_not_exists(#key)", "ExpressionAttributeNames": ["#key": .string(hash)],
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        ]
        bytes = members.bytes.dropLast() + Array(",\"Item\":".utf8)
    }

    /// The same, asking for another detail of what was used up.
    package func asking(for capacity: ReturnedCapacity) -> NewItemHead { NewItemHead(table: table, hash: hash, capacity: capacity) }

    /// The body that writes an item, given as DynamoDB JSON.
    package func body(_ item: Span<UInt8>) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(bytes.count + item.count + 1)
        body.append(contentsOf: bytes)
        body.append(item)
        body.append(UInt8(ascii: "}"))
        return body
    }

    /// The item that a body of this form writes; nil for any other text.
    package static func item(in body: [UInt8]) -> Item? {
        guard let json = try? JSONValue(parsing: body.span)["Item"] else { return nil }
        return try? Item(json)
    }
}

/// What a PutItem that was done has used up.
package enum NewItemAnswer {
    /// Reads an answer's body; nil when it does not say.
    /// - Throws: ``DynamoDBFailure/malformedAnswer(_:)``.
    package static func capacity(_ body: Span<UInt8>) throws(DynamoDBFailure) -> ConsumedCapacity? {
        do {
            return try read(body)
        } catch {
            throw .malformedAnswer("the answer to PutItem is not understood: \(error)")
        }
    }

    private static func read(_ body: Span<UInt8>) throws(JSONError) -> ConsumedCapacity? {
        var scanner = JSONScanner(maximumDepth: 256)
        var capacity: ConsumedCapacity?
        if try scanner.enterObject(body) {
            repeat {
                if try scanner.memberName(body).matches("ConsumedCapacity", body) {
                    if try !scanner.takeNull(body) { capacity = try ConsumedCapacity(&scanner, body) }
                } else {
                    try scanner.skipValue(body)
                }
            } while try scanner.nextMember(body)
        }
        try scanner.expectEnd(body)
        return capacity
    }
}
