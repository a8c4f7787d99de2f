import SaltmillBytes

/// What requests about items have in common.
struct DataRequest {
    let body: RequestBody
    let tableName: String
    let returnConsumed: ReturnConsumedCapacity
    let returnValues: ReturnValues
    let collectionMetrics: ReturnItemCollectionMetrics
    /// Whether a condition that fails returns the item.
    let returnsOldOnFailure: Bool
    let expressions: RequestExpressions
}

extension Engine {
    /// Checks all of a request's parameters that need no table.
    /// - Parameters:
    ///   - expressions: the kinds of expressions that the operation takes.
    ///   - check: checks parameters of the operation's own.
    func dataRequest(
        _ body: RequestBody, _ operation: Operation, _ parameters: Set<String>, expressions: [ExpressionParameter],
        check: (inout Constraints) throws -> Void = { _ in }
    ) throws -> DataRequest {
        let name = try dataTableName(body)
        var constraints = Constraints()
        let consumed = constraints.check(
            try body.string("ReturnConsumedCapacity"), at: "returnConsumedCapacity", ReturnConsumedCapacity.self)
        let metrics = constraints.check(
            try body.string("ReturnItemCollectionMetrics"), at: "returnItemCollectionMetrics", ReturnItemCollectionMetrics.self)
        let values = constraints.check(try body.string("ReturnValues"), at: "returnValues", ReturnValues.self)
        let onFailure = constraints.check(
            try body.string("ReturnValuesOnConditionCheckFailure"), at: "returnValuesOnConditionCheckFailure", ReturnValuesOnFailure.self)
        try check(&constraints)
        try constraints.finish()
        try body.allowOnly(
            parameters.union(["TableName", "ReturnConsumedCapacity"]).union(RequestExpressions.parameters(expressions, operation)),
            operation)
        if operation != .updateItem, ![nil, ReturnValues.none, .allOld].contains(values) {
            throw ServiceError.validation("Return values set to invalid value")
        }
        return DataRequest(
            body: body, tableName: name, returnConsumed: consumed ?? .none, returnValues: values ?? .none,
            collectionMetrics: metrics ?? .none, returnsOldOnFailure: onFailure == .allOld,
            expressions: try RequestExpressions(body, expressions, operation, &reader))
    }

    /// A table's name is checked before everything else, and alone.
    private func dataTableName(_ body: RequestBody) throws -> String {
        var constraints = Constraints()
        guard let text = try body.string("TableName") else {
            constraints.violated("null", at: "tableName", "not be null")
            try constraints.finish()
            return ""
        }
        let name = tableName(of: text)
        constraints.check(name: name, at: "tableName", minimum: 1)
        try constraints.finish()
        return name
    }

    /// The table of a name or ARN.
    func dataTable(_ name: String) throws -> Table {
        guard let table = tables[tableName(of: name)] else { throw ServiceError.noTable }
        logEntries.append(RequestLog.Entry(table: table.name))
        touchedTables.append(table)
        return table
    }

    /// Reads a member that holds attribute values into ``reader``.
    func readMap(_ name: String, of body: RequestBody) throws -> ItemBuffer.Item? {
        guard var scanner = body.scanner(at: name) else { return nil }
        return try reader.readMap(&scanner, body.bytes.span)
    }

    /// Reads an item out of the store into ``storedReader``.
    func readStored(_ item: [UInt8]) throws -> ItemBuffer.Item {
        var scanner = JSONScanner()
        return try storedReader.readMap(&scanner, item.span)
    }
}
