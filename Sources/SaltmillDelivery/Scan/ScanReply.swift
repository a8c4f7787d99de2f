package import SaltmillDynamoDB

/// What a request for a page came to.
package enum ScanReply: Sendable {
    case page(ScanPage)
    /// It was refused for going too fast.
    case throttled
    /// It is worth asking again.
    case failed(Problem)
    /// The table cannot be read to its end: asking again changes nothing.
    case broken(Problem)
}

/// Asks a table for pages and says what came of it.
package struct ScanSender: Sendable {
    private let client: DynamoDBClient
    private let deadline: Duration

    /// - Parameter deadline: for one request, connecting included.
    package init(client: DynamoDBClient, deadline: Duration = .seconds(30)) {
        self.client = client
        self.deadline = deadline
    }

    /// Sets what is called on the transport's thread whenever something happened; it returns how long until it wants to be called again.
    package func setDriver(_ driver: (@Sendable () -> Duration?)?) { client.transport.setDriver(driver) }

    /// Has the driver called soon.
    package func wake() { client.transport.wake() }

    /// Sends a request's body; the completion is called once, on the transport's thread.
    package func send(_ body: [UInt8], completion: @escaping @Sendable (ScanReply) -> Void) {
        client.submit(.scan, body: body, deadline: deadline, maximumResponse: ScanPage.maximumBody) { [self] result in
            switch result {
            case .success(let response):
                do {
                    completion(.page(try ScanPage(reading: response.body)))
                } catch {
                    completion(.failed(Problem("\(error) (\(client.endpoint.host))")))
                }
            case .failure(let failure): completion(reply(to: failure))
            }
        }
    }

    private func reply(to failure: DynamoDBFailure) -> ScanReply {
        let host = client.endpoint.host
        switch failure.errorClass {
        case .throttling: return .throttled
        case .tableMissing: return .broken(Problem("the table is gone (\(host)): \(failure)"))
        case .validation: return .broken(Problem("the server refuses the scan (\(host)): \(failure)"))
        case .transient, .tableNotReady, .limitExceeded, .cancelled, .unknown, .conditionFailed, .itemCollectionTooLarge, .payloadTooLarge:
            return .failed(Problem("\(failure) (\(host))"))
        case .credentials:
            let client = client
            Task { _ = try? await client.refreshCredentials() }
            return .failed(Problem("the credentials are not accepted (\(host)): \(failure)", isPermanent: true))
        case .accessDenied:
            return .failed(Problem("the credentials do not permit dynamodb:Scan (\(host)): \(failure)", isPermanent: true))
        case .notDynamoDB:
            return .failed(Problem("what answers is not DynamoDB (\(host)): \(failure); check the endpoint", isPermanent: true))
        }
    }
}
