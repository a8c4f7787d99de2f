import SaltmillBytes
import SaltmillPartitions

extension Engine {
    private enum Kind: String, CaseIterable {
        case check = "ConditionCheck"
        case put = "Put"
        case delete = "Delete"
        case update = "Update"

        var member: String { self == .put ? "Item" : "Key" }

        var expressions: [ExpressionParameter] { self == .update ? [.update, .condition] : [.condition] }
    }

    func transactWriteItems(_ body: RequestBody) throws -> Answer {
        var constraints = Constraints()
        let detail =
            constraints.check(try body.string("ReturnConsumedCapacity"), at: "returnConsumedCapacity", ReturnConsumedCapacity.self) ?? .none
        let metrics = constraints.check(
            try body.string("ReturnItemCollectionMetrics"), at: "returnItemCollectionMetrics", ReturnItemCollectionMetrics.self)
        let token = try Transactions.token(body, &constraints)
        try constraints.finish()
        try body.allowOnly(
            ["TransactItems", "ClientRequestToken", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"], .transactWriteItems)
        let items = try Transactions.items(body)
        let writes = try items.map { try readAction($0) }
        let request = TransactionRequest(digest: Digests.sha256(JSONValue.array(items).bytes.span), token: token, detail: detail)
        return try transact(writes, request, metrics: metrics ?? .none)
    }

    /// Does all writes of a transaction, or none.
    /// - Parameter start: what the answer's body begins with.
    func transact(
        _ requests: [WriteRequest], _ request: TransactionRequest, metrics: ReturnItemCollectionMetrics = .none, start: StaticString = "{"
    ) throws -> Answer {
        if let answer = try repeated(request, start) { return answer }
        var tables: [Table] = []
        let numbers = try requests.map { write in
            let table = try dataTable(write.tableName)
            if let number = tables.firstIndex(where: { $0 === table }) { return number }
            tables.append(table)
            return tables.count - 1
        }
        let writes = try resolveAll(requests, numbers, tables)
        let outcome = try write(writes, on: tables, mode: .transaction)
        if outcome.refusals.contains(where: { $0 != nil }) {
            throw ServiceError.transactionCancelled(
                zip(outcome.refusals, numbers).map { refusal, number in
                    guard let refusal else { return .init() }
                    let error = throttled(refusal, tables[number])
                    let isProvisioned = error.type.hasSuffix("ProvisionedThroughputExceededException")
                    return .init(code: isProvisioned ? "ProvisionedThroughputExceeded" : "ThrottlingError", message: error.message)
                })
        }
        try remember(request, writes, tables)
        var body: [UInt8] = []
        body.append(start)
        let consumed = zip(tables, outcome.consumed).compactMap { $1.json($0, request.detail, transactional: .write) }
        if request.detail != .none { appendConsumed(.array(consumed), to: &body) }
        if metrics == .size { appendMember("ItemCollectionMetrics", try collectionMetrics(of: writes, tables), to: &body) }
        body.append(UInt8(ascii: "}"))
        return Answer(body: body)
    }

    private func readAction(_ item: JSONValue) throws -> WriteRequest {
        let members = try item.expectMembers().filter { $0.value != .null }
        guard members.count == 1, let kind = Kind(rawValue: members[0].name) else {
            throw ServiceError.validation("TransactItems can only contain one of Check, Put, Update or Delete")
        }
        let body = try RequestBody(members[0].value.bytes)
        let parameters: Set<String> = [kind.member, "ReturnValuesOnConditionCheckFailure"]
        let request = try dataRequest(body, .transactWriteItems, parameters, expressions: kind.expressions) {
            if !body.has(kind.member) { $0.violated("null", at: kind.member.lowercased(), "not be null") }
        }
        if kind == .update, request.expressions.update == nil { throw Self.missing("updateExpression") }
        if kind == .check, request.expressions.condition == nil { throw Self.missing("conditionExpression") }
        guard let item = try readMap(kind.member, of: body) else { throw Self.missing(kind.member.lowercased()) }
        let action: Mutation.Action =
            switch kind {
            case .put: .put
            case .delete: .delete
            case .check: .check
            case .update: .update(request.expressions.update ?? Update(actions: []))
            }
        return WriteRequest(
            tableName: request.tableName, item: item, action: action, condition: request.expressions.condition,
            returnsOldOnFailure: request.returnsOldOnFailure)
    }

    /// Finds out what all actions write.
    /// - Throws: a TransactionCanceledException where any cannot be done.
    private func resolveAll(_ requests: [WriteRequest], _ numbers: [Int], _ tables: [Table]) throws -> [Write] {
        var reasons = requests.map { _ in ServiceError.CancellationReason() }
        let mutations = zip(requests, numbers).enumerated().map { position, pair -> Mutation? in
            do {
                return try mutation(pair.0, tables[pair.1])
            } catch let error as ServiceError {
                reasons[position] = Transactions.reason(error)
                return nil
            } catch {
                return nil
            }
        }
        try Transactions.checkDistinct(mutations.map(\.?.key))
        var writes: [Write] = []
        var bytes = 0
        for (position, request) in requests.enumerated() {
            guard let mutation = mutations[position] else { continue }
            do {
                let resolution = try resolve(mutation, tables[numbers[position]], number: numbers[position])
                writes.append(resolution.write)
                bytes += max(resolution.write.item.size, resolution.oldSize ?? 0)
            } catch let failure as ConditionFailure {
                reasons[position] = request.reason(failure)
            } catch let error as ServiceError where error.status == 400 {
                reasons[position] = Transactions.reason(error)
            }
        }
        guard reasons.allSatisfy({ $0.code == "None" }) else { throw ServiceError.transactionCancelled(reasons) }
        guard bytes <= Transactions.maximumBytes else {
            throw ServiceError.validation("The items of one transaction exceed \(Transactions.maximumBytes) bytes")
        }
        return writes
    }

    // MARK: - Tokens

    /// The answer to a token that was used before.
    private func repeated(_ request: TransactionRequest, _ start: StaticString) throws -> Answer? {
        guard let token = request.token else { return nil }
        let now = configuration.clock.epoch()
        tokens = tokens.filter { now - $0.value.time < Transactions.tokenLifetime }
        guard let known = tokens[token] else { return nil }
        guard known.items == request.digest else { throw ServiceError.tokenMismatch }
        var body: [UInt8] = []
        body.append(start)
        let consumed = known.consumed.compactMap { name, units in
            tables[name].flatMap { units.json($0, request.detail, transactional: .read) }
        }
        if request.detail != .none { appendConsumed(.array(consumed), to: &body) }
        body.append(UInt8(ascii: "}"))
        return Answer(body: body)
    }

    private func remember(_ request: TransactionRequest, _ writes: [Write], _ tables: [Table]) throws {
        guard let token = request.token else { return }
        var consumed = tables.map { (table: $0.name, units: ConsumedCapacity()) }
        for write in writes {
            let size = try store.size(write.key) ?? 0
            consumed[write.table].units.table += Transactions.factor * ConsumedCapacity.readUnits(size, consistent: true)
        }
        tokens[token] = Transactions.Remembered(items: request.digest, time: configuration.clock.epoch(), consumed: consumed)
    }
}
