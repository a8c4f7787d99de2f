import SaltmillBytes

extension Engine {
    func query(_ body: RequestBody) throws -> Answer {
        var select: Select?
        let request = try dataRequest(
            body, .query,
            [
                "IndexName", "KeyConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues", "KeyConditions", "Select",
                "Limit", "ConsistentRead", "ScanIndexForward", "ExclusiveStartKey",
            ]
        ) { select = $0.check(try body.string("Select"), at: "select", Select.self) }
        let limit = try body.int("Limit") ?? .max
        guard limit >= 1 else {
            throw ServiceError.validation(
                "1 validation error detected: Value at 'Limit' failed to satisfy constraint: Member must have value greater than or equal to 1"
            )
        }
        let conditions = try keyConditions(body)
        let table = request.table
        let consistent = try body.bool("ConsistentRead") ?? false
        let index = try index(body, table, consistent: consistent)
        let keys = index.map { table.definition.indexes[$0].keys } ?? table.definition.keys
        let collection = index.map { table.definition.indexes[$0].collection } ?? table.definition.collection
        let range = try KeyConditions.range(conditions, keys, collection: collection, in: reader.buffer)
        let descending = try !(body.bool("ScanIndexForward") ?? true)
        let position = range.lower.position
        var rest = range
        if let start = try startKey(body, table, index: index) {
            guard start.sharesPartition(with: range.lower) else {
                throw ServiceError.validation("The provided starting key is outside query boundaries based on provided conditions")
            }
            guard range.contains(start) else {
                throw ServiceError.validation("The provided starting key does not match the range key predicate")
            }
            rest = range.after(start, descending: descending)
        }
        return try page(
            PageRequest(
                table: table, index: index, range: rest, positions: position...position, descending: descending, limit: limit,
                consistent: consistent, returnsItems: try returnsItems(select, table, index: index)),
            request.returnConsumed)
    }

    /// The conditions on keys, in whichever form they were given.
    private func keyConditions(_ body: RequestBody) throws -> [KeyCondition] {
        guard let expression = try body.string("KeyConditionExpression") else {
            for parameter in ["ExpressionAttributeNames", "ExpressionAttributeValues"] where body.has(parameter) {
                throw ServiceError.validation("\(parameter) can only be specified when using expressions")
            }
            return try legacyConditions(body)
        }
        guard !body.has("KeyConditions") else {
            throw ServiceError.validation(
                "Can not use both expression and non-expression parameters in the same request: "
                    + "Non-expression parameters: {KeyConditions} Expression parameters: {KeyConditionExpression}")
        }
        var names: [String: String] = [:]
        for member in try body.value("ExpressionAttributeNames")?.expectMembers() ?? [] {
            names[member.name] = try member.value.expectString()
        }
        let values = try readMap("ExpressionAttributeValues", of: body)
        return try KeyConditionExpression.parse(expression, Placeholders(names: names, values: values, in: reader.buffer))
    }

    /// `KeyConditions`, the form from before there were expressions.
    private func legacyConditions(_ body: RequestBody) throws -> [KeyCondition] {
        guard let members = try body.value("KeyConditions")?.expectMembers(), !members.isEmpty else {
            throw ServiceError.validation(
                "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
        }
        return try members.map { member in
            let name = try member.value.member("ComparisonOperator")?.expectString() ?? ""
            guard let comparison = KeyComparison(rawValue: name) else {
                throw ServiceError.validation("Attempted conditional constraint is not an indexable operation")
            }
            let values = try member.value.member("AttributeValueList")?.expectArray() ?? []
            guard values.count == comparison.operands else {
                throw ServiceError.invalidParameter(
                    "Invalid number of argument(s) for the \(name) ComparisonOperator")
            }
            let map = JSONValue.object(values.enumerated().map { .init(String($0.offset), $0.element) })
            var scanner = JSONScanner()
            let item = try reader.readMap(&scanner, map.bytes.span)
            return KeyCondition(
                attribute: member.name, comparison: comparison, operands: item.attributes.map { reader.buffer.attributes[$0] })
        }
    }
}
