import SaltmillBytes
import SaltmillPartitions

extension Engine {
    /// Most keys of one batch, and most bytes of items in its answer (API Reference, "BatchGetItem").
    private static let maximumKeys = 100
    private static let maximumBatchBytes = 16 * 1024 * 1024

    /// What a batch asks of one table.
    private struct TableRead {
        var name: String
        var keys: [ItemBuffer.Item] = []
        var consistent = false
        var projection: ProjectedPaths?
        /// Members of the request that come back with keys that were not processed.
        var settings: [JSONValue.Member] = []
    }

    /// What has been found in one table.
    private struct TableFound {
        var items: [UInt8] = []
        var unprocessed: [ItemBuffer.Item] = []
        var consumed = ConsumedCapacity()
    }

    func batchGetItem(_ body: RequestBody) throws -> Answer {
        var constraints = Constraints()
        let detail =
            constraints.check(try body.string("ReturnConsumedCapacity"), at: "returnConsumedCapacity", ReturnConsumedCapacity.self) ?? .none
        try constraints.finish()
        try body.allowOnly(["RequestItems", "ReturnConsumedCapacity"], .batchGetItem)
        let reads = try readKeys(body)
        let tables = try reads.map { try dataTable($0.name) }
        let rows = try zip(reads, tables).map { read, table in
            let keys = try read.keys.map { try rowKey(ofKey: $0, table) }
            guard Set(keys).count == keys.count else {
                throw ServiceError.validation("Provided list of item keys contains duplicates")
            }
            return keys
        }

        var found = reads.map { _ in TableFound() }
        var refusals: [Refusal] = []
        var refusing: [Table] = []
        var bytes = 0
        for (position, table) in tables.enumerated() {
            for (row, item) in zip(rows[position], reads[position].keys) {
                do {
                    guard bytes < Self.maximumBatchBytes else {
                        found[position].unprocessed.append(item)
                        continue
                    }
                    let row = try read(row, of: table, consistent: reads[position].consistent, &found[position].consumed)
                    guard let row else { continue }
                    bytes += row.size
                    if !found[position].items.isEmpty { found[position].items.append(UInt8(ascii: ",")) }
                    if let projection = reads[position].projection {
                        try projection.append(row.item.span, to: &found[position].items)
                    } else {
                        found[position].items.append(contentsOf: row.item)
                    }
                } catch let refusal as Refusal {
                    found[position].unprocessed.append(item)
                    refusals.append(refusal)
                    refusing.append(table)
                }
            }
        }
        if !refusals.isEmpty, refusals.count == rows.joined().count { throw throttled(refusals, refusing) }
        return answer(tables, reads, found, detail)
    }

    private func readKeys(_ body: RequestBody) throws -> [TableRead] {
        let members = try body.value("RequestItems")?.expectMembers() ?? []
        guard !members.isEmpty else { throw ServiceError.validation("The requestItems parameter is required for BatchGetItem") }
        var reads: [TableRead] = []
        for member in members {
            let keys = try member.value.member("Keys")?.expectArray() ?? []
            guard keys.count <= Self.maximumKeys else {
                throw ServiceError.validation(
                    "1 validation error detected: Value at 'RequestItems.\(member.name).member.Keys' failed to satisfy constraint: "
                        + "Member must have length less than or equal to \(Self.maximumKeys)")
            }
            guard !keys.isEmpty else {
                throw ServiceError.validation(
                    "1 validation error detected: Value '[]' at 'requestItems.\(member.name).member.keys' failed to satisfy constraint: "
                        + "Member must have length greater than or equal to 1")
            }
            guard !reads.contains(where: { $0.name == member.name }) else {
                throw ServiceError.serialization("RequestItems names one table twice: \(member.name)")
            }
            let request = try RequestBody(member.value.bytes)
            try request.allowOnly(
                RequestExpressions.parameters([.projection], .batchGetItem).union(["Keys", "ConsistentRead"]), .batchGetItem)
            let expressions = try RequestExpressions(request, [.projection], .batchGetItem, &reader)
            let items = try keys.map { key in
                var scanner = JSONScanner()
                return try reader.readMap(&scanner, key.bytes.span)
            }
            reads.append(
                TableRead(
                    name: member.name, keys: items, consistent: try request.bool("ConsistentRead") ?? false,
                    projection: expressions.projection,
                    settings: try member.value.expectMembers().filter { $0.name != "Keys" && $0.value != .null }))
        }
        guard reads.reduce(0, { $0 + $1.keys.count }) <= Self.maximumKeys else {
            throw ServiceError.validation("Too many items requested for the BatchGetItem call")
        }
        return reads
    }

    private func answer(
        _ tables: [Table], _ reads: [TableRead], _ found: [TableFound], _ detail: ReturnConsumedCapacity
    ) -> Answer {
        var body: [UInt8] = []
        body.append("{\"Responses\":{")
        for (table, found) in zip(tables, found) {
            if body.last != UInt8(ascii: "{") { body.append(UInt8(ascii: ",")) }
            JSONText.appendQuoted(table.name, to: &body)
            body.append(":[")
            body.append(contentsOf: found.items)
            body.append(UInt8(ascii: "]"))
        }
        body.append("},\"UnprocessedKeys\":{")
        for (position, table) in tables.enumerated() where !found[position].unprocessed.isEmpty {
            if body.last != UInt8(ascii: "{") { body.append(UInt8(ascii: ",")) }
            JSONText.appendQuoted(table.name, to: &body)
            body.append(":{\"Keys\":[")
            for (number, item) in found[position].unprocessed.enumerated() {
                if number > 0 { body.append(UInt8(ascii: ",")) }
                body.append(reader.buffer.bytes.span.extracting(item.json))
            }
            body.append("]")
            for setting in reads[position].settings { appendMember(setting.name, setting.value, to: &body) }
            body.append("}")
        }
        body.append(UInt8(ascii: "}"))
        let consumed = zip(tables, found).compactMap { table, found in
            found.consumed.total > 0 ? found.consumed.json(table, detail) : nil
        }
        if detail != .none { appendConsumed(.array(consumed), to: &body) }
        body.append(UInt8(ascii: "}"))
        return Answer(body: body)
    }
}
