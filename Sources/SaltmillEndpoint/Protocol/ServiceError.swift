import SaltmillBytes
import SaltmillPartitions

/// An error that the client gets to see, in the service's own shape.
struct ServiceError: Error, Equatable {
    /// HTTP status.
    var status = 400
    /// The whole `__type`, name space included.
    var type: String
    var message: String
    /// Front-end errors, and those of transactions, spell the member `Message`, the service's others `message`.
    var isFrontEnd = false
    /// Why a request was throttled, and on which resource's account (an ARN).
    var reasons: [ThrottlingReason] = []
    /// The item that did not meet a condition, as JSON.
    var item: [UInt8]?
    /// For each action of a transaction, why it was not done.
    var cancellationReasons: [CancellationReason] = []
    /// ThrottlingException has `throttlingReasons` where other errors have `ThrottlingReasons`.
    var spellsReasonsLower = false

    struct ThrottlingReason: Equatable {
        var reason: String
        var resource: String
    }

    /// Why an action of a transaction was not done; `None` for one that could have been.
    struct CancellationReason: Equatable {
        var code = "None"
        var message: String?
        var item: [UInt8]?
    }

    private static func service(_ name: String, _ message: String) -> ServiceError {
        ServiceError(type: "com.amazonaws.dynamodb.v20120810#\(name)", message: message)
    }

    static func validation(_ message: String) -> ServiceError {
        ServiceError(type: "com.amazon.coral.validate#ValidationException", message: message)
    }

    /// A parameter's value that is wrong by itself.
    static func invalidParameter(_ message: String) -> ServiceError {
        validation("One or more parameter values were invalid: \(message)")
    }

    /// The body is no JSON, or its JSON is not of the types that the operation has.
    static func serialization(_ message: String) -> ServiceError {
        ServiceError(type: "com.amazon.coral.service#SerializationException", message: message, isFrontEnd: true)
    }

    static var unknownOperation: ServiceError {
        ServiceError(type: "com.amazon.coral.service#UnknownOperationException", message: "", isFrontEnd: true)
    }

    /// A request that is not signed, or not as it should be.
    static func signature(_ name: String, _ message: String) -> ServiceError {
        ServiceError(type: "com.amazon.coral.service#\(name)", message: message, isFrontEnd: true)
    }

    static func accessDenied(_ message: String) -> ServiceError {
        ServiceError(type: "com.amazon.coral.service#AccessDeniedException", message: message, isFrontEnd: true)
    }

    static func tooLarge(_ message: String) -> ServiceError {
        ServiceError(status: 413, type: "com.amazon.coral.service#RequestEntityTooLargeException", message: message, isFrontEnd: true)
    }

    /// An operation on items names a table that does not exist.
    static var noTable: ServiceError { service("ResourceNotFoundException", "Requested resource not found") }

    /// An operation on tables names one that does not exist.
    static func noTable(_ name: String) -> ServiceError {
        service("ResourceNotFoundException", "Requested resource not found: Table: \(name) not found")
    }

    /// An operation on backups names a table that does not exist.
    static func noBackedUpTable(_ name: String) -> ServiceError { service("TableNotFoundException", "Table not found: \(name)") }

    static func noResource(_ arn: String) -> ServiceError {
        service("ResourceNotFoundException", "Requested resource not found: ResourcArn: \(arn) not found")
    }

    static func tableExists(_ name: String) -> ServiceError { service("ResourceInUseException", "Table already exists: \(name)") }

    /// - Parameter item: the item, if it is to be returned.
    static func conditionFailed(_ item: [UInt8]?) -> ServiceError {
        var error = service("ConditionalCheckFailedException", "The conditional request failed")
        error.item = item
        return error
    }

    /// An INSERT's item is there already.
    static var duplicateItem: ServiceError { service("DuplicateItemException", "Duplicate primary key exists in table") }

    static func transactionCancelled(_ reasons: [CancellationReason]) -> ServiceError {
        var error = service(
            "TransactionCanceledException",
            "Transaction cancelled, please refer cancellation reasons for specific reasons "
                + "[\(reasons.map(\.code).joined(separator: ", "))]")
        error.isFrontEnd = true
        error.cancellationReasons = reasons
        return error
    }

    /// A transaction's token was used with other parameters.
    static var tokenMismatch: ServiceError {
        var error = service(
            "IdempotentParameterMismatchException", "Provided idempotency token was used with different parameters")
        error.isFrontEnd = true
        return error
    }

    static func limitExceeded(_ message: String) -> ServiceError { service("LimitExceededException", message) }

    static func internalError(_ message: String) -> ServiceError {
        var error = service("InternalServerError", message)
        error.status = 500
        return error
    }

    /// A throttled request, worded as the service does (Developer Guide, "Diagnosing throttling").
    ///
    /// The exception is of the provisioned kind where more throughput could be paid for, or a partition of a provisioned table is at its limit.
    /// - Parameter isOnDemand: the billing mode of the table that refused, or whose index did.
    static func throttled(_ refusal: Refusal, isOnDemand: Bool, resource: String) -> ServiceError {
        let onIndex = refusal.resource != .table
        let isProvisioned = refusal.cause == .provisionedThroughput || refusal.cause == .keyRange && !isOnDemand && !onIndex
        var error =
            isProvisioned
            ? service(
                "ProvisionedThroughputExceededException",
                onIndex
                    ? "The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded. "
                        + "Consider increasing your provisioning level for the under-provisioned global secondary indexes with the UpdateTable API."
                    : "The level of configured provisioned throughput for the table was exceeded. "
                        + "Consider increasing your provisioning level with the UpdateTable API.")
            : service("ThrottlingException", throttlingMessage(refusal.cause, onIndex: onIndex))
        error.spellsReasonsLower = !isProvisioned
        error.reasons = [ThrottlingReason(reason: refusal.reason, resource: resource)]
        return error
    }

    private static func throttlingMessage(_ cause: RefusalCause, onIndex: Bool) -> String {
        switch (cause, onIndex) {
        case (.maximumOnDemand, _): "Throughput exceeds the maximum OnDemandThroughput configured on table or index"
        case (.accountLimit, _): "Throughput exceeds the current throughput limit for your account."
        case (_, true):
            "Throughput exceeds the current capacity for one or more global secondary indexes. "
                + "DynamoDB is automatically scaling your index so please try again shortly."
        case (_, false):
            "Throughput exceeds the current capacity of your table or index. "
                + "DynamoDB is automatically scaling your table or index so please try again shortly. "
                + "If exceptions persist, check if you have a hot key: "
                + "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html"
        }
    }

    /// The error's body.
    var body: [UInt8] {
        var members: [JSONValue.Member] = [.init("__type", .string(type))]
        if !message.isEmpty || !isFrontEnd { members.append(.init(isFrontEnd ? "Message" : "message", .string(message))) }
        if !reasons.isEmpty {
            members.append(
                .init(
                    spellsReasonsLower ? "throttlingReasons" : "ThrottlingReasons",
                    .array(reasons.map { ["reason": .string($0.reason), "resource": .string($0.resource)] })))
        }
        if !cancellationReasons.isEmpty { members.append(.init("CancellationReasons", .array(cancellationReasons.map(\.json)))) }
        if let item, let item = try? JSONValue(parsing: item.span) { members.append(.init("Item", item)) }
        return JSONValue.object(members).bytes
    }
}

extension ServiceError.CancellationReason {
    fileprivate var json: JSONValue {
        var members: [JSONValue.Member] = [.init("Code", .string(code))]
        if let message { members.append(.init("Message", .string(message))) }
        if let item, let item = try? JSONValue(parsing: item.span) { members.append(.init("Item", item)) }
        return .object(members)
    }
}
