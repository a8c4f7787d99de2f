import SaltmillDynamoDB

/// Why a dump cannot be made: what the user is told, and what a script is.
package struct DumpFailure: Error, Sendable, Equatable, CustomStringConvertible {
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
    init(_ failure: DynamoDBFailure, doing what: String, client: DynamoDBClient) {
        let host = client.endpoint.host
        switch failure.errorClass {
        case .credentials:
            self.init(.failed, "\(host) does not accept the credentials; check them, or the profile, and this machine's clock: \(failure)")
        case .accessDenied: self.init(.failed, "the credentials do not permit \(what) at \(host); grant the permission: \(failure)")
        case .tableMissing: self.init(.failed, "\(what): there is no such table at \(host); check the name and the region")
        case .notDynamoDB: self.init(.failed, "what answers at \(host) is not DynamoDB; check the endpoint: \(failure)")
        case .transient, .throttling, .tableNotReady: self.init(.temporary, "\(what): \(failure) (\(host)); run the command again")
        default: self.init(.failed, "\(what): \(failure) (\(host))")
        }
    }
}

extension DynamoDBClient {
    /// Does something and says of a failure what it means.
    func explain<Value>(_ what: String, _ body: () async throws(DynamoDBFailure) -> Value) async throws -> Value {
        do {
            return try await body()
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw DumpFailure(error, doing: what, client: self)
        }
    }
}
