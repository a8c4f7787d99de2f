package import SaltmillDynamoDB

/// Why a restore cannot begin or go on: what the user is told, and what a script is.
package struct RestoreFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// It will not work before something is changed.
        case failed
        /// The command is wrong.
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

    /// What a failed operation means for the user.
    package init(_ failure: DynamoDBFailure, client: DynamoDBClient) {
        let host = client.endpoint.host
        switch failure.errorClass {
        case .credentials:
            self.init(.failed, "\(host) does not accept the credentials; check them, or the profile, and this machine's clock: \(failure)")
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
        throw RestoreFailure(failure, client: client)
    }
}
