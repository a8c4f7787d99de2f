package import SaltmillDynamoDB

/// Why a job cannot begin or go on: what the user is told, and what a script is.
package struct JobFailure: Error, Sendable, Equatable, CustomStringConvertible {
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

extension JobFailure {
    /// What a failed operation means for the user: which server, what is wrong, the fix.
    /// - Parameter what: was being done, e.g. `dumping answers`; nil where that is clear.
    package init(_ failure: DynamoDBFailure, doing what: String? = nil, client: DynamoDBClient) {
        let host = client.endpoint.host
        let subject = what.map { "\($0): " } ?? ""
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
        case .accessDenied:
            self.init(.failed, "the credentials do not permit \(what ?? "this") at \(host); grant the permission: \(failure)")
        case .tableMissing where what != nil:
            self.init(.failed, "\(subject)there is no such table at \(host); check the name and the region")
        case .notDynamoDB: self.init(.failed, "what answers at \(host) is not DynamoDB; check the endpoint: \(failure)")
        case .transient, .throttling, .tableNotReady:
            self.init(.temporary, "\(subject)\(failure) (\(host)); run the command again")
        default: self.init(.failed, "\(subject)\(failure) (\(host))")
        }
    }
}

extension DynamoDBClient {
    /// Does something with the endpoint and says of a failure what it means.
    /// - Parameter what: is being done, e.g. `dumping answers`; nil where that is clear.
    /// - Throws: ``JobFailure`` in the place of `DynamoDBFailure`; `CancellationError` when the task is cancelled meanwhile; whatever else it throws.
    package func explained<Value>(_ what: String? = nil, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let failure as DynamoDBFailure {
            if Task.isCancelled { throw CancellationError() }
            throw JobFailure(failure, doing: what, client: self)
        }
    }
}
