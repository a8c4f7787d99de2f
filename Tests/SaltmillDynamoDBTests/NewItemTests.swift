import SaltmillBytes
import SaltmillDynamoDB
import Testing

@Suite struct NewItemTests {
    private let item = Array(#"{"pk":{"S":"a\"b"},"n":{"N":"1.50"},"s":{"SS":["x","y"]}}"#.utf8)

    @Test func theBodyIsAPutOnConditionThatNoItemHasTheKey() throws {
        let head = NewItemHead(table: "t", hash: #"p"k"#, capacity: .indexes)
        let json = try JSONValue(parsing: head.body(item.span).span)
        #expect(json["TableName"] == "t" && json["ReturnConsumedCapacity"] == "INDEXES")
        #expect(json["ConditionExpression"] == "attribute_not_exists(#key)")
        #expect(json["ExpressionAttributeNames"] == ["#key": #"p"k"#])
        #expect(json["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD")
        #expect(json["Item"] == (try JSONValue(parsing: item.span)))
    }

    @Test func theItemOfABodyEqualsTheSameContentWrittenOtherwise() throws {
        let body = NewItemHead(table: "t", hash: "pk", capacity: .none).body(item.span)
        let same = try Item(JSONValue(parsing: #"{"s":{"SS":["y","x"]},"n":{"N":"15e-1"},"pk":{"S":"a\u0022b"}}"#.utf8.span))
        #expect(NewItemHead.item(in: body) == same)
        #expect(NewItemHead.item(in: Array("{}".utf8)) == nil)
    }

    @Test(arguments: [ReturnedCapacity.indexes, .total, .none]) func whatABodyAsksForCanBeChanged(_ capacity: ReturnedCapacity) {
        let head = NewItemHead(table: "t", hash: "pk", capacity: .indexes).asking(for: capacity)
        #expect(ReturnedCapacity(askedIn: head.body(item.span)) == capacity)
        var batch = BatchWriteBody(BatchWriteHead(table: "t", capacity: .none).asking(for: capacity), requests: 1, itemBytes: item.count)
        batch.put(item.span)
        #expect(ReturnedCapacity(askedIn: batch.finish()) == capacity)
    }

    @Test func theAnswerSaysWhatWasUsedOrNothing() throws {
        let full = #"{"Attributes":{},"ConsumedCapacity":{"TableName":"t","CapacityUnits":2,"Table":{"CapacityUnits":2}}}"#
        #expect(try NewItemAnswer.capacity(full.utf8.span)?.table == 2)
        #expect(try NewItemAnswer.capacity("{}".utf8.span) == nil)
        #expect(try NewItemAnswer.capacity(#"{"ConsumedCapacity":null}"#.utf8.span) == nil)
        #expect(throws: DynamoDBFailure.self) { try NewItemAnswer.capacity("{".utf8.span) }
    }

    @Test func aFailedConditionTellsWhatIsThere() {
        func error(_ body: String) -> DynamoDBError {
            DynamoDBError(HTTPResponse(status: 400, headers: ResponseHeaders(), body: Array(body.utf8)))
        }
        let type = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
        #expect(error(#"{"__type":"\#(type)","message":"m","Item":{"pk":{"S":"a"}}}"#).item == Item([Attribute("pk", .s("a"))]))
        #expect(error(#"{"__type":"\#(type)","message":"m"}"#).item == nil)
    }
}
