package import SaltmillDynamoDB

/// Sends writes to a table and says what became of them.
package struct DynamoDBSender: BatchSending {
    private let client: DynamoDBClient
    private let table: String
    private let key: KeySchema
    private let indexNames: [String]
    private let operation: WireOperation
    private let deadline: Duration

    /// - Parameters:
    ///   - head: of which form the requests are.
    ///   - indexNames: the table's global indexes, in the order in which consumption is to be told.
    ///   - deadline: for one request, connecting included.
    package init(
        client: DynamoDBClient, table: String, key: KeySchema, indexNames: [String], head: WriteHead, deadline: Duration = .seconds(30)
    ) {
        self.client = client
        self.table = table
        self.key = key
        self.indexNames = indexNames
        operation = head.operation
        self.deadline = deadline
    }

    package func setDriver(_ driver: (@Sendable () -> Duration?)?) { client.transport.setDriver(driver) }

    package func wake() { client.transport.wake() }

    package func send(_ body: [UInt8], completion: @escaping @Sendable (Reply) -> Void) {
        client.submit(operation, body: body, deadline: deadline) { [self] result in
            switch result {
            case .success(let response): completion(reply(to: response))
            case .failure(.service(let error)) where error.errorClass == .conditionFailed && operation == .putItem:
                completion(reply(toPresence: error.item, body))
            case .failure(let failure): completion(reply(to: failure, of: body))
            }
        }
    }

    /// The answer to a row whose key the table has already: the one item that it has, or nil from a server that does not tell it.
    ///
    /// A condition that fails is charged by the size of what is there, one unit at least (Amazon DynamoDB Developer Guide, "Working with items").
    private func reply(toPresence present: Item?, _ body: [UInt8]) -> Reply {
        guard let present else { return .present(isEqual: false, units: nil) }
        return .present(isEqual: present == NewItemHead.item(in: body), units: Double(max((present.size + 1023) / 1024, 1)))
    }

    private func reply(to response: HTTPResponse) -> Reply {
        do {
            guard operation == .batchWriteItem else {
                return .answered(refused: [], consumed: consumed(try NewItemAnswer.capacity(response.body.span)))
            }
            let answer = try BatchWriteAnswer.read(response.body.span, table: table, keySchema: key)
            return .answered(refused: answer.unprocessed, consumed: consumed(answer.capacity))
        } catch {
            return .failed(Problem("\(error)"))
        }
    }

    /// Consumption per resource; nil when the answer gives only a sum that cannot be told apart.
    private func consumed(_ capacity: ConsumedCapacity?) -> [Double]? {
        guard let capacity else { return nil }
        guard let ofTable = capacity.table else { return indexNames.isEmpty ? [capacity.total] : nil }
        var units = [capacity.localIndexes.reduce(ofTable) { $0 + $1.units }]
        for name in indexNames { units.append(capacity.globalIndexes.first { $0.name == name }?.units ?? 0) }
        return units
    }

    private func reply(to failure: DynamoDBFailure, of body: [UInt8]) -> Reply {
        let place = "\(client.endpoint.host), table \(table)"
        switch failure.errorClass {
        case .throttling: return .throttled(resources: ThrottledResources.named(in: failure, indexNames: indexNames))
        case .validation:
            if let less = lessCapacity(failure, than: ReturnedCapacity(askedIn: body)) { return .reform(less) }
            return .invalid(code: "store.validation", message: "the store refused the item: \(failure)")
        case .itemCollectionTooLarge:
            return .invalid(
                code: "store.collection", message: "the items of one hash key would exceed 10 GB with their local indexes: \(failure)")
        case .payloadTooLarge: return .invalid(code: "store.payload", message: "the store refused the request as too large: \(failure)")
        case .tableMissing:
            return .broken(Problem("the table is gone (\(place)): \(failure); was it deleted? restore it, or begin a new job"))
        case .tableNotReady: return .failed(Problem("\(failure) (\(place))", cause: .table))
        case .transient, .limitExceeded, .cancelled, .unknown, .conditionFailed:
            return .failed(Problem("\(failure) (\(place))", cause: isAboutNetwork(failure) ? .network : .endpoint))
        case .credentials:
            client.renewCredentials()
            return .failed(Problem("the credentials are not accepted (\(place)): \(failure)", cause: .credentials, isPermanent: true))
        case .accessDenied:
            return .failed(
                Problem(
                    "the credentials do not permit dynamodb:\(operation.name) (\(place)): \(failure)", cause: .credentials,
                    isPermanent: true))
        case .notDynamoDB:
            return .failed(Problem("what answers is not DynamoDB (\(place)): \(failure); check the endpoint", isPermanent: true))
        }
    }

    private func isAboutNetwork(_ failure: DynamoDBFailure) -> Bool {
        if case .transport = failure { true } else { false }
    }

    /// What to ask for instead where the server does not tell in the detail asked for what was used up; nil when that is not what it says.
    ///
    /// ScyllaDB Alternator tells what a request consumed, but not of which index: "INDEXES consumed capacity is not supported".
    private func lessCapacity(_ failure: DynamoDBFailure, than asked: ReturnedCapacity?) -> ReturnedCapacity? {
        guard case .service(let error) = failure, let asked, asked != .none else { return nil }
        let message = error.message.lowercased()
        guard message.contains("consumed capacity") || message.contains("consumedcapacity") else { return nil }
        return asked == .indexes ? .total : ReturnedCapacity.none
    }
}
