import SaltmillBytes

extension Engine {
    /// Most segments of a parallel scan (API Reference, "Scan").
    private static let maximumSegments = 1_000_000

    func scan(_ body: RequestBody) throws -> Answer {
        var select: Select?
        let segment = try body.int("Segment")
        let total = try body.int("TotalSegments")
        let limit = try body.int("Limit")
        let request = try dataRequest(
            body, .scan,
            ["IndexName", "Select", "Limit", "Segment", "TotalSegments", "ConsistentRead", "ExclusiveStartKey"],
            expressions: [.filter, .projection]
        ) {
            select = $0.check(try body.string("Select"), at: "select", Select.self)
            if let limit, limit < 1 { $0.violated("'\(limit)'", at: "limit", "have value greater than or equal to 1") }
            if let segment, segment < 0 { $0.violated("'\(segment)'", at: "segment", "have value greater than or equal to 0") }
            if let total, total < 1 { $0.violated("'\(total)'", at: "totalSegments", "have value greater than or equal to 1") }
            if let total, total > Self.maximumSegments {
                $0.violated("'\(total)'", at: "totalSegments", "have value less than or equal to \(Self.maximumSegments)")
            }
        }
        try Self.check(segment, of: total)
        try checkSelect(select, body)
        let start = try readMap("ExclusiveStartKey", of: body)
        let table = try dataTable(request.tableName)
        let consistent = try body.bool("ConsistentRead") ?? false
        let index = try index(body.string("IndexName"), table, consistent: consistent)
        let collection = index.map { table.definition.indexes[$0].collection } ?? table.definition.collection
        let lower = RowKey(collection: collection, segment: segment ?? 0, of: total ?? 1)
        let isLast = (segment ?? 0) + 1 == (total ?? 1)
        let upper =
            isLast
            ? RowKey(collection: collection).successor : RowKey(collection: collection, segment: (segment ?? 0) + 1, of: total ?? 1)
        let range = KeyRange(lower, upper)
        var rest = range
        if let start = try startKey(start, table, index: index) {
            guard range.contains(start) else {
                throw ServiceError.validation(
                    "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. "
                        + "TotalSegments: \(total ?? 1) Segment: \(segment ?? 0)")
            }
            rest = range.after(start, descending: false)
        }
        let last = isLast ? UInt64.max : max(upper.position, 1) - 1
        let first = min(rest.lower.position, last)
        return try page(
            PageRequest(
                table: table, index: index, range: rest, positions: first...last, descending: false, limit: limit ?? .max,
                consistent: consistent, returnsItems: select != .count, filter: request.expressions.condition,
                projection: request.expressions.projection,
                fetchesItems: try fetchesItems(select, request.expressions.projection, table, index: index)),
            request.returnConsumed)
    }

    private static func check(_ segment: Int?, of total: Int?) throws {
        switch (segment, total) {
        case (.some, nil):
            throw ServiceError.validation(
                "The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
        case (nil, .some):
            throw ServiceError.validation(
                "The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
        case (let segment?, let total?) where segment >= total:
            throw ServiceError.validation(
                "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
                    + "Segment: \(segment) is not less than TotalSegments: \(total)")
        default: return
        }
    }
}
