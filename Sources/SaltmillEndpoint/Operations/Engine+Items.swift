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
        let key = try KeyReader.rowKey(
            of: item, in: reader.buffer, table.definition.keys, collection: table.definition.collection, place: place)
        for index in table.definition.indexes { _ = try KeyReader.entryKey(of: item, in: reader.buffer, index, place: key) }
        guard item.size <= Self.maximumItemSize else { throw ServiceError.validation("Item size has exceeded the maximum allowed size") }
        return key
    }

    /// The row key that a key means.
    func rowKey(ofKey item: ItemBuffer.Item, _ table: Table) throws -> RowKey {
        try KeyReader.rowKey(exactly: item, in: reader.buffer, table.definition.keys, collection: table.definition.collection)
    }

    /// Does one write and answers with what was asked for.
    private func mutate(_ mutation: Mutation, _ table: Table, _ request: DataRequest) throws -> Answer {
        let done: MutationOutcome
        do {
            done = try carryOut(mutation, table, returning: request.returnValues)
        } catch let failure as ConditionFailure {
            throw ServiceError.conditionFailed(request.returnsOldOnFailure ? failure.item : nil)
        }
        var body: [UInt8] = [UInt8(ascii: "{")]
        if let attributes = done.attributes {
            body.append("\"Attributes\":")
            body.append(contentsOf: attributes)
        }
        if request.collectionMetrics == .size, let metrics = try collectionMetrics(of: done.write, table) {
            appendMember("ItemCollectionMetrics", metrics, to: &body)
        }
        appendConsumed(done.consumed.json(table, request.returnConsumed), to: &body)
        body.append(UInt8(ascii: "}"))
        return Answer(body: body)
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
        let row: StoredRow?
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
        -> StoredRow?
    {
        let row = try store.row(key)
        let units = factor * ConsumedCapacity.readUnits(row?.size ?? 0, consistent: consistent)
        let charge = Charge(.table, .read, position: key.position, units: units)
        try admit(charge, to: table, at: configuration.clock.monotonic())
        consumed.table += units
        return row
    }
}
