import SaltmillBytes
import SaltmillPartitions

extension Engine {
    func executeTransaction(_ body: RequestBody) throws -> Answer {
        var constraints = Constraints()
        let detail =
            constraints.check(try body.string("ReturnConsumedCapacity"), at: "returnConsumedCapacity", ReturnConsumedCapacity.self) ?? .none
        let token = try Transactions.token(body, &constraints)
        try constraints.finish()
        try body.allowOnly(["TransactStatements", "ClientRequestToken", "ReturnConsumedCapacity"], .executeTransaction)
        let members = try Transactions.items(body, "TransactStatements")
        let requests = try members.enumerated().map { number, member in
            try StatementRequest(RequestBody(member.bytes), at: "transactStatements.\(number + 1).member.", &constraints, &reader)
        }
        try constraints.finish()
        let statements = try requests.enumerated().map { number, request in
            try checked(number) {
                let statement = try request.parsed()
                guard statement.returning == nil else {
                    throw ServiceError.validation("RETURNING clause is not supported in ExecuteTransaction.")
                }
                return statement
            }
        }
        guard Set(statements.map(\.isRead)).count == 1 else {
            throw ServiceError.validation("A transaction has either statements that read or statements that write, not both")
        }
        if statements[0].isRead { return try read(statements, detail) }
        let writes = try statements.enumerated().map { number, statement in
            try checked(number) { try writeRequest(statement, returnsOldOnFailure: requests[number].returnsOldOnFailure) }
        }
        let digest = Digests.sha256(JSONValue.array(members).bytes.span)
        return try transact(writes, TransactionRequest(digest: digest, token: token, detail: detail), start: "{\"Responses\":[]")
    }

    /// Runs `body`, and has what is wrong with a statement tell which one it is.
    private func checked<Result>(_ number: Int, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch var error as ServiceError {
            if error.type == ServiceError.validation("").type {
                error.message = "Validation failed in TransactStatements[\(number)]: \(error.message)"
            }
            throw error
        }
    }

    /// A transaction that reads.
    private func read(_ statements: [PartiQLStatement], _ detail: ReturnConsumedCapacity) throws -> Answer {
        let reads = try statements.enumerated().compactMap { number, statement -> PointRead? in
            guard case .select(let select) = statement else { return nil }
            return try checked(number) {
                guard select.index == nil else { throw Self.noIndexesInTransactions }
                return try pointRead(select, in: "ExecuteTransaction")
            }
        }
        try Transactions.checkDistinct(reads.map(\.key))
        var reasons = reads.map { _ in ServiceError.CancellationReason() }
        var consumed: [JSONValue] = []
        var answer: [UInt8] = []
        answer.append("{\"Responses\":[")
        for (number, read) in reads.enumerated() {
            if answer.last != UInt8(ascii: "[") { answer.append(UInt8(ascii: ",")) }
            answer.append("{")
            do {
                var units = ConsumedCapacity()
                if let item = try item(read, consistent: true, &units, factor: Transactions.factor) {
                    answer.append("\"Item\":")
                    answer.append(contentsOf: item)
                }
                units.json(read.table, detail, transactional: .read).map { consumed.append($0) }
            } catch let error as ServiceError {
                reasons[number] = .init(code: "ThrottlingError", message: error.message)
            }
            answer.append("}")
        }
        guard reasons.allSatisfy({ $0.code == "None" }) else { throw ServiceError.transactionCancelled(reasons) }
        answer.append("]")
        if detail != .none { appendConsumed(.array(consumed), to: &answer) }
        answer.append("}")
        return Answer(body: answer)
    }
}
