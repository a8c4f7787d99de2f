import SaltmillBytes

extension Engine {
    func query(_ body: RequestBody) throws -> Answer {
        var select: Select?
        let request = try dataRequest(
            body, .query, ["IndexName", "Select", "Limit", "ConsistentRead", "ScanIndexForward", "ExclusiveStartKey"],
            expressions: [.key, .filter, .projection]
        ) { select = $0.check(try body.string("Select"), at: "select", Select.self) }
        let limit = try body.int("Limit") ?? .max
        guard limit >= 1 else {
            throw ServiceError.validation(
                "1 validation error detected: Value at 'Limit' failed to satisfy constraint: Member must have value greater than or equal to 1"
            )
        }
        try checkSelect(select, body)
        let start = try readMap("ExclusiveStartKey", of: body)
        let consistent = try body.bool("ConsistentRead") ?? false
        let descending = try !(body.bool("ScanIndexForward") ?? true)
        guard let conditions = request.expressions.keys, !conditions.isEmpty else {
            throw ServiceError.validation(
                "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
        }
        let table = try dataTable(request.tableName)
        let index = try index(body.string("IndexName"), table, consistent: consistent)
        let keys = index.map { table.definition.indexes[$0].keys } ?? table.definition.keys
        let collection = index.map { table.definition.indexes[$0].collection } ?? table.definition.collection
        let range = try KeyConditions.range(conditions, keys, collection: collection)
        try checkFilter(request.expressions.condition, keys)
        let position = range.lower.position
        var rest = range
        if let start = try startKey(start, table, index: index) {
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
                consistent: consistent, returnsItems: select != .count, filter: request.expressions.condition,
                projection: request.expressions.projection,
                fetchesItems: try fetchesItems(select, request.expressions.projection, table, index: index)),
            request.returnConsumed)
    }

    /// A filter is not about the keys that are queried.
    private func checkFilter(_ filter: Condition?, _ keys: KeySchema) throws {
        guard let filter else { return }
        for key in keys.attributes where filter.paths.contains(where: { $0.attribute == Array(key.name.utf8) }) {
            throw ServiceError.validation(
                "Filter Expression can only contain non-primary key attributes: Primary key attribute: \(key.name)")
        }
    }
}
