import SaltmillBytes

/// What INSERT, UPDATE and DELETE write.
extension Engine {
    /// The write that a statement asks for.
    /// - Throws: a ValidationException where an UPDATE or DELETE does not name one primary key.
    func writeRequest(_ statement: PartiQLStatement, returnsOldOnFailure: Bool) throws -> WriteRequest {
        switch statement {
        case .insert(let insert):
            let keys = try dataTable(insert.table).definition.keys
            return WriteRequest(
                tableName: insert.table, item: try read(insert.item), action: .put, condition: .not(Self.isThere(keys)), isInsert: true)
        case .update(let update, let target):
            let (keys, key, rest) = try self.target(target)
            // An UPDATE makes no item.
            let condition = Condition.all([Self.isThere(keys)] + (rest.map { [$0] } ?? []))
            return WriteRequest(
                tableName: target.table, item: key, action: .update(update), condition: condition,
                returnsOldOnFailure: returnsOldOnFailure)
        case .delete(let target):
            let (keys, key, rest) = try self.target(target)
            // A DELETE of what is not there does nothing, whatever its condition.
            return WriteRequest(
                tableName: target.table, item: key, action: .delete, condition: rest.map { .any([.not(Self.isThere(keys)), $0]) },
                returnsOldOnFailure: returnsOldOnFailure)
        case .exists(let select):
            guard select.index == nil else { throw Self.noIndexesInTransactions }
            let keys = try dataTable(select.table).definition.keys
            let selection = KeySelection(select.condition, keys)
            guard let key = selection.key(keys), let rest = selection.rest else {
                throw ServiceError.validation("EXISTS() must contain a single item read with additional condition")
            }
            return WriteRequest(
                tableName: select.table, item: try read(key), action: .check, condition: rest, returnsOldOnFailure: returnsOldOnFailure)
        case .select: throw ServiceError.internalError("A SELECT was taken for a write")
        }
    }

    static var noIndexesInTransactions: ServiceError {
        .validation("Reads on indices are not supported within transactions.")
    }

    private func target(_ target: PartiQLStatement.Target) throws -> (keys: KeySchema, key: ItemBuffer.Item, rest: Condition?) {
        let keys = try dataTable(target.table).definition.keys
        let selection = KeySelection(target.condition, keys)
        guard let key = selection.key(keys) else {
            throw ServiceError.validation("Where clause does not contain a mandatory equality on all key attributes")
        }
        return (keys, try read(key), selection.rest)
    }

    private static func isThere(_ keys: KeySchema) -> Condition { .exists(DocumentPath(Array(keys.hash.name.utf8))) }

    /// Brings a statement's values into ``reader``, where they are checked as all items are.
    func read(_ members: ItemValue.Members) throws -> ItemBuffer.Item {
        var json: [UInt8] = []
        ItemValue.write(members, to: &json)
        var scanner = JSONScanner()
        return try reader.readMap(&scanner, json.span)
    }
}

extension PartiQLStatement {
    /// What the statement returns of the item that it writes, if it says so.
    var returning: ReturnValues? {
        switch self {
        case .update(_, let target), .delete(let target): target.returning
        case .select, .exists, .insert: nil
        }
    }
}
