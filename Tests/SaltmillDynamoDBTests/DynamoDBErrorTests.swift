import SaltmillDynamoDB
import Testing

@Suite struct DynamoDBErrorTests {
    private func read(_ status: Int, _ body: String, headers: [String] = []) -> DynamoDBError {
        var kept = ResponseHeaders()
        for line in headers { kept.keep(line: Array(line.utf8).span) }
        return DynamoDBError(HTTPResponse(status: status, headers: kept, body: Array(body.utf8)))
    }

    private static let service = "com.amazonaws.dynamodb.v20120810#"
    private static let coral = "com.amazon.coral.service#"

    @Test(arguments: [
        (400, service + "ProvisionedThroughputExceededException", ErrorClass.throttling),
        (400, service + "ThrottlingException", .throttling),
        (400, service + "RequestLimitExceeded", .throttling), (400, coral + "ThrottlingException", .throttling),
        (500, service + "InternalServerError", .transient), (503, service + "ServiceUnavailable", .transient),
        (409, service + "ReplicatedWriteConflictException", .transient), (500, service + "SomethingNew", .transient),
        (400, coral + "UnrecognizedClientException", .credentials), (400, coral + "InvalidSignatureException", .credentials),
        (400, coral + "IncompleteSignature", .unknown), (400, coral + "IncompleteSignatureException", .credentials),
        (400, coral + "MissingAuthenticationTokenException", .credentials), (400, coral + "ExpiredTokenException", .credentials),
        (400, coral + "AccessDeniedException", .accessDenied), (400, service + "ResourceNotFoundException", .tableMissing),
        (400, service + "ResourceInUseException", .tableNotReady), (400, "com.amazon.coral.validate#ValidationException", .validation),
        (400, coral + "SerializationException", .validation), (400, coral + "UnknownOperationException", .notDynamoDB),
        (400, service + "ItemCollectionSizeLimitExceededException", .itemCollectionTooLarge),
        (400, service + "ConditionalCheckFailedException", .conditionFailed), (400, service + "LimitExceededException", .limitExceeded),
        (413, service + "Whatever", .payloadTooLarge), (400, service + "SomethingNew", .unknown),
        (400, "ValidationException:http://internal.amazon.com/coral/com.amazon.coral.validate/", .validation),
        (400, "ns#ThrottlingException:http://x/#y", .throttling),
    ])
    func codesMeanTheirClasses(status: Int, type: String, expected: ErrorClass) {
        #expect(read(status, #"{"__type":"\#(type)","message":"m"}"#).errorClass == expected)
    }

    @Test func theCodeIsThePartBehindTheNamespace() {
        let body = #"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found"}"#
        let error = read(400, body, headers: ["x-amzn-RequestId: ABC\r\n"])
        #expect(error.code == "ResourceNotFoundException")
        #expect(error.message == "Requested resource not found")
        #expect(error.requestID == "ABC")
        #expect(error.description == "ResourceNotFoundException: Requested resource not found (request ABC)")
    }

    @Test func bothSpellingsOfTheMessageAreRead() {
        #expect(
            read(400, #"{"__type":"a#SerializationException","Message":"NUMBER_VALUE cannot be converted"}"#).message.hasPrefix("NUMBER"))
    }

    @Test(arguments: [
        #"{"__type":"a#ProvisionedThroughputExceededException","message":"m","ThrottlingReasons":[{"reason":"TableWriteKeyRangeThroughputExceeded","resource":"arn:aws:dynamodb:us-west-2:123456789012:table/t"}]}"#,
        #"{"__type":"a#ThrottlingException","message":"m","throttlingReasons":[{"Reason":"TableWriteKeyRangeThroughputExceeded","Resource":"arn:aws:dynamodb:us-west-2:123456789012:table/t"}]}"#,
    ])
    func throttlingReasonsAreReadInBothSpellings(body: String) {
        let error = read(400, body)
        let arn = "arn:aws:dynamodb:us-west-2:123456789012:table/t"
        #expect(error.errorClass == .throttling)
        #expect(error.throttlingReasons == [.init(reason: "TableWriteKeyRangeThroughputExceeded", resource: arn)])
        #expect(error.description.contains("TableWriteKeyRangeThroughputExceeded \(arn)"))
    }

    @Test(arguments: [
        (404, "<UnknownOperationException/>\n", ErrorClass.notDynamoDB), (200, "<html>Welcome</html>", .notDynamoDB),
        (301, "", .notDynamoDB),
        (403, "<html>Forbidden</html>", .notDynamoDB), (502, "<html>Bad Gateway</html>", .transient), (503, "", .transient),
        (413, "<html>Too large</html>", .payloadTooLarge), (429, "slow down", .throttling), (400, "[1]", .notDynamoDB),
        (400, "{}", .unknown), (500, "{}", .transient),
    ])
    func answersThatAreNoErrorsOfTheServiceAreJudgedByTheirStatus(status: Int, body: String, expected: ErrorClass) {
        #expect(read(status, body).errorClass == expected)
    }

    @Test func aForeignPageIsQuotedOnOneLine() {
        let error = read(404, "<html>\n<b>no\u{7}</b>" + String(repeating: "x", count: 1000))
        #expect(error.description.contains("HTTP status 404") && error.description.contains("<html> <b>no </b>"))
        #expect(error.description.utf8.count < 400 && !error.description.contains("\n"))
    }

    @Test func theServersWishToWaitIsRead() {
        #expect(read(503, "{}", headers: ["Retry-After: 3"]).retryAfter == .seconds(3))
        #expect(read(503, "{}", headers: ["Retry-After: 3", "x-amz-retry-after: 250"]).retryAfter == .milliseconds(250))
        #expect(read(503, "{}", headers: ["Retry-After: Sun, 06 Nov 1994 08:49:37 GMT"]).retryAfter == nil)
    }

    @Test func headersAreKnownInAnyCaseAndOthersAreNotKept() {
        var headers = ResponseHeaders()
        for line in ["HTTP/1.1 200 OK", "X-AMZ-CRC32:  4294967295 \r\n", "Content-Type: a/b", "content-length: 5", "Date", "dato: x", ""] {
            headers.keep(line: Array(line.utf8).span)
        }
        #expect(headers.crc32 == UInt32.max)
        #expect(headers[.contentType] == "a/b")
        #expect(headers[.date] == nil && headers[.requestID] == nil && headers.retryAfter == nil)
        for text in ["4294967296", "99999999999999999999", "12x", ""] {
            var headers = ResponseHeaders()
            headers.keep(line: Array("x-amz-crc32: \(text)".utf8).span)
            #expect(headers.crc32 == nil)
        }
    }
}
