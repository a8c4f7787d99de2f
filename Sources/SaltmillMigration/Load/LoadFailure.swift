import SaltmillDynamoDB

/// Why a job cannot begin or go on: what the user is told, and what a script is.
package struct LoadFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// It will not work before something is changed.
        case failed
        /// The spec or the command is wrong.
        case usage
        /// It may work later.
        case temporary
    }

    package var kind: Kind
    /// One sentence: what is wrong, where, and the fix.
    package var description: String

    package init(_ kind: Kind = .failed, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

extension LoadFailure {
    /// What a failed operation means for the user: which server, what is wrong, the fix.
    init(_ failure: DynamoDBFailure, client: DynamoDBClient) {
        let host = client.endpoint.host
        switch failure.errorClass {
        case .credentials:
            if let skew = client.clockSkew, abs(skew) > DynamoDBClient.suspiciousSkew {
                self.init(
                    .failed,
                    "\(host) refuses the signature, and this machine's clock is \(abs(skew)) s \(skew > 0 ? "behind" : "ahead of") its clock; set the clock: \(failure)"
                )
            } else {
                self.init(
                    .failed,
                    "\(host) does not accept the credentials; check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile: \(failure)"
                )
            }
        case .accessDenied: self.init(.failed, "the credentials do not permit this at \(host); grant the permission: \(failure)")
        case .notDynamoDB: self.init(.failed, "what answers at \(host) is not DynamoDB; check the endpoint: \(failure)")
        case .transient, .throttling, .tableNotReady: self.init(.temporary, "\(failure) (\(host)); run the command again")
        default: self.init(.failed, "\(failure) (\(host))")
        }
    }
}

/// Does something with an endpoint and says of a failure what it means.
func explained<Value>(by client: DynamoDBClient, _ body: () async throws -> Value) async throws -> Value {
    do {
        return try await body()
    } catch let failure as DynamoDBFailure {
        if Task.isCancelled { throw CancellationError() }
        throw LoadFailure(failure, client: client)
    }
}
