/// Why an operation did not succeed.
package enum DynamoDBFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// The server answered, and refused.
    case service(DynamoDBError)
    /// There is no answer.
    case transport(TransportError)
    /// The answer's bytes are not those that the server computed its checksum of.
    case checksum(expected: UInt32, actual: UInt32)
    /// A success whose body is not what the operation answers; a sentence.
    case malformedAnswer(String)
    /// No credentials can be had.
    case configuration(ConfigurationError)
    /// A table did not become active in time; its last known status, nil when it does not exist.
    case notActive(table: String, status: String?)

    /// What the failure means for whoever made the request.
    package var errorClass: ErrorClass {
        switch self {
        case .service(let error): error.errorClass
        case .transport(let error):
            switch error.kind {
            case .resolve, .connect, .tls, .timeout, .closed: .transient
            case .cancelled: .cancelled
            case .malformed, .tooLarge: .notDynamoDB
            }
        case .checksum: .transient
        case .malformedAnswer: .notDynamoDB
        case .configuration: .credentials
        case .notActive: .tableNotReady
        }
    }

    /// A write may have happened although there is no success.
    package var mayHaveBeenApplied: Bool {
        switch self {
        // The one status with which the service does not say that nothing was done.
        case .service(let error): error.status >= 500
        case .transport(let error): error.mayHaveBeenApplied
        case .checksum, .malformedAnswer: true
        case .configuration, .notActive: false
        }
    }

    package var description: String {
        switch self {
        case .service(let error): error.description
        case .transport(let error): error.description
        case .checksum(let expected, let actual): "the answer was damaged on its way: its CRC-32 is \(actual), the server says \(expected)"
        case .malformedAnswer(let what): what
        case .configuration(let error): error.description
        case .notActive(let table, let status?): "the table \(table) is still \(status)"
        case .notActive(let table, nil): "the table \(table) does not exist yet"
        }
    }
}
