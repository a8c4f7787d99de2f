import SaltmillBytes

/// A Query: the items of one hash key, a page at a time.
package struct QueryRequest: Sendable {
    package var table: String
    package var index: String?
    /// For instance `#h = :h AND begins_with(#r, :r)`.
    package var keyCondition: String
    /// What the `#names` in expressions stand for.
    package var names: [String: String] = [:]
    /// What the `:values` in expressions stand for.
    package var values: [String: AttributeValue] = [:]
    package var filter: String?
    package var projection: String?
    package var limit: Int?
    package var isForward = true
    package var isConsistent = false
    /// Where the page before this one ended.
    package var start: Item?

    package init(table: String, keyCondition: String) {
        self.table = table
        self.keyCondition = keyCondition
    }

    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("TableName", .string(table)), .init("KeyConditionExpression", .string(keyCondition)),
            .init("ScanIndexForward", .bool(isForward)), .init("ReturnConsumedCapacity", "TOTAL"),
        ]
        if let index { members.append(.init("IndexName", .string(index))) }
        if !names.isEmpty { members.append(.init("ExpressionAttributeNames", .texts(names))) }
        if !values.isEmpty { members.append(.init("ExpressionAttributeValues", .values(values))) }
        if let filter { members.append(.init("FilterExpression", .string(filter))) }
        if let projection { members.append(.init("ProjectionExpression", .string(projection))) }
        if let limit { members.append(.init("Limit", .integer(limit))) }
        if isConsistent { members.append(.init("ConsistentRead", true)) }
        if let start { members.append(.init("ExclusiveStartKey", start.json)) }
        return .object(members)
    }
}

/// A Scan: all items of a table or of one of its segments, a page at a time.
package struct ScanRequest: Sendable {
    package var table: String
    /// Which part of how many.
    package var segment: (number: Int, of: Int)?
    /// What the `#names` in expressions stand for.
    package var names: [String: String] = [:]
    /// What the `:values` in the filter stand for.
    package var values: [String: AttributeValue] = [:]
    package var filter: String?
    package var projection: String?
    package var limit: Int?
    package var isConsistent = false
    /// Where the page before this one ended.
    package var start: Item?

    package init(table: String) { self.table = table }

    var json: JSONValue {
        var members: [JSONValue.Member] = [.init("TableName", .string(table)), .init("ReturnConsumedCapacity", "TOTAL")]
        if let segment {
            members.append(.init("Segment", .integer(segment.number)))
            members.append(.init("TotalSegments", .integer(segment.of)))
        }
        if !names.isEmpty { members.append(.init("ExpressionAttributeNames", .texts(names))) }
        if !values.isEmpty { members.append(.init("ExpressionAttributeValues", .values(values))) }
        if let filter { members.append(.init("FilterExpression", .string(filter))) }
        if let projection { members.append(.init("ProjectionExpression", .string(projection))) }
        if let limit { members.append(.init("Limit", .integer(limit))) }
        if isConsistent { members.append(.init("ConsistentRead", true)) }
        if let start { members.append(.init("ExclusiveStartKey", start.json)) }
        return .object(members)
    }
}

extension JSONValue {
    /// An object of strings, by name.
    fileprivate static func texts(_ texts: [String: String]) -> JSONValue {
        .object(texts.sorted { $0.key < $1.key }.map { Member($0.key, .string($0.value)) })
    }

    /// An object of attribute values, by name.
    fileprivate static func values(_ values: [String: AttributeValue]) -> JSONValue {
        .object(values.sorted { $0.key < $1.key }.map { Member($0.key, $0.value.json) })
    }
}
