import SaltmillBytes

/// What all operations on transactions have in common.
enum Transactions {
    /// Most actions of one transaction, and most bytes of its items (API Reference, "TransactWriteItems").
    static let maximumActions = 100
    static let maximumBytes = 4 * 1024 * 1024
    /// Preparing and committing cost as much each (Developer Guide, "Capacity mode considerations for transactions").
    static let factor = 2.0
    /// How long a token is remembered, in seconds.
    static let tokenLifetime = 600.0

    /// A transaction's actions, checked for their number.
    static func items(_ body: RequestBody, _ member: String = "TransactItems") throws -> [JSONValue] {
        let place = member.prefix(1).lowercased() + member.dropFirst()
        guard let items = try body.value(member)?.expectArray() else { throw Engine.missing(place) }
        let rule: String
        switch items.count {
        case 0: rule = "greater than or equal to 1"
        case ...maximumActions: return items
        default: rule = "less than or equal to \(maximumActions)"
        }
        let shown = items.isEmpty ? "[]" : "[\(items.count) actions]"
        throw ServiceError.validation(
            "1 validation error detected: Value '\(shown)' at '\(place)' failed to satisfy constraint: Member must have length \(rule)"
        )
    }

    /// `ClientRequestToken`, checked for its length.
    static func token(_ body: RequestBody, _ constraints: inout Constraints) throws -> String? {
        let token = try body.string("ClientRequestToken")
        if let token, !(1...36).contains(token.utf8.count) {
            constraints.violated(
                "'\(token)'", at: "clientRequestToken",
                "have length \(token.isEmpty ? "greater than or equal to 1" : "less than or equal to 36")")
        }
        return token
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

/// What a transaction's request says besides its writes.
struct TransactionRequest {
    /// Of the writes as they were sent.
    var digest: SHA256Digest
    var token: String?
    var detail: ReturnConsumedCapacity
}

/// A write as a request asks for it: nothing in it has been looked up yet.
struct WriteRequest {
    var tableName: String
    /// The item to put, or the key of the one to change, in the engine's reader.
    var item: ItemBuffer.Item
    var action: Mutation.Action
    var condition: Condition?
    var returnsOldOnFailure = false
    /// Whether the condition is that there is no such item yet.
    var isInsert = false

    /// Why a transaction is cancelled whose item does not meet the condition.
    func reason(_ failure: ConditionFailure) -> ServiceError.CancellationReason {
        let error = self.error(failure)
        return .init(code: isInsert ? "DuplicateItem" : "ConditionalCheckFailed", message: error.message, item: error.item)
    }

    /// The error of a write whose item does not meet the condition.
    func error(_ failure: ConditionFailure) -> ServiceError {
        isInsert ? .duplicateItem : .conditionFailed(returnsOldOnFailure ? failure.item : nil)
    }
}

extension Engine {
    /// Checks a write against its table.
    func mutation(_ write: WriteRequest, _ table: Table) throws -> Mutation {
        if case .update(let update) = write.action { try checkKeys(update, table) }
        let key: RowKey
        if case .put = write.action {
            key = try rowKey(ofPut: write.item, table, place: .item)
        } else {
            key = try rowKey(ofKey: write.item, table)
        }
        return Mutation(key: key, item: write.item, action: write.action, condition: write.condition)
    }
}
