package import SaltmillDynamoDB

/// Sends batches to a table and says what became of them.
package struct DynamoDBSender: BatchSending {
    private let client: DynamoDBClient
    private let table: String
    private let key: KeySchema
    private let indexNames: [String]
    private let deadline: Duration

    /// - Parameters:
    ///   - indexNames: the table's global indexes, in the order in which consumption is to be told.
    ///   - deadline: for one request, connecting included.
    package init(client: DynamoDBClient, table: String, key: KeySchema, indexNames: [String], deadline: Duration = .seconds(30)) {
        self.client = client
        self.table = table
        self.key = key
        self.indexNames = indexNames
        self.deadline = deadline
    }

    package func setDriver(_ driver: (@Sendable () -> Duration?)?) { client.transport.setDriver(driver) }

    package func wake() { client.transport.wake() }

    package func send(_ body: [UInt8], completion: @escaping @Sendable (Reply) -> Void) {
        client.submit(.batchWriteItem, body: body, deadline: deadline) { [self] result in
            switch result {
            case .success(let response): completion(reply(to: response))
            case .failure(let failure): completion(reply(to: failure))
            }
        }
    }

    private func reply(to response: HTTPResponse) -> Reply {
        do {
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

    private func reply(to failure: DynamoDBFailure) -> Reply {
        let place = "\(client.endpoint.host), table \(table)"
        switch failure.errorClass {
        case .throttling: return .throttled(resources: ThrottledResources.named(in: failure, indexNames: indexNames))
        case .validation where isAboutCapacity(failure): return .reform(BatchWriteHead(table: table, capacity: .total))
        case .validation: return .invalid(code: "store.validation", message: "the store refused the item: \(failure)")
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
                    "the credentials do not permit dynamodb:BatchWriteItem (\(place)): \(failure)", cause: .credentials, isPermanent: true))
        case .notDynamoDB:
            return .failed(Problem("what answers is not DynamoDB (\(place)): \(failure); check the endpoint", isPermanent: true))
        }
    }

    private func isAboutNetwork(_ failure: DynamoDBFailure) -> Bool {
        if case .transport = failure { true } else { false }
    }

    /// ScyllaDB Alternator tells what a request consumed, but not of which index.
    private func isAboutCapacity(_ failure: DynamoDBFailure) -> Bool {
        guard case .service(let error) = failure else { return false }
        return error.message.contains("INDEXES consumed capacity")
    }
}
