import SaltmillBytes
import SaltmillEndpoint
import Testing

@Suite struct HTTPTests {
    private static func post(_ headers: String..., body: String = "{}") -> String {
        (["POST / HTTP/1.1", "Host: x", "Content-Length: \(body.utf8.count)"] + headers).joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    private static let json = "Content-Type: application/x-amz-json-1.0"
    private static let listTables = "X-Amz-Target: DynamoDB_20120810.ListTables"

    @Test func healthIsToldInPlainText() async throws {
        try await Fixture.run { fixture in
            try fixture.client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            let response = try fixture.client.response()
            #expect(response.status == 200)
            #expect(response.text == "healthy: dynamodb.us-east-1.amazonaws.com ")
        }
    }

    @Test func answersCarryTheServicesHeaders() async throws {
        let clock = ManualClock()
        try await Fixture.run {
            $0.clock = clock.clock
        } _: { fixture in
            let response = try fixture.client.call("ListTables", Array("{}".utf8))
            #expect(response.status == 200)
            #expect(response.text == #"{"TableNames":[]}"#)
            #expect(response.headers["content-type"] == "application/x-amz-json-1.0")
            #expect(response.headers["x-amz-crc32"] == String(CRC32.checksum(response.body.span)))
            #expect(response.headers["date"] == "Sun, 13 Dec 2015 09:46:40 GMT")
            let id = response.headers["x-amzn-requestid"] ?? ""
            #expect(id.count == 52 && id.allSatisfy { ("0"..."9").contains($0) || ("A"..."Z").contains($0) })
            let other = try fixture.client.call("ListTables", Array("{}".utf8))
            #expect(other.headers["x-amzn-requestid"] != id)
            clock.advance(77 * 86400 + 3600)
            let later = try fixture.client.call("ListTables", Array("{}".utf8))
            #expect(later.headers["date"] == "Sun, 28 Feb 2016 10:46:40 GMT")
            clock.advance(86400)
            let leap = try fixture.client.call("ListTables", Array("{}".utf8))
            #expect(leap.headers["date"] == "Mon, 29 Feb 2016 10:46:40 GMT")
        }
    }

    @Test(arguments: ["Content-Type: text/plain", "Content-Type: application/x-amz-json-1.1", "X: y"])
    func anotherContentTypeIsNotFound(header: String) async throws {
        try await Fixture.run { fixture in
            try fixture.client.send(Self.post(header, Self.listTables))
            let response = try fixture.client.response()
            #expect(response.status == 404)
            #expect(response.text == "<UnknownOperationException/>\n")
            #expect(response.headers["x-amz-crc32"] == "3552371480")
        }
    }

    @Test(arguments: ["application/json", "application/x-amz-json-1.0; charset=utf-8", "APPLICATION/JSON"])
    func jsonTypesAreTaken(type: String) async throws {
        try await Fixture.run { fixture in
            try fixture.client.send(Self.post("Content-Type: \(type)", Self.listTables))
            #expect(try fixture.client.response().status == 200)
        }
    }

    @Test(arguments: ["DynamoDB_20120810.Nonsense", "DynamoDB_20111205.ListTables", "ListTables", ""])
    func unknownOperationsAreNamedSo(target: String) async throws {
        try await Fixture.run { fixture in
            try fixture.client.send(Self.post(Self.json, "X-Amz-Target: \(target)"))
            let response = try fixture.client.response()
            #expect(response.status == 400)
            #expect(response.text == #"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#)
        }
    }

    @Test(arguments: ["", "{", "[]", "{\"a\":}", "nonsense", "{} {}", "{\"a\":\"\u{1}\"}", #"{"a":"\ud800"}"#])
    func aBodyThatIsNoObjectIsASerializationFault(body: String) async throws {
        try await Fixture.run { fixture in
            let response = try fixture.client.call("ListTables", Array(body.utf8))
            #expect(response.status == 400)
            #expect(response.text.hasPrefix(#"{"__type":"com.amazon.coral.service#SerializationException","Message":""#))
        }
    }

    @Test func connectionsStayOpenUnlessToldOtherwise() async throws {
        try await Fixture.run { fixture in
            for _ in 0..<3 { #expect(try fixture.client.call("ListTables", Array("{}".utf8)).status == 200) }
            try fixture.client.send(Self.post(Self.json, Self.listTables, "Connection: close"))
            #expect(try fixture.client.response().headers["connection"] == "close")
            #expect(try fixture.client.isClosed())
            let old = try HTTPClient(port: fixture.port)
            try old.send("POST / HTTP/1.0\r\n\(Self.json)\r\n\(Self.listTables)\r\nContent-Length: 2\r\n\r\n{}")
            #expect(try old.response().status == 200)
            #expect(try old.isClosed())
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable("one", "pk:S")
            let describe = Self.post(
                Self.json, "X-Amz-Target: DynamoDB_20120810.DescribeTable", body: #"{"TableName":"one"}"#)
            try fixture.client.send(describe + Self.post(Self.json, Self.listTables) + describe)
            let texts = try (0..<3).map { _ in try fixture.client.response().text }
            #expect(texts[0].hasPrefix(#"{"Table""#) && texts[1] == #"{"TableNames":["one"]}"# && texts[2] == texts[0])
        }
    }

    @Test func chunkedBodiesAndContinueAreUnderstood() async throws {
        try await Fixture.run { fixture in
            try fixture.client.send(
                "POST / HTTP/1.1\r\nHost: x\r\n\(Self.json)\r\n\(Self.listTables)\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
            )
            #expect(try fixture.client.response().status == 200)
            try fixture.client.send(
                "POST / HTTP/1.1\r\nHost: x\r\n\(Self.json)\r\n\(Self.listTables)\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            #expect(try fixture.client.response().status == 100)
            try fixture.client.send("{}")
            #expect(try fixture.client.response().status == 200)
        }
    }

    @Test func aBodyOver16MiBIsRefusedAndTheConnectionGoesOn() async throws {
        try await Fixture.run { fixture in
            // What is read is no JSON from its first byte on, so that reading it takes no time.
            var body = [UInt8](repeating: UInt8(ascii: "x"), count: 16 * 1024 * 1024)
            let whole = try fixture.client.call("ListTables", body)
            body.append(UInt8(ascii: " "))
            let over = try fixture.client.call("ListTables", body)
            let next = try fixture.client.call("ListTables", Array("{}".utf8))
            #expect([whole, over, next].map(\.status) == [400, 413, 200])
        }
    }

    @Test func overlongHeadersAreRefused() async throws {
        try await Fixture.run { fixture in
            try fixture.client.send(Self.post(Self.json, Self.listTables, "X: " + String(repeating: "x", count: 17_000)))
            #expect(try fixture.client.response().status == 400)
        }
    }

    @Test(arguments: ["nonsense\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "\0\0\0\0", "POST / HTTP/9\r\n\r\n"])
    func whatIsNotHTTPEndsTheConnectionOnly(garbage: String) async throws {
        try await Fixture.run { fixture in
            let other = try HTTPClient(port: fixture.port)
            try other.send(garbage)
            #expect(try other.response().status == 400)
            #expect(try fixture.client.call("ListTables", Array("{}".utf8)).status == 200)
        }
    }

    @Test func bodiesThatAreNotCompressedAsTheySayAreRefused() async throws {
        try await Fixture.run { fixture in
            try fixture.client.send(Self.post(Self.json, Self.listTables, "Content-Encoding: gzip"))
            let response = try fixture.client.response()
            #expect(response.status == 500)
            #expect(response.text.contains("Content-Encoding"))
        }
    }

    @Test func aPortInUseIsNamed() async throws {
        try await Fixture.run { fixture in
            var configuration = EndpointConfiguration()
            configuration.port = fixture.port
            do {
                let second = try await Endpoint.start(configuration)
                await second.shutdown()
                Issue.record("two endpoints listen on one port")
            } catch let error as EndpointError {
                #expect(error.description.hasPrefix("Cannot listen on 127.0.0.1 port \(fixture.port)"))
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4]) func mutilatedRequestsAreAnsweredAndNeverEndTheServer(seed: UInt64) async throws {
        var random = SeededGenerator(state: seed)
        let valid: [(String, String)] = [
            (
                "PutItem",
                #"{"TableName":"one","Item":{"pk":{"S":"a\u00e9"},"n":{"N":"-1.5e3"},"m":{"M":{"l":{"L":[{"B":"AAE="}]}}},"s":{"SS":["x","y"]}}}"#
            ),
            (
                "BatchWriteItem",
                #"{"RequestItems":{"one":[{"PutRequest":{"Item":{"pk":{"S":"b"}}}},{"DeleteRequest":{"Key":{"pk":{"S":"c"}}}}]}}"#
            ),
            (
                "Query",
                ##"{"TableName":"one","KeyConditionExpression":"#p = :p","ExpressionAttributeNames":{"#p":"pk"},"ExpressionAttributeValues":{":p":{"S":"a"}}}"##
            ),
            ("Scan", #"{"TableName":"one","Segment":1,"TotalSegments":3,"Limit":5}"#),
            (
                "CreateTable",
                #"{"TableName":"two","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}}"#
            ),
        ]
        try await Fixture.run { fixture in
            try fixture.createTable("one", "pk:S")
            for _ in 0..<300 {
                let (operation, text) = valid[Int.random(in: 0..<valid.count, using: &random)]
                var body = Array(text.utf8)
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let at = Int.random(in: 0..<body.count, using: &random)
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: body[at] = UInt8.random(in: 0...255, using: &random)
                    case 1: body.remove(at: at)
                    case 2: body.removeSubrange(at...)
                    default: body.insert(body[Int.random(in: 0..<body.count, using: &random)], at: at)
                    }
                    if body.isEmpty { body = [0x7B] }
                }
                let response = try fixture.client.call(operation, body)
                #expect([200, 400].contains(response.status), "\(operation) \(String(decoding: body, as: UTF8.self)): \(response.text)")
            }
            #expect(try fixture.client.call("ListTables", Array("{}".utf8)).status == 200)
        }
    }
}
