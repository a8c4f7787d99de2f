import SaltmillBytes
import SaltmillPartitions

/// PutItem, DeleteItem and GetItem.
extension Engine {
    /// Largest item in bytes (Developer Guide, "Service quotas").
    static let maximumItemSize = 400 * 1024

    func putItem(_ body: RequestBody) throws -> Answer {
        let request = try singleWrite(body, .putItem, "Item")
        guard let item = try readMap("Item", of: body) else { throw Self.missing("item") }
        let key = try rowKey(ofPut: item, request.table, place: .item)
        return try write(Write(table: 0, key: key, item: item, isPut: true), request)
    }

    func deleteItem(_ body: RequestBody) throws -> Answer {
        let request = try singleWrite(body, .deleteItem, "Key")
        guard let item = try readMap("Key", of: body) else { throw Self.missing("key") }
        return try write(Write(table: 0, key: try rowKey(ofKey: item, request.table), item: item, isPut: false), request)
    }

    private func singleWrite(_ body: RequestBody, _ operation: Operation, _ member: String) throws -> DataRequest {
        let request = try dataRequest(
            body, operation, [member, "ReturnValues", "ReturnItemCollectionMetrics", "ReturnValuesOnConditionCheckFailure"]
        ) { if !body.has(member) { $0.violated("null", at: member.lowercased(), "not be null") } }
        guard [.none, .allOld].contains(request.returnValues) else {
            throw ServiceError.validation("Return values set to invalid value")
        }
        try checkMetrics(request.collectionMetrics, request.table, operation)
        return request
    }

    /// Only tables with local indexes have collections to measure.
    func checkMetrics(_ metrics: ReturnItemCollectionMetrics, _ table: Table, _ operation: Operation) throws {
        guard metrics == .none || !table.definition.hasLocalIndexes else {
            throw ServiceError.validation(
                "\(operation.rawValue): this endpoint does not support ReturnItemCollectionMetrics SIZE yet; leave it out")
        }
    }

    private static func missing(_ name: String) -> ServiceError {
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

    private func write(_ write: Write, _ request: DataRequest) throws -> Answer {
        let wantsOld = request.returnValues == .allOld
        let outcome = try self.write([write], on: [request.table], keepingOld: wantsOld)
        if let refusal = outcome.refusals[0] { throw throttled(refusal, request.table) }
        var body: [UInt8] = [UInt8(ascii: "{")]
        if wantsOld, let old = outcome.old[0] {
            body.append("\"Attributes\":")
            body.append(contentsOf: old)
        }
        appendConsumed(outcome.consumed[0].json(request.table, request.returnConsumed), to: &body)
        body.append(UInt8(ascii: "}"))
        return Answer(body: body)
    }

    /// Appends the member `ConsumedCapacity` to an object, if there is something to tell.
    func appendConsumed(_ consumed: JSONValue?, to body: inout [UInt8]) {
        guard let consumed else { return }
        if body.last != UInt8(ascii: "{") { body.append(UInt8(ascii: ",")) }
        body.append("\"ConsumedCapacity\":")
        consumed.write(to: &body)
    }

    func getItem(_ body: RequestBody) throws -> Answer {
        let request = try dataRequest(body, .getItem, ["Key", "ConsistentRead"]) {
            if !body.has("Key") { $0.violated("null", at: "key", "not be null") }
        }
        guard let item = try readMap("Key", of: body) else { throw Self.missing("key") }
        let key = try rowKey(ofKey: item, request.table)
        let consistent = try body.bool("ConsistentRead") ?? false
        var consumed = ConsumedCapacity()
        let row: RowStore.Row?
        do {
            row = try read(key, of: request.table, consistent: consistent, &consumed)
        } catch let refusal as Refusal {
            throw throttled(refusal, request.table)
        }
        var answer: [UInt8] = [UInt8(ascii: "{")]
        if let row {
            answer.append("\"Item\":")
            answer.append(contentsOf: row.item)
        }
        appendConsumed(consumed.json(request.table, request.returnConsumed), to: &answer)
        answer.append(UInt8(ascii: "}"))
        return Answer(body: answer)
    }

    /// Reads one item.
    /// - Throws: ``Refusal`` when the partition does not admit it.
    func read(_ key: RowKey, of table: Table, consistent: Bool, _ consumed: inout ConsumedCapacity) throws -> RowStore.Row? {
        let row = try store.row(key)
        let units = ConsumedCapacity.readUnits(row?.size ?? 0, consistent: consistent)
        let charge = Charge(.table, .read, position: key.position, units: units)
        try admit(charge, to: table, at: configuration.clock.monotonic())
        consumed.table += units
        return row
    }
}
