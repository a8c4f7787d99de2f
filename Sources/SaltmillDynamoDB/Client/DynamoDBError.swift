import SaltmillBytes

/// A refusal by the service, or an answer that is none of its.
package struct DynamoDBError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Why exactly something was throttled, as the service words it.
    package struct ThrottlingReason: Equatable, Sendable {
        /// For instance `TableWriteKeyRangeThroughputExceeded`.
        package var reason: String
        /// ARN of the table or index.
        package var resource: String

        package init(reason: String, resource: String) {
            self.reason = reason
            self.resource = resource
        }
    }

    /// The error's name without its namespace: `ResourceNotFoundException`; empty when the answer has none.
    package var code: String
    package var message: String
    /// HTTP status.
    package var status: Int
    package var throttlingReasons: [ThrottlingReason] = []
    /// The item because of which a condition failed, where it was asked for and the server tells it.
    package var item: Item?
    package var requestID: String?
    /// How long the server asks to wait.
    package var retryAfter: Duration?
    /// What the failure means.
    package var errorClass: ErrorClass

    package init(code: String, message: String, status: Int, errorClass: ErrorClass) {
        self.code = code
        self.message = message
        self.status = status
        self.errorClass = errorClass
    }

    /// Reads an answer that is not a success.
    package init(_ response: HTTPResponse) {
        let json = try? JSONValue(parsing: response.body.span)
        let code = json?["__type"]?.string.map(Self.code(ofType:)) ?? ""
        let errorClass: ErrorClass
        let message: String
        if json?.members != nil {
            errorClass = ErrorClass(code: code) ?? ErrorClass(status: response.status)
            message = json?["message"]?.string ?? json?["Message"]?.string ?? ""
        } else {
            let byStatus = ErrorClass(status: response.status)
            errorClass = byStatus == .unknown ? .notDynamoDB : byStatus
            message = Self.excerpt(of: response.body)
        }
        self.init(code: code, message: message, status: response.status, errorClass: errorClass)
        throttlingReasons = Self.reasons(json?["ThrottlingReasons"] ?? json?["throttlingReasons"])
        if errorClass == .conditionFailed { item = try? json?["Item"].map { try Item($0) } }
        requestID = response.headers[.requestID]
        retryAfter = response.headers.retryAfter
    }

    /// `com.amazonaws.dynamodb.v20120810#Name:http://…` → `Name`.
    private static func code(ofType type: String) -> String {
        let beforeColon = type.prefix { $0 != ":" }
        return String(beforeColon.split(separator: "#").last ?? "")
    }

    private static func reasons(_ json: JSONValue?) -> [ThrottlingReason] {
        (json?.array ?? []).map { entry in
            ThrottlingReason(
                reason: (entry["reason"] ?? entry["Reason"])?.string ?? "", resource: (entry["resource"] ?? entry["Resource"])?.string ?? ""
            )
        }
    }

    /// The beginning of a text that is not ours, fit for one line.
    private static func excerpt(of body: [UInt8]) -> String {
        let printable = body.prefix(200).map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }
        return String(decoding: printable, as: UTF8.self)
    }

    package var description: String {
        var text = code.isEmpty ? "HTTP status \(status)" : code
        if errorClass == .notDynamoDB, code.isEmpty { text += ", and what came is no answer of a DynamoDB server" }
        if !message.isEmpty { text += ": \(message)" }
        for reason in throttlingReasons { text += " [\(reason.reason) \(reason.resource)]" }
        if let requestID { text += " (request \(requestID))" }
        return text
    }
}
