import SaltmillBytes
import SaltmillDynamoDB

/// From items to a signed request, and what comes back.
enum WireParts {
    private static let filler = String(repeating: "x", count: 280)
    private static let item = Array(#"{"id":{"S":"row-000000001234"},"name":{"S":"\#(filler)"}}"#.utf8)
    private static let head = BatchWriteHead(table: "rows", capacity: .indexes)

    private static func body() -> [UInt8] {
        var body = BatchWriteBody(head, requests: 25, itemBytes: 25 * item.count)
        for _ in 0..<25 { body.put(item.span) }
        return body.finish()
    }

    /// Items are what is counted here and in all that follows; a request has 25 of them.
    @Sendable static func joinBatches(_ items: Int) throws -> Part.Result {
        var result = Part.Result()
        while result.items < items {
            result.bytes += body().count
            result.items += 25
        }
        return result
    }

    @Sendable static func sign(_ items: Int) throws -> Part.Result {
        var signer = SigV4Signer(region: "us-east-1")
        let credentials = try Credentials(accessKeyID: "saltmill", secretAccessKey: "not0a0secret")
        let parts = SigV4Signer.Signed(
            host: "127.0.0.1:8000", contentType: "application/x-amz-json-1.0", target: WireOperation.batchWriteItem.rawValue)
        let body = Self.body()
        var result = Part.Result()
        while result.items < items {
            var headers = HeaderLines(capacity: 512)
            signer.sign(parts, body: body.span, at: 1_700_000_000 + result.items / 1_000_000, credentials, headers: &headers)
            result.bytes += body.count
            result.items += 25
        }
        return result
    }

    @Sendable static func readAnswers(_ items: Int) throws -> Part.Result {
        let answer = Array(
            #"{"UnprocessedItems":{},"ConsumedCapacity":[{"TableName":"rows","CapacityUnits":25.0,"Table":{"CapacityUnits":25.0}}]}"#.utf8)
        let key = KeySchema(hash: KeyAttribute("id", .S))
        var result = Part.Result()
        while result.items < items {
            let read = try BatchWriteAnswer.read(answer.span, table: "rows", keySchema: key)
            result.bytes += answer.count + read.unprocessed.count
            result.items += 25
        }
        return result
    }
}
