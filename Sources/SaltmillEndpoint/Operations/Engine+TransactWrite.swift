import SaltmillBytes
import SaltmillPartitions

/// What both operations on transactions have in common.
enum Transactions {
    /// Most actions of one transaction, and most bytes of its items (API Reference, "TransactWriteItems").
    static let maximumActions = 100
    static let maximumBytes = 4 * 1024 * 1024
    /// Preparing and committing cost as much each (Developer Guide, "Capacity mode considerations for transactions").
    static let factor = 2.0
    /// How long a token is remembered, in seconds.
    static let tokenLifetime = 600.0

    /// `TransactItems`, checked for their number.
    static func items(_ body: RequestBody) throws -> [JSONValue] {
        guard let items = try body.value("TransactItems")?.expectArray() else { throw Engine.missing("transactItems") }
        let rule: String
        switch items.count {
        case 0: rule = "greater than or equal to 1"
        case ...maximumActions: return items
        default: rule = "less than or equal to \(maximumActions)"
        }
        let shown = items.isEmpty ? "[]" : "[\(items.count) actions]"
        throw ServiceError.validation(
            "1 validation error detected: Value '\(shown)' at 'transactItems' failed to satisfy constraint: Member must have length \(rule)"
        )
    }

    /// No item may be named twice.
    static func checkDistinct(_ keys: [RowKey?]) throws {
        let keys = keys.compactMap { $0 }
        guard Set(keys).count == keys.count else {
            throw ServiceError.validation("Transaction request cannot include multiple operations on one item")
        }
    }

    /// The reason for which a validation error cancels a transaction.
    static func reason(_ error: ServiceError) -> ServiceError.CancellationReason {
        .init(code: "ValidationError", message: error.message)
    }

    /// What was answered to a token.
    struct Remembered {
        var items: SHA256Digest
        var time: Double
        /// What a repetition is told that it consumed: read units.
        var consumed: [(table: String, units: ConsumedCapacity)]
    }
}

extension Engine {
    private enum Kind: String, CaseIterable {
        case check = "ConditionCheck"
        case put = "Put"
        case delete = "Delete"
        case update = "Update"

        var member: String { self == .put ? "Item" : "Key" }

        var expressions: [ExpressionParameter] { self == .update ? [.update, .condition] : [.condition] }
    }

    /// An action as it was read: nothing in it has been looked up yet.
    private struct Action {
        var kind: Kind
        var request: DataRequest
        var item: ItemBuffer.Item
    }

    func transactWriteItems(_ body: RequestBody) throws -> Answer {
        var constraints = Constraints()
        let detail =
            constraints.check(try body.string("ReturnConsumedCapacity"), at: "returnConsumedCapacity", ReturnConsumedCapacity.self) ?? .none
        let metrics = constraints.check(
            try body.string("ReturnItemCollectionMetrics"), at: "returnItemCollectionMetrics", ReturnItemCollectionMetrics.self)
        let token = try body.string("ClientRequestToken")
        if let token, !(1...36).contains(token.utf8.count) {
            constraints.violated(
                "'\(token)'", at: "clientRequestToken",
                "have length \(token.isEmpty ? "greater than or equal to 1" : "less than or equal to 36")")
        }
        try constraints.finish()
        try body.allowOnly(
            ["TransactItems", "ClientRequestToken", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"], .transactWriteItems)
        let items = try Transactions.items(body)
        let digest = Digests.sha256(JSONValue.array(items).bytes.span)
        let actions = try items.map { try readAction($0) }
        if let token, let answer = try repeated(token, digest, detail) { return answer }

        var tables: [Table] = []
        let numbers = try actions.map { action in
            let table = try dataTable(action.request.tableName)
            if let number = tables.firstIndex(where: { $0 === table }) { return number }
            tables.append(table)
            return tables.count - 1
        }
        let writes = try resolveAll(actions, numbers, tables)
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
        if let token { try remember(token, digest, writes, tables) }
        return try answer(writes, tables, outcome, detail, metrics ?? .none)
    }

    private func readAction(_ item: JSONValue) throws -> Action {
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
        return Action(kind: kind, request: request, item: item)
    }

    /// Finds out what all actions write.
    /// - Throws: a TransactionCanceledException where any cannot be done.
    private func resolveAll(_ actions: [Action], _ numbers: [Int], _ tables: [Table]) throws -> [Write] {
        var reasons = actions.map { _ in ServiceError.CancellationReason() }
        let keys = zip(actions, numbers).enumerated().map { position, pair -> RowKey? in
            do {
                let (action, table) = (pair.0, tables[pair.1])
                if let update = action.request.expressions.update { try checkKeys(update, table) }
                return try action.kind == .put ? rowKey(ofPut: action.item, table, place: .item) : rowKey(ofKey: action.item, table)
            } catch let error as ServiceError {
                reasons[position] = Transactions.reason(error)
                return nil
            } catch {
                return nil
            }
        }
        try Transactions.checkDistinct(keys)
        var writes: [Write] = []
        var bytes = 0
        for (position, action) in actions.enumerated() {
            guard let key = keys[position] else { continue }
            let expressions = action.request.expressions
            let what: Mutation.Action =
                switch action.kind {
                case .put: .put
                case .delete: .delete
                case .check: .check
                case .update: .update(expressions.update ?? Update(actions: []))
                }
            let mutation = Mutation(key: key, item: action.item, action: what, condition: expressions.condition)
            do {
                let resolution = try resolve(mutation, tables[numbers[position]], number: numbers[position])
                writes.append(resolution.write)
                bytes += max(resolution.write.item.size, resolution.oldSize ?? 0)
            } catch let failure as ConditionFailure {
                reasons[position] = .init(
                    code: "ConditionalCheckFailed", message: "The conditional request failed",
                    item: action.request.returnsOldOnFailure ? failure.item : nil)
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
    private func repeated(_ token: String, _ items: SHA256Digest, _ detail: ReturnConsumedCapacity) throws -> Answer? {
        let now = configuration.clock.epoch()
        tokens = tokens.filter { now - $0.value.time < Transactions.tokenLifetime }
        guard let known = tokens[token] else { return nil }
        guard known.items == items else { throw ServiceError.tokenMismatch }
        var body: [UInt8] = [UInt8(ascii: "{")]
        let consumed = known.consumed.compactMap { name, units in
            tables[name].flatMap { units.json($0, detail, transactional: .read) }
        }
        if detail != .none { appendConsumed(.array(consumed), to: &body) }
        body.append(UInt8(ascii: "}"))
        return Answer(body: body)
    }

    private func remember(_ token: String, _ items: SHA256Digest, _ writes: [Write], _ tables: [Table]) throws {
        var consumed = tables.map { (table: $0.name, units: ConsumedCapacity()) }
        for write in writes {
            let size = try store.size(write.key) ?? 0
            consumed[write.table].units.table += Transactions.factor * ConsumedCapacity.readUnits(size, consistent: true)
        }
        tokens[token] = Transactions.Remembered(items: items, time: configuration.clock.epoch(), consumed: consumed)
    }

    private func answer(
        _ writes: [Write], _ tables: [Table], _ outcome: WriteOutcome, _ detail: ReturnConsumedCapacity,
        _ metrics: ReturnItemCollectionMetrics
    ) throws -> Answer {
        var body: [UInt8] = [UInt8(ascii: "{")]
        let consumed = zip(tables, outcome.consumed).compactMap { $1.json($0, detail, transactional: .write) }
        if detail != .none { appendConsumed(.array(consumed), to: &body) }
        if metrics == .size { appendMember("ItemCollectionMetrics", try collectionMetrics(of: writes, tables), to: &body) }
        body.append(UInt8(ascii: "}"))
        return Answer(body: body)
    }
}
