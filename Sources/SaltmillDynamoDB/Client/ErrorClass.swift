/// What a failure means for whoever made the request.
package enum ErrorClass: String, Sendable, CaseIterable {
    /// Too much was asked for: slow down and try again.
    case throttling
    /// The server or the way to it failed: try again.
    case transient
    /// The credentials are not accepted or no longer valid: wait for new ones.
    case credentials
    /// The credentials are good, but do not permit this.
    case accessDenied
    case tableMissing
    /// The table or an index is being created, changed or deleted.
    case tableNotReady
    /// The request is wrong, or an item in it.
    case validation
    /// The items of one hash key, local indexes included, exceed 10 GB.
    case itemCollectionTooLarge
    case conditionFailed
    /// A quota of the account or of the table is used up; or, with control operations, too many are under way.
    case limitExceeded
    case payloadTooLarge
    /// Whatever answers there does not speak DynamoDB, or not this operation of it.
    case notDynamoDB
    /// Withdrawn by ourselves.
    case cancelled
    case unknown

    /// The class of an error code of the service, where the code alone decides.
    ///
    /// Throttling and transient codes as in botocore's `retries/standard.py` and the service model; the others by their names.
    init?(code: String) {
        switch code {
        case "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException", "RequestThrottled",
            "TooManyRequestsException", "ProvisionedThroughputExceededException", "TransactionInProgressException", "RequestLimitExceeded",
            "BandwidthLimitExceeded", "SlowDown", "PriorRequestNotComplete":
            self = .throttling
        case "RequestTimeout", "RequestTimeoutException", "InternalServerError", "InternalServerException", "InternalFailure",
            "ServiceUnavailable", "ServiceUnavailableException", "ReplicatedWriteConflictException", "TransactionConflictException":
            self = .transient
        case "UnrecognizedClientException", "InvalidSignatureException", "IncompleteSignatureException", "SignatureDoesNotMatch",
            "MissingAuthenticationTokenException", "MissingAuthenticationToken", "ExpiredTokenException", "ExpiredToken",
            "InvalidClientTokenId", "RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed":
            self = .credentials
        case "AccessDeniedException", "AccessDenied", "NotAuthorized", "UnauthorizedOperation", "OptInRequired": self = .accessDenied
        case "ResourceNotFoundException", "TableNotFoundException": self = .tableMissing
        case "ResourceInUseException", "TableInUseException": self = .tableNotReady
        case "ValidationException", "ValidationError", "SerializationException": self = .validation
        case "ItemCollectionSizeLimitExceededException": self = .itemCollectionTooLarge
        case "ConditionalCheckFailedException": self = .conditionFailed
        case "LimitExceededException": self = .limitExceeded
        case "RequestEntityTooLarge", "RequestEntityTooLargeException": self = .payloadTooLarge
        case "UnknownOperationException", "UnknownOperation", "InvalidAction": self = .notDynamoDB
        default: return nil
        }
    }

    /// The class that an HTTP status means where no code says more.
    init(status: Int) {
        switch status {
        case 408, 500, 502, 503, 504: self = .transient
        case 413: self = .payloadTooLarge
        case 429: self = .throttling
        default: self = .unknown
        }
    }
}
