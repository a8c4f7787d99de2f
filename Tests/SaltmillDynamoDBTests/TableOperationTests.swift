import SaltmillBytes
import SaltmillDynamoDB
import Testing

/// The typed operations, against a server that answers what it is told.
@Suite(.timeLimit(.minutes(1))) struct TableOperationTests {
    private static func table(_ status: String, index: String? = nil) -> String {
        let key = #""KeySchema":[{"AttributeName":"h","KeyType":"HASH"}]"#
        let indexes = index.map { #","GlobalSecondaryIndexes":[{"IndexName":"i","IndexStatus":"\#($0)",\#(key)}]"# } ?? ""
        return
            #"{"TableName":"t","TableStatus":"\#(status)",\#(key),"AttributeDefinitions":[{"AttributeName":"h","AttributeType":"S"}]\#(indexes)}"#
    }

    private static func target(_ request: LoopbackServer.Request) -> String {
        String(request.header("X-Amz-Target")?.split(separator: ".").last ?? "")
    }

    @Test func aNewTableIsWaitedForWithItsIndexes() async throws {
        let server = try LoopbackServer { number, _ in
            switch number {
            case 1: .refusal("ResourceNotFoundException")
            case 2: .answer(200, body: #"{"Table":\#(Self.table("CREATING"))}"#)
            case 3: .answer(200, body: #"{"Table":\#(Self.table("ACTIVE", index: "CREATING"))}"#)
            default: .answer(200, body: #"{"Table":\#(Self.table("ACTIVE", index: "ACTIVE"))}"#)
            }
        }
        defer { server.close() }
        let clock = JumpingClock()
        let description = try await client(of: server, clock: clock).waitUntilActive("t", deadline: .seconds(60))
        #expect(description.isActive)
        #expect(clock.sleeps == [.milliseconds(100), .milliseconds(200), .milliseconds(400)])
    }

    @Test(arguments: [("CREATING", nil, "CREATING"), ("ACTIVE", "CREATING", "CREATING (its index i)")])
    func waitingEndsAtTheDeadline(status: String, index: String?, told: String) async throws {
        let server = try LoopbackServer { _, _ in .answer(200, body: #"{"Table":\#(Self.table(status, index: index))}"#) }
        defer { server.close() }
        let clock = JumpingClock()
        let client = try await client(of: server, clock: clock)
        let failure = try await #require(throws: DynamoDBFailure.self) { try await client.waitUntilActive("t", deadline: .seconds(30)) }
        #expect(failure == .notActive(table: "t", status: told))
        #expect(clock.now.offset <= .seconds(30) && clock.now.offset > .seconds(20))
    }

    @Test func otherFaultsEndTheWait() async throws {
        let server = try LoopbackServer { _, _ in .refusal("AccessDeniedException") }
        defer { server.close() }
        let client = try await client(of: server)
        let failure = try await #require(throws: DynamoDBFailure.self) { try await client.waitUntilActive("t", deadline: .seconds(30)) }
        #expect(failure.errorClass == .accessDenied)
    }

    @Test func tagsAreReadPageByPage() async throws {
        let server = try LoopbackServer { _, request in
            String(decoding: request.body, as: UTF8.self).contains("NextToken")
                ? .answer(200, body: #"{"Tags":[{"Key":"b","Value":"2"}]}"#)
                : .answer(200, body: #"{"Tags":[{"Key":"a","Value":"1"}],"NextToken":"n"}"#)
        }
        defer { server.close() }
        #expect(try await client(of: server).listTags(arn: "arn") == [Tag("a", "1"), Tag("b", "2")])
    }

    @Test(arguments: [true, false])
    func aServerWithoutTagsIsNoError(answersJSON: Bool) async throws {
        let server = try LoopbackServer { _, _ in
            answersJSON ? .refusal("UnknownOperationException") : .answer(404, body: "<UnknownOperationException/>\n")
        }
        defer { server.close() }
        let client = try await client(of: server)
        #expect(try await client.listTags(arn: "arn") == nil)
        #expect(try await client.tagResource(arn: "arn", [Tag("a", "1")]) == false)
    }

    @Test func taggingHasAnEmptyAnswer() async throws {
        let server = try LoopbackServer { _, _ in .answer(200, body: "") }
        defer { server.close() }
        #expect(try await client(of: server).tagResource(arn: "arn", [Tag("a", "1")]))
        var requests = server.requests.makeAsyncIterator()
        let body = try #require(await requests.next()).body
        #expect(String(decoding: body, as: UTF8.self) == #"{"ResourceArn":"arn","Tags":[{"Key":"a","Value":"1"}]}"#)
    }

    @Test func pagesOfAQueryFollowEachOther() async throws {
        let server = try LoopbackServer { number, _ in
            number == 1
                ? .answer(
                    200,
                    body: #"{"Items":[{"h":{"S":"a"},"n":{"N":"1.50"}}],"Count":1,"ScannedCount":4,"LastEvaluatedKey":{"h":{"S":"a"}},"#
                        + #""ConsumedCapacity":{"TableName":"t","CapacityUnits":0.5}}"#)
                : .answer(200, body: #"{"Count":0,"Items":[]}"#)
        }
        defer { server.close() }
        let client = try await client(of: server)
        var request = QueryRequest(table: "t", keyCondition: "#h = :h")
        request.names = ["#h": "h"]
        request.values = [":h": .s("a")]
        request.limit = 5
        let first = try await client.query(request)
        #expect(first.items == [Item([Attribute("h", .s("a")), Attribute("n", .n("1.5"))])])
        #expect(first.scannedCount == 4 && first.consumed == 0.5)
        request.start = first.next
        let second = try await client.query(request)
        #expect(second.items.isEmpty && second.next == nil && second.consumed == nil)
        var requests = server.requests.makeAsyncIterator()
        _ = await requests.next()
        let bytes = try #require(await requests.next()).body
        let body = try JSONValue(parsing: bytes.span)
        #expect(body["ExclusiveStartKey"] == ["h": ["S": "a"]])
        #expect(body["ExpressionAttributeValues"] == [":h": ["S": "a"]])
        #expect(body["ExpressionAttributeNames"] == ["#h": "h"])
        #expect(body["Limit"] == 5 && body["ScanIndexForward"] == true && body["KeyConditionExpression"] == "#h = :h")
    }

    @Test(arguments: ["{}", #"{"Items":{}}"#, #"{"Items":[{"a":{"X":1}}]}"#, #"{"Items":[]"#])
    func aPageThatIsNoneIsAnError(body: String) async throws {
        let server = try LoopbackServer { _, _ in .answer(200, body: body) }
        defer { server.close() }
        let client = try await client(of: server)
        let failure = try await #require(throws: DynamoDBFailure.self) { try await client.scan(ScanRequest(table: "t")) }
        guard case .malformedAnswer = failure else { return #expect(Bool(false), "\(failure)") }
    }

    @Test func anItemIsReadOrMissing() async throws {
        let server = try LoopbackServer { number, _ in .answer(200, body: number == 1 ? #"{"Item":{"h":{"S":"a"}}}"# : "{}") }
        defer { server.close() }
        let client = try await client(of: server)
        let key = Item([Attribute("h", .s("a"))])
        #expect(try await client.getItem(table: "t", key: key) == key)
        #expect(try await client.getItem(table: "t", key: key) == nil)
    }

    @Test func tablesAreListedCreatedChangedAndDeleted() async throws {
        let server = try LoopbackServer { _, request in
            let body = String(decoding: request.body, as: UTF8.self)
            return switch Self.target(request) {
            case "ListTables":
                .answer(200, body: body == "{}" ? #"{"TableNames":["a"],"LastEvaluatedTableName":"a"}"# : #"{"TableNames":["b"]}"#)
            case "CreateTable": .answer(200, body: #"{"TableDescription":\#(Self.table("CREATING"))}"#)
            case "UpdateTable": .answer(200, body: #"{"TableDescription":\#(Self.table("UPDATING"))}"#)
            case "DeleteTable": .answer(200, body: "{}")
            default: .refusal("UnknownOperationException")
            }
        }
        defer { server.close() }
        let client = try await client(of: server)
        #expect(try await client.listTables() == ["a", "b"])
        let definition = TableDefinition(name: "t", key: KeySchema(hash: KeyAttribute("h", .S)), billing: .onDemand)
        #expect(try await client.createTable(definition).status == "CREATING")
        let changed = try await client.updateThroughput(
            "t", table: Throughput(read: 1, write: 2), indexes: [("i", Throughput(read: 3, write: 4))])
        #expect(changed.status == "UPDATING")
        try await client.deleteTable("t")
        var bodies: [String] = []
        for await request in server.requests {
            bodies.append(String(decoding: request.body, as: UTF8.self))
            if bodies.count == 5 { break }
        }
        #expect(
            bodies[3]
                == #"{"TableName":"t","ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":2},"GlobalSecondaryIndexUpdates":"#
                + #"[{"Update":{"IndexName":"i","ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":4}}}]}"#)
        #expect(bodies[4] == #"{"TableName":"t"}"#)
    }
}
