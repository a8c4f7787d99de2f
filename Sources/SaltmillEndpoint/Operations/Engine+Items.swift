import SaltmillBytes
import SaltmillPartitions

/// PutItem, DeleteItem, UpdateItem and GetItem.
extension Engine {
    /// Largest item in bytes (Developer Guide, "Service quotas").
    static let maximumItemSize = 400 * 1024

    /// Parameters of all operations that write one item.
    private static let writeParameters: Set<String> = [
        "ReturnValues", "ReturnItemCollectionMetrics", "ReturnValuesOnConditionCheckFailure",
    ]

    func putItem(_ body: RequestBody) throws -> Answer {
        let request = try writeRequest(body, .putItem, "Item", [.condition])
        guard let item = try readMap("Item", of: body) else { throw Self.missing("item") }
        let table = try dataTable(request.tableName)
        let key = try rowKey(ofPut: item, table, place: .item)
        return try mutate(Mutation(key: key, item: item, action: .put, condition: request.expressions.condition), table, request)
    }

    func deleteItem(_ body: RequestBody) throws -> Answer {
        let request = try writeRequest(body, .deleteItem, "Key", [.condition])
        guard let item = try readMap("Key", of: body) else { throw Self.missing("key") }
        let table = try dataTable(request.tableName)
        let key = try rowKey(ofKey: item, table)
        return try mutate(Mutation(key: key, item: item, action: .delete, condition: request.expressions.condition), table, request)
    }

    func updateItem(_ body: RequestBody) throws -> Answer {
        let request = try writeRequest(body, .updateItem, "Key", [.update, .condition])
        guard let item = try readMap("Key", of: body) else { throw Self.missing("key") }
        let table = try dataTable(request.tableName)
        let update = request.expressions.update ?? Update(actions: [])
        let key = try rowKey(ofKey: item, table)
        try checkKeys(update, table)
        return try mutate(Mutation(key: key, item: item, action: .update(update), condition: request.expressions.condition), table, request)
    }

    private func writeRequest(
        _ body: RequestBody, _ operation: Operation, _ member: String, _ expressions: [ExpressionParameter]
    ) throws -> DataRequest {
        try dataRequest(body, operation, Self.writeParameters.union([member]), expressions: expressions) {
            if !body.has(member) { $0.violated("null", at: member.lowercased(), "not be null") }
        }
    }

    /// An update changes no key attribute.
    func checkKeys(_ update: Update, _ table: Table) throws {
        for key in table.definition.keys.attributes where update.paths.contains(where: { $0.attribute == Array(key.name.utf8) }) {
            throw ServiceError.invalidParameter("Cannot update attribute \(key.name). This attribute is part of the key")
        }
    }

    static func missing(_ name: String) -> ServiceError {
        .validation("1 validation error detected: Value null at '\(name)' failed to satisfy constraint: Member must not be null")
    }

    /// The row key of an item to be written, which is checked whole.
    func rowKey(ofPut item: ItemBuffer.Item, _ table: Table, place: KeyReader.Place) throws -> RowKey {
        let definition = table.definition
        let key = try KeyReader.rowKey(
            of: item, in: reader.buffer, definition.keys, collection: definition.collection, place: place)
        try KeyReader.checkLengths(of: item, in: reader.buffer, definition.keys)
        for index in definition.indexes { _ = try KeyReader.entryKey(of: item, in: reader.buffer, index, place: key) }
        guard item.size <= Self.maximumItemSize else { throw ServiceError.validation("Item size has exceeded the maximum allowed size") }
        return key
    }

    /// The row key that a key means.
    func rowKey(ofKey item: ItemBuffer.Item, _ table: Table) throws -> RowKey {
        let definition = table.definition
        let key = try KeyReader.rowKey(exactly: item, in: reader.buffer, definition.keys, collection: definition.collection)
        try KeyReader.checkLengths(of: item, in: reader.buffer, definition.keys)
        return key
    }

    /// Does one write and answers with what was asked for.
    private func mutate(_ mutation: Mutation, _ table: Table, _ request: DataRequest) throws -> Answer {
        let resolved: Resolution
        do {
            resolved = try resolve(mutation, table)
        } catch let failure as ConditionFailure {
            try chargeFailure(failure, mutation, table)
            throw ServiceError.conditionFailed(request.returnsOldOnFailure ? failure.item : nil)
        }
        let keepsOld = [.allOld, .updatedOld].contains(request.returnValues)
        let outcome = try write([resolved.write], on: [table], keepingOld: keepsOld)
        if let refusal = outcome.refusals[0] { throw throttled(refusal, table) }
        var body: [UInt8] = [UInt8(ascii: "{")]
        let new = resolved.write.isPut ? resolved.write.item.json : nil
        try appendAttributes(request.returnValues, mutation, old: outcome.old[0], new: new, to: &body)
        if request.collectionMetrics == .size, let metrics = try collectionMetrics(of: resolved.write, table) {
            appendMember("ItemCollectionMetrics", metrics, to: &body)
        }
        appendConsumed(outcome.consumed[0].json(table, request.returnConsumed), to: &body)
        body.append(UInt8(ascii: "}"))
        return Answer(body: body)
    }

    /// Appends what a write returns of the item, if anything.
    private func appendAttributes(
        _ values: ReturnValues, _ mutation: Mutation, old: [UInt8]?, new: Range<Int>?, to body: inout [UInt8]
    ) throws {
        var update: Update?
        if case .update(let made) = mutation.action { update = made }
        let bytes = reader.buffer.bytes
        let item: [UInt8]? =
            switch values {
            case .none: nil
            case .allOld, .updatedOld: old
            case .allNew, .updatedNew: new.map { Array(bytes[$0]) }
            }
        guard let item else { return }
        var attributes: [UInt8] = []
        if values == .updatedOld || values == .updatedNew {
            guard let update, try ProjectedPaths(update.paths).append(item.span, to: &attributes) else { return }
        } else {
            attributes = item
        }
        body.append("\"Attributes\":")
        body.append(contentsOf: attributes)
    }

    /// Appends a member to an object.
    func appendMember(_ name: String, _ value: JSONValue, to body: inout [UInt8]) {
        if body.last != UInt8(ascii: "{") { body.append(UInt8(ascii: ",")) }
        JSONText.appendQuoted(name, to: &body)
        body.append(UInt8(ascii: ":"))
        value.write(to: &body)
    }

    /// Appends the member `ConsumedCapacity` to an object, if there is something to tell.
    func appendConsumed(_ consumed: JSONValue?, to body: inout [UInt8]) {
        guard let consumed else { return }
        appendMember("ConsumedCapacity", consumed, to: &body)
    }

    func getItem(_ body: RequestBody) throws -> Answer {
        let request = try dataRequest(body, .getItem, ["Key", "ConsistentRead"], expressions: [.projection]) {
            if !body.has("Key") { $0.violated("null", at: "key", "not be null") }
        }
        guard let item = try readMap("Key", of: body) else { throw Self.missing("key") }
        let consistent = try body.bool("ConsistentRead") ?? false
        let table = try dataTable(request.tableName)
        let key = try rowKey(ofKey: item, table)
        var consumed = ConsumedCapacity()
        let row: RowStore.Row?
        do {
            row = try read(key, of: table, consistent: consistent, &consumed)
        } catch let refusal as Refusal {
            throw throttled(refusal, table)
        }
        var answer: [UInt8] = [UInt8(ascii: "{")]
        if let row {
            answer.append("\"Item\":")
            if let projection = request.expressions.projection {
                try projection.append(row.item.span, to: &answer)
            } else {
                answer.append(contentsOf: row.item)
            }
        }
        appendConsumed(consumed.json(table, request.returnConsumed), to: &answer)
        answer.append(UInt8(ascii: "}"))
        return Answer(body: answer)
    }

    /// Reads one item.
    /// - Throws: ``Refusal`` when the partition does not admit it.
    func read(_ key: RowKey, of table: Table, consistent: Bool, _ consumed: inout ConsumedCapacity, factor: Double = 1) throws
        -> RowStore.Row?
    {
        let row = try store.row(key)
        let units = factor * ConsumedCapacity.readUnits(row?.size ?? 0, consistent: consistent)
        let charge = Charge(.table, .read, position: key.position, units: units)
        try admit(charge, to: table, at: configuration.clock.monotonic())
        consumed.table += units
        return row
    }
}
