import SaltmillBytes
import SaltmillPartitions

/// One item that a SELECT names by its primary key.
struct PointRead {
    var table: Table
    var key: RowKey
    var projection: ProjectedPaths?
}

extension Engine {
    /// The one item that a SELECT of a batch or transaction reads.
    func pointRead(_ select: PartiQLStatement.Select, in operation: String) throws -> PointRead {
        let table = try dataTable(select.table)
        let selection = KeySelection(select.condition, table.definition.keys)
        guard select.index == nil, selection.rest == nil, let key = selection.key(table.definition.keys) else {
            throw ServiceError.validation(
                "Select statements within \(operation) must specify the primary key in the where clause.")
        }
        return PointRead(
            table: table, key: try rowKey(ofKey: try read(key), table),
            projection: select.paths.map { ProjectedPaths($0, isUnwrapped: true) })
    }

    /// What a SELECT reads of one item; nil where there is none.
    func item(_ read: PointRead, consistent: Bool, _ consumed: inout ConsumedCapacity, factor: Double = 1) throws -> [UInt8]? {
        let row: StoredRow?
        do {
            row = try self.read(read.key, of: read.table, consistent: consistent, &consumed, factor: factor)
        } catch let refusal as Refusal {
            throw throttled(refusal, read.table)
        }
        guard let row, let projection = read.projection else { return row?.item }
        var item: [UInt8] = []
        try projection.append(row.item.span, to: &item)
        return item
    }

    /// Answers a SELECT with one page.
    func answer(
        _ select: PartiQLStatement.Select, _ request: StatementRequest, limit: Int, token: String?, _ detail: ReturnConsumedCapacity
    ) throws -> Answer {
        let table = try dataTable(select.table)
        let index = try index(select.index, table, consistent: request.consistent)
        let plan = try SelectPlan(select, table, index: index)
        let projection = select.paths.map { ProjectedPaths($0, isUnwrapped: true) }
        let fetchesItems = try fetchesItems(nil, projection, table, index: index)
        var place = try token.map { try StatementPlace(token: $0, of: request, in: plan.ranges) } ?? StatementPlace()

        var body: [UInt8] = []
        body.append("{\"Items\":[")
        var examined = 0
        var size = 0
        var consumed = ConsumedCapacity()
        var last: [UInt8]?
        while place.range < plan.ranges.count, last == nil, size < Self.pageBytes {
            let range = plan.ranges[place.range]
            let position = range.lower.position
            let page = try read(
                PageRequest(
                    table: table, index: index, range: place.key.map { range.after($0, descending: plan.descending) } ?? range,
                    positions: plan.isKeyed ? position...position : (place.key?.position ?? 0)...(.max), descending: plan.descending,
                    limit: limit - examined, consistent: request.consistent, returnsItems: true, filter: plan.filter,
                    projection: projection, fetchesItems: fetchesItems), into: &body)
            examined += page.examined
            size += page.size
            consumed.add(page.consumed)
            last = page.last?.item
            place = page.last.map { StatementPlace(range: place.range, key: $0.key) } ?? StatementPlace(range: place.range + 1)
        }
        body.append("]")
        if place.range < plan.ranges.count { appendMember("NextToken", .string(place.token(of: request)), to: &body) }
        if let last {
            let key = try keyJSON(last, table.keys(index: index))
            appendMember("LastEvaluatedKey", try JSONValue(parsing: key.span), to: &body)
        }
        appendConsumed(consumed.json(table, detail, withTable: index == nil || fetchesItems), to: &body)
        body.append("}")
        return Answer(body: body)
    }
}

/// Where a SELECT goes on.
private struct StatementPlace {
    /// Which of the plan's ranges.
    var range = 0
    /// Behind which of its rows; nil for its beginning.
    var key: RowKey?

    private static let digestLength = 16

    init(range: Int = 0, key: RowKey? = nil) {
        self.range = range
        self.key = key
    }

    /// - Throws: a ValidationException for a token that is not one of this statement's.
    init(token: String, of request: StatementRequest, in ranges: [KeyRange]) throws {
        let invalid = ServiceError.validation("The NextToken is not one that this statement, with these parameters, returned")
        var bytes: [UInt8] = []
        let text = Array(token.utf8)
        guard (try? Base64.append(decoding: text.span, to: &bytes)) != nil, bytes.count > Self.digestLength,
            Array(bytes[..<Self.digestLength]) == Self.digest(request)
        else { throw invalid }
        range = Int(bytes[Self.digestLength])
        let key = Array(bytes[(Self.digestLength + 1)...])
        self.key = key.isEmpty ? nil : RowKey(bytes: key)
        guard range < ranges.count, self.key.map(ranges[range].contains) ?? true else { throw invalid }
    }

    func token(of request: StatementRequest) -> String {
        let bytes = Self.digest(request) + [UInt8(range)] + (key?.bytes ?? [])
        var token: [UInt8] = []
        Base64.append(encoding: bytes.span, to: &token)
        return String(decoding: token, as: UTF8.self)
    }

    private static func digest(_ request: StatementRequest) -> [UInt8] { Array(request.digest.bytes[..<digestLength]) }
}
