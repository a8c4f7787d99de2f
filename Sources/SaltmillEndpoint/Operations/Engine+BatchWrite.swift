import SaltmillBytes
import SaltmillPartitions

extension Engine {
    /// Most writes of one batch (API Reference, "BatchWriteItem").
    private static let maximumWrites = 25

    /// A batch as it was read: nothing in it has been looked up yet.
    private struct Batch {
        var tables: [String] = []
        /// Puts and deletes, with the table's position.
        var writes: [(table: Int, item: ItemBuffer.Item, isPut: Bool)] = []
    }

    func batchWriteItem(_ body: RequestBody) throws -> Answer {
        var constraints = Constraints()
        let consumed = constraints.check(
            try body.string("ReturnConsumedCapacity"), at: "returnConsumedCapacity", ReturnConsumedCapacity.self)
        let metrics = constraints.check(
            try body.string("ReturnItemCollectionMetrics"), at: "returnItemCollectionMetrics", ReturnItemCollectionMetrics.self)
        try constraints.finish()
        try body.allowOnly(["RequestItems", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"], .batchWriteItem)
        let batch = try readBatch(body)
        let tables = try batch.tables.map { try dataTable($0) }
        let writes = try batch.writes.map { write in
            let table = tables[write.table]
            let key = write.isPut ? try rowKey(ofPut: write.item, table, place: .key) : try rowKey(ofKey: write.item, table)
            return Write(table: write.table, key: key, item: write.item, isPut: write.isPut)
        }
        guard Set(writes.map(\.key)).count == writes.count else {
            throw ServiceError.validation("Provided list of item keys contains duplicates")
        }
        let outcome = try write(writes, on: tables)
        if outcome.refusals.allSatisfy({ $0 != nil }) { throw throttled(outcome.refusals, writes.map { tables[$0.table] }) }
        return try answer(writes, tables, outcome, consumed ?? .none, metrics ?? .none)
    }

    /// Reads the batch; what is wrong with its items is reported only if their number is right.
    private func readBatch(_ body: RequestBody) throws -> Batch {
        let required = ServiceError.validation("The requestItems parameter is required for BatchWriteItem")
        guard var scanner = body.scanner(at: "RequestItems") else { throw required }
        let bytes = body.bytes.span
        guard try scanner.enterObject(bytes) else { throw required }
        var batch = Batch()
        var fault: (any Error)?
        repeat {
            let name = JSONScanner.value(of: try scanner.memberName(bytes), in: bytes)
            let table = batch.tables.count
            guard !batch.tables.contains(name) else {
                throw ServiceError.serialization("RequestItems names one table twice: \(name)")
            }
            batch.tables.append(name)
            var count = 0
            if try scanner.enterArray(bytes) {
                repeat {
                    count += 1
                    var attempt = scanner
                    do {
                        guard fault == nil, count <= Self.maximumWrites else {
                            try scanner.skipValue(bytes)
                            continue
                        }
                        let (item, isPut) = try readWrite(&attempt, bytes)
                        batch.writes.append((table, item, isPut))
                        scanner = attempt
                    } catch {
                        fault = error
                        try scanner.skipValue(bytes)
                    }
                } while try scanner.nextElement(bytes)
            }
            guard (1...Self.maximumWrites).contains(count) else { throw Self.wrongCount(name, count) }
        } while try scanner.nextMember(bytes)
        if let fault { throw fault }
        guard batch.writes.count <= Self.maximumWrites else {
            throw ServiceError.validation("Too many items requested for the BatchWriteItem call")
        }
        return batch
    }

    private static func wrongCount(_ table: String, _ count: Int) -> ServiceError {
        let shown = count == 0 ? "[]" : "[\(count) write requests]"
        return .validation(
            "1 validation error detected: Value '{\(table)=\(shown)}' at 'requestItems' failed to satisfy constraint: "
                + "Map value must satisfy constraint: [Member must have length less than or equal to \(maximumWrites), "
                + "Member must have length greater than or equal to 1]")
    }

    /// Reads one `{"PutRequest":{"Item":…}}` or `{"DeleteRequest":{"Key":…}}`.
    private func readWrite(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws -> (ItemBuffer.Item, isPut: Bool) {
        guard try scanner.enterObject(bytes) else { throw Self.emptyWrite }
        let kind = JSONScanner.value(of: try scanner.memberName(bytes), in: bytes)
        guard kind == "PutRequest" || kind == "DeleteRequest" else { throw Self.emptyWrite }
        let isPut = kind == "PutRequest"
        guard try scanner.enterObject(bytes),
            JSONScanner.value(of: try scanner.memberName(bytes), in: bytes) == (isPut ? "Item" : "Key")
        else {
            throw ServiceError.validation(
                "1 validation error detected: Value null at 'requestItems.member.\(isPut ? "putRequest.item" : "deleteRequest.key")' "
                    + "failed to satisfy constraint: Member must not be null")
        }
        let item = try reader.readMap(&scanner, bytes)
        guard try !scanner.nextMember(bytes), try !scanner.nextMember(bytes) else {
            throw ServiceError.validation(
                "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
        }
        return (item, isPut)
    }

    private static var emptyWrite: ServiceError {
        .validation("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
    }

    /// Nothing could be processed: the error names every reason once.
    func throttled(_ refusals: [Refusal?], _ tables: [Table]) -> ServiceError {
        var error: ServiceError?
        for case (let refusal?, let table) in zip(refusals, tables) {
            let other = throttled(refusal, table)
            guard let first = error else {
                error = other
                continue
            }
            error?.reasons += other.reasons.filter { !first.reasons.contains($0) }
        }
        return error ?? .internalError("A request was throttled for no reason")
    }

    private func answer(
        _ writes: [Write], _ tables: [Table], _ outcome: WriteOutcome, _ detail: ReturnConsumedCapacity,
        _ metrics: ReturnItemCollectionMetrics
    ) throws -> Answer {
        var body: [UInt8] = []
        body.append("{\"UnprocessedItems\":{")
        for (position, table) in tables.enumerated() {
            let refused = writes.indices.filter { writes[$0].table == position && outcome.refusals[$0] != nil }
            guard !refused.isEmpty else { continue }
            if body.last != UInt8(ascii: "{") { body.append(UInt8(ascii: ",")) }
            JSONText.appendQuoted(table.name, to: &body)
            body.append(":[")
            for (number, index) in refused.enumerated() {
                if number > 0 { body.append(UInt8(ascii: ",")) }
                body.append(writes[index].isPut ? "{\"PutRequest\":{\"Item\":" : "{\"DeleteRequest\":{\"Key\":")
                body.append(reader.buffer.bytes.span.extracting(writes[index].item.json))
                body.append("}}")
            }
            body.append(UInt8(ascii: "]"))
        }
        body.append(UInt8(ascii: "}"))
        if metrics == .size {
            let taken = writes.indices.filter { outcome.refusals[$0] == nil }.map { writes[$0] }
            appendMember("ItemCollectionMetrics", try collectionMetrics(of: taken, tables), to: &body)
        }
        let consumed = zip(tables, outcome.consumed).compactMap { table, consumed in
            consumed.total > 0 ? consumed.json(table, detail) : nil
        }
        if detail != .none { appendConsumed(.array(consumed), to: &body) }
        body.append(UInt8(ascii: "}"))
        return Answer(body: body)
    }
}
