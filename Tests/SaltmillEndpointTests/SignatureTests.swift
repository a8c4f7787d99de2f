import SaltmillBytes
import SaltmillEndpoint
import Testing

@Suite struct SignatureTests {
    private static let body = #"{"TableName":"Pets","Key":{"AnimalType":{"S":"Dog"},"Name":{"S":"Fido"}}}"#
    /// Computed by botocore for the key pair of the AWS documentation's examples and the host localhost:8000.
    private static let signature = "393db6a4c0b6490d8d6c572f51fc2a20a9b2577a3b548129e2502e520fb2cc10"
    private static let names = "content-type;host;x-amz-date;x-amz-target"

    /// An endpoint that takes one key pair, so many seconds after 2015-08-30T12:36:00Z.
    private func run(after seconds: Double = 0, _ body: (Fixture) async throws -> Void) async throws {
        try await Fixture.run {
            $0.credentials = EndpointCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
            $0.clock = EndpointClock(monotonic: { 0 }, epoch: { 1_440_938_160 + seconds })
        } _: {
            try await body($0)
        }
    }

    private func answer(
        _ fixture: Fixture, signature: String = signature, key: String = "AKIDEXAMPLE", names: String = names, body: String = body
    ) throws -> Fault {
        let authorization =
            "AWS4-HMAC-SHA256 Credential=\(key)/20150830/us-east-1/dynamodb/aws4_request, SignedHeaders=\(names), Signature=\(signature)"
        return try send(fixture, "Authorization: \(authorization)\r\n", body)
    }

    private func send(_ fixture: Fixture, _ headers: String, _ body: String) throws -> Fault {
        try fixture.client.send(
            "POST / HTTP/1.1\r\nHost: localhost:8000\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Date: 20150830T123600Z\r\n"
                + "X-Amz-Target: DynamoDB_20120810.GetItem\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        let answer = try fixture.client.response().body
        return Fixture.fault(try JSONValue(parsing: answer.span))
    }

    @Test func aRightSignatureIsTakenAndAnyOtherRefused() async throws {
        try await run { fixture in
            // The table does not exist, which only a request that was let through gets to hear.
            let right = try answer(fixture)
            #expect(right.name == "ResourceNotFoundException")
            let wrong = String(Self.signature.reversed())
            #expect(try answer(fixture, signature: wrong).name == "InvalidSignatureException")
            #expect(try answer(fixture, body: Self.body + " ").name == "InvalidSignatureException")
            #expect(try answer(fixture, names: "host;x-amz-date").name == "InvalidSignatureException")
            #expect(try answer(fixture, names: "x-amz-date").name == "InvalidSignatureException")
            #expect(
                try answer(fixture, key: "OTHER")
                    == Fault(name: "UnrecognizedClientException", message: "The security token included in the request is invalid."))
            #expect(try answer(fixture, key: "a/b").name == "IncompleteSignatureException")
            #expect(try send(fixture, "", Self.body).name == "MissingAuthenticationTokenException")
            #expect(try send(fixture, "Authorization: AWS4-HMAC-SHA256 x\r\n", Self.body).name == "IncompleteSignatureException")
        }
    }

    @Test(arguments: [
        (890.0, "ResourceNotFoundException"), (910, "InvalidSignatureException"), (-890, "ResourceNotFoundException"),
        (-910, "InvalidSignatureException"),
    ])
    func aSignatureHoldsForAQuarterOfAnHour(after seconds: Double, name: String) async throws {
        try await run(after: seconds) {
            let fault = try answer($0)
            #expect(fault.name == name)
        }
    }

    @Test func bodiesMayBeCompressedBothWays() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("table", "pk:S")
            let text = String(repeating: "text ", count: 4000)
            let body: JSONValue = ["TableName": "table", "Item": ["pk": string("a"), "v": string(text)]]
            var encoder = GzipEncoder()
            var packed: [UInt8] = []
            encoder.append(body.bytes, to: &packed)
            encoder.finish(to: &packed)
            func call(_ operation: String, _ body: [UInt8], _ headers: String) throws -> HTTPClient.Response {
                let head =
                    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.0\r\n\(headers)"
                    + "X-Amz-Target: DynamoDB_20120810.\(operation)\r\nContent-Length: \(body.count)\r\n\r\n"
                try fixture.client.send(Array(head.utf8) + body)
                return try fixture.client.response()
            }
            #expect(try call("PutItem", packed, "Content-Encoding: gzip\r\n").status == 200)
            #expect(try call("PutItem", Array(packed.dropLast(9)), "Content-Encoding: gzip\r\n").status == 500)
            #expect(try call("PutItem", packed, "Content-Encoding: br\r\n").status == 500)
            let bomb = try call("PutItem", Self.zeros(20_000_000), "Content-Encoding: gzip\r\n")
            #expect(bomb.status == 413)

            let get: JSONValue = ["TableName": "table", "Key": ["pk": string("a")]]
            let plain = try call("GetItem", get.bytes, "")
            let answer = try call("GetItem", get.bytes, "Accept-Encoding: deflate, gzip;q=1\r\n")
            #expect(answer.headers["content-encoding"] == "gzip" && answer.body.count < 1000)
            #expect(answer.headers["x-amz-crc32"] == String(CRC32.checksum(answer.body.span)))
            var decoder = GzipDecoder()
            let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
            defer { room.deallocate() }
            let filled = try decoder.decode(answer.body.span, into: room).filled
            #expect(Array(room[..<filled]) == plain.body)
            #expect(try call("GetItem", get.bytes, "Accept-Encoding: gzip;q=0\r\n").headers["content-encoding"] == nil)
        }
    }

    private static func zeros(_ count: Int) -> [UInt8] {
        var encoder = GzipEncoder()
        var packed: [UInt8] = []
        encoder.append([UInt8](repeating: 0, count: count), to: &packed)
        encoder.finish(to: &packed)
        return packed
    }
}
