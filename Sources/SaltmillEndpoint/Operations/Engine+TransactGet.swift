import SaltmillBytes
import SaltmillPartitions

extension Engine {
    private struct Get {
        var request: DataRequest
        var key: ItemBuffer.Item
    }

    func transactGetItems(_ body: RequestBody) throws -> Answer {
        var constraints = Constraints()
        let detail =
            constraints.check(try body.string("ReturnConsumedCapacity"), at: "returnConsumedCapacity", ReturnConsumedCapacity.self) ?? .none
        try constraints.finish()
        try body.allowOnly(["TransactItems", "ReturnConsumedCapacity"], .transactGetItems)
        let gets = try Transactions.items(body).map { try readGet($0) }
        let tables = try gets.map { try dataTable($0.request.tableName) }
        var reasons = gets.map { _ in ServiceError.CancellationReason() }
        let keys = zip(gets, tables).enumerated().map { position, pair -> RowKey? in
            do {
                return try rowKey(ofKey: pair.0.key, pair.1)
            } catch let error as ServiceError {
                reasons[position] = Transactions.reason(error)
            } catch {}
            return nil
        }
        try Transactions.checkDistinct(keys)
        var answer: [UInt8] = []
        answer.append("{\"Responses\":[")
        var consumed: [(table: Table, units: ConsumedCapacity)] = []
        let start = answer.count
        for (position, key) in keys.enumerated() {
            guard let key else { continue }
            let table = tables[position]
            if answer.count > start { answer.append(UInt8(ascii: ",")) }
            do {
                if !consumed.contains(where: { $0.table === table }) { consumed.append((table, ConsumedCapacity())) }
                let number = consumed.firstIndex { $0.table === table } ?? 0
                let row = try read(key, of: table, consistent: true, &consumed[number].units, factor: Transactions.factor)
                try append(row, gets[position].request.expressions.projection, to: &answer)
            } catch let refusal as Refusal {
                reasons[position] = .init(code: "ThrottlingError", message: throttled(refusal, table).message)
            }
        }
        guard reasons.allSatisfy({ $0.code == "None" }) else { throw ServiceError.transactionCancelled(reasons) }
        answer.append("]")
        if detail != .none {
            appendConsumed(.array(consumed.compactMap { $0.units.json($0.table, detail, transactional: .read) }), to: &answer)
        }
        answer.append("}")
        return Answer(body: answer)
    }

    private func readGet(_ item: JSONValue) throws -> Get {
        guard let get = item.member("Get") else { throw Self.missing("transactItems.1.member.get") }
        let body = try RequestBody(get.bytes)
        let request = try dataRequest(body, .transactGetItems, ["Key"], expressions: [.projection]) {
            if !body.has("Key") { $0.violated("null", at: "key", "not be null") }
        }
        guard let key = try readMap("Key", of: body) else { throw Self.missing("key") }
        return Get(request: request, key: key)
    }

    private func append(_ row: StoredRow?, _ projection: ProjectedPaths?, to answer: inout [UInt8]) throws {
        guard let row else {
            answer.append("{}")
            return
        }
        answer.append("{\"Item\":")
        if let projection { try projection.append(row.item.span, to: &answer) } else { answer.append(contentsOf: row.item) }
        answer.append("}")
    }
}
