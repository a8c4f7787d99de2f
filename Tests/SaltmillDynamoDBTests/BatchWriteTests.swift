import SaltmillBytes
import SaltmillDynamoDB
import Testing

@Suite struct BatchWriteTests {
    private func canonical(_ values: [(Character, [UInt8])]) -> UInt64 {
        var key: [UInt8] = []
        for (type, value) in values {
            key += [type.asciiValue ?? 0] + [24, 16, 8, 0].map { UInt8(value.count >> $0 & 0xFF) } + value
        }
        return KeyHash.hash64(key.span)
    }

    private func read(_ text: String, _ schema: KeySchema) throws -> BatchWriteAnswer {
        try BatchWriteAnswer.read(Array(text.utf8).span, table: "t", keySchema: schema)
    }

    private static let simple = KeySchema(hash: KeyAttribute("pk", .S))
    private static let composed = KeySchema(hash: KeyAttribute("pk", .S), range: KeyAttribute("n", .N))

    @Test func bodiesAreTheItemsJoined() throws {
        var body = BatchWriteBody(BatchWriteHead(table: "t", capacity: .indexes), requests: 3, itemBytes: 60)
        body.put(Array(#"{"pk":{"S":"a"}}"#.utf8).span)
        body.delete(openKey: Array(#"{"pk":{"S":"b"}"#.utf8).span)
        body.put(Array(#"{"pk":{"S":"c"}}"#.utf8).span)
        let bytes = body.finish()
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"ReturnConsumedCapacity":"INDEXES","RequestItems":{"t":[{"PutRequest":{"Item":{"pk":{"S":"a"}}}},"#
                + #"{"DeleteRequest":{"Key":{"pk":{"S":"b"}}}},{"PutRequest":{"Item":{"pk":{"S":"c"}}}}]}}"#)
        #expect(throws: Never.self) { try JSONValue(parsing: bytes.span) }
    }

    @Test func roomForABodyIsMadeOnce() {
        let item = Array(#"{"pk":{"S":"abcdefgh"}}"#.utf8)
        for deletes in [0, 25] {
            let head = BatchWriteHead(table: "table", capacity: .none)
            let itemBytes = 25 * item.count
            var body = BatchWriteBody(head, requests: 25, itemBytes: itemBytes)
            for index in 0..<25 {
                if index < deletes { body.delete(openKey: item.span.extracting(droppingLast: 1)) } else { body.put(item.span) }
            }
            let bytes = body.finish()
            #expect(bytes.capacity < bytes.count + bytes.count / 4, "an array that has grown has room to double")
        }
    }

    @Test func anEmptyAnswerIsReadWithWhatWasUsed() throws {
        let answer = try read(
            #"{"UnprocessedItems":{},"ItemCollectionMetrics":{"t":[]},"ConsumedCapacity":[{"TableName":"t","CapacityUnits":6.5,"#
                + #""Table":{"CapacityUnits":3.0,"ReadCapacityUnits":1},"GlobalSecondaryIndexes":{"by_o":{"CapacityUnits":2},"#
                + #""b\u0079":{"CapacityUnits":1e0}},"LocalSecondaryIndexes":{"l":{"CapacityUnits":0.5}},"Vector":[1]}],"New":null}"#,
            Self.simple)
        #expect(answer.unprocessed.isEmpty)
        let capacity = try #require(answer.capacity)
        #expect(capacity.total == 6.5 && capacity.table == 3)
        #expect(capacity.globalIndexes == [.init("by_o", 2), .init("by", 1)])
        #expect(capacity.localIndexes == [.init("l", 0.5)])
    }

    @Test(arguments: [
        #"{"UnprocessedItems":{}}"#, #" {"ConsumedCapacity":null,"UnprocessedItems": { } } "#, #"{"UnprocessedItems":{"t":[]}}"#,
    ])
    func whatWasUsedMayBeMissing(text: String) throws { #expect(try read(text, Self.simple) == BatchWriteAnswer()) }

    @Test func whatCameBackIsKnownByItsKeyHoweverItIsWritten() throws {
        let answer = try read(
            #"{"UnprocessedItems":{"t":[{"PutRequest":{"Item":{"z":{"L":[{"S":"pk"}]},"n":{"N":"1e3"},"pk":{"S":"a\u0062"}}}},"#
                + #"{"DeleteRequest":{"Key":{"pk" : {"S": "ab"}, "n" : {"N":"1000.50"}}}}]}}"#, Self.composed)
        let text = Array("ab".utf8)
        #expect(
            answer.unprocessed == [
                canonical([("S", text), ("N", Array("1000".utf8))]), canonical([("S", text), ("N", Array("1000.5".utf8))]),
            ])
        let binary = try read(
            #"{"UnprocessedItems":{"t":[{"PutRequest":{"Item":{"k":{"B":"AP8="}}}}]}}"#, KeySchema(hash: KeyAttribute("k", .B)))
        #expect(binary.unprocessed == [canonical([("B", [0, 255])])])
    }

    @Test(arguments: [
        "", "{}", "null", "[]", #"{"UnprocessedItems":null}"#, #"{"UnprocessedItems":[]}"#, #"{"UnprocessedItems":{"t":{}}}"#,
        #"{"UnprocessedItems":{"other":[]}}"#, #"{"UnprocessedItems":{"t":[{}]}}"#, #"{"UnprocessedItems":{"t":[null]}}"#,
        #"{"UnprocessedItems":{"t":[{"PutRequest":{}}]}}"#, #"{"UnprocessedItems":{"t":[{"UpdateRequest":{"Key":{"pk":{"S":"a"}}}}]}}"#,
        #"{"UnprocessedItems":{"t":[{"PutRequest":{"Item":{"x":{"S":"a"}}}}]}}"#,
        #"{"UnprocessedItems":{"t":[{"PutRequest":{"Item":{"pk":{"N":"1"}}}}]}}"#,
        #"{"UnprocessedItems":{"t":[{"PutRequest":{"Item":{"pk":"a"}}}]}}"#, #"{"UnprocessedItems":{}"#, #"{"UnprocessedItems":{}} x"#,
        #"{"UnprocessedItems":{"t":[{"PutRequest":{"Item":{"pk":{"S":"a"}}}}"#,
        #"{"UnprocessedItems":{},"ConsumedCapacity":[{"CapacityUnits":"3"}]}"#, "<html></html>",
    ])
    func anAnswerThatDoesNotSayPlainlyWhatCameBackIsAnError(text: String) throws {
        let failure = try #require(throws: DynamoDBFailure.self) { try read(text, Self.simple) }
        guard case .malformedAnswer(let sentence) = failure else { return #expect(Bool(false), "\(failure)") }
        #expect(sentence.hasPrefix("the answer to BatchWriteItem"))
        #expect(failure.mayHaveBeenApplied)
    }
}
