import SaltmillBytes
import SaltmillPartitions

/// ExecuteStatement and BatchExecuteStatement.
extension Engine {
    /// Most statements of a batch (API Reference, "BatchExecuteStatement").
    private static let maximumStatements = 25

    func executeStatement(_ body: RequestBody) throws -> Answer {
        var constraints = Constraints()
        let detail =
            constraints.check(try body.string("ReturnConsumedCapacity"), at: "returnConsumedCapacity", ReturnConsumedCapacity.self) ?? .none
        let limit = try body.int("Limit")
        if let limit, limit < 1 { constraints.violated("'\(limit)'", at: "limit", "have value greater than or equal to 1") }
        let request = try StatementRequest(body, &constraints, &reader)
        try constraints.finish()
        try body.allowOnly(StatementRequest.parameters.union(["ReturnConsumedCapacity", "Limit", "NextToken"]), .executeStatement)
        let statement = try request.parsed()
        if case .select(let select) = statement {
            return try answer(select, request, limit: limit ?? .max, token: try body.string("NextToken"), detail)
        }
        if case .exists = statement {
            throw ServiceError.validation("EXISTS is a condition of a transaction; use ExecuteTransaction")
        }
        let write = try writeRequest(statement, returnsOldOnFailure: request.returnsOldOnFailure)
        let table = try dataTable(write.tableName)
        var answer: [UInt8] = []
        answer.append("{\"Items\":[")
        do {
            let done = try carryOut(try mutation(write, table), table, returning: statement.returning ?? .none)
            answer.append(contentsOf: done.attributes ?? [])
            answer.append("]")
            appendConsumed(done.consumed.json(table, detail), to: &answer)
        } catch let failure as ConditionFailure {
            throw write.error(failure)
        }
        answer.append("}")
        return Answer(body: answer)
    }

    func batchExecuteStatement(_ body: RequestBody) throws -> Answer {
        var constraints = Constraints()
        let detail =
            constraints.check(try body.string("ReturnConsumedCapacity"), at: "returnConsumedCapacity", ReturnConsumedCapacity.self) ?? .none
        let members = try body.value("Statements")?.expectArray()
        switch members?.count {
        case nil: constraints.violated("null", at: "statements", "not be null")
        case 0?: constraints.violated("'[]'", at: "statements", "have length greater than or equal to 1")
        case let count? where count > Self.maximumStatements:
            constraints.violated("'[\(count) statements]'", at: "statements", "have length less than or equal to \(Self.maximumStatements)")
        default: break
        }
        try constraints.finish()
        try body.allowOnly(["Statements", "ReturnConsumedCapacity"], .batchExecuteStatement)
        let requests = try (members ?? []).enumerated().map { number, member in
            try StatementRequest(RequestBody(member.bytes), at: "statements.\(number + 1).member.", &constraints, &reader)
        }
        try constraints.finish()
        let statements = requests.map { request in Result { try request.parsed() } }
        let kinds = Set(statements.compactMap { try? $0.get().isRead })
        guard kinds.count < 2 else {
            throw ServiceError.validation("A batch has either statements that read or statements that write, not both")
        }
        var answer: [UInt8] = []
        answer.append("{\"Responses\":[")
        var consumed: [JSONValue] = []
        for (request, statement) in zip(requests, statements) {
            if answer.last != UInt8(ascii: "[") { answer.append(UInt8(ascii: ",")) }
            try append(request, statement, detail, &consumed, to: &answer)
        }
        answer.append("]")
        if detail != .none { appendConsumed(.array(consumed), to: &answer) }
        answer.append("}")
        return Answer(body: answer)
    }

    /// Does one statement of a batch; that it fails is its own answer.
    private func append(
        _ request: StatementRequest, _ statement: Result<PartiQLStatement, any Error>, _ detail: ReturnConsumedCapacity,
        _ consumed: inout [JSONValue], to answer: inout [UInt8]
    ) throws {
        var tableName: String?
        var members: [UInt8] = [UInt8(ascii: "{")]
        do {
            let statement = try statement.get()
            let item: [UInt8]?
            if case .select(let select) = statement {
                let read = try pointRead(select, in: "BatchExecuteStatement")
                tableName = read.table.name
                var units = ConsumedCapacity()
                item = try self.item(read, consistent: request.consistent, &units)
                units.json(read.table, detail).map { consumed.append($0) }
            } else {
                let write = try writeRequest(statement, returnsOldOnFailure: false)
                let table = try dataTable(write.tableName)
                let mutation = try mutation(write, table)
                tableName = table.name
                do {
                    let done = try carryOut(mutation, table, returning: statement.returning ?? .none)
                    item = done.attributes
                    done.consumed.json(table, detail).map { consumed.append($0) }
                } catch let failure as ConditionFailure {
                    throw write.error(failure)
                }
            }
            if let item {
                members.append("\"Item\":")
                members.append(contentsOf: item)
            }
        } catch let error as ServiceError where error.status == 400 {
            appendMember("Error", ["Code": .string(error.batchCode), "Message": .string(error.message)], to: &members)
        }
        if let tableName { appendMember("TableName", .string(tableName), to: &members) }
        answer.append(contentsOf: members)
        answer.append(UInt8(ascii: "}"))
    }
}

extension ServiceError {
    /// What the error is called in a batch's answer (API Reference, "BatchStatementError").
    fileprivate var batchCode: String {
        switch type.drop(while: { $0 != "#" }).dropFirst() {
        case "ValidationException": "ValidationError"
        case "ThrottlingException": "ThrottlingError"
        case let name: String(name.hasSuffix("Exception") ? name.dropLast("Exception".count) : name)
        }
    }
}
