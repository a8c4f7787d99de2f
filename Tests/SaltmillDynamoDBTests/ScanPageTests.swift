import SaltmillBytes
import SaltmillDynamoDB
import Testing

/// Pages of a scan as bytes: where items stand, where to go on, and what is no page.
@Suite struct ScanPageTests {
    private func items(_ page: ScanPage) -> [String] {
        var items: [String] = []
        page.forEachItem { items.append(String(decoding: $0.array, as: UTF8.self)) }
        return items
    }

    @Test func itemsStandAsTheyCame() throws {
        let text =
            #"{"Count":2,"Items":[{"a":{"S":"}]\"{"}}, { "b" : {"M":{"x":{"L":[]}}} } ],"ScannedCount":5,"#
            + #""LastEvaluatedKey":{"a" :{"S":"\u00e4"}},"ConsumedCapacity":{"TableName":"t","CapacityUnits":1.5},"Other":[1]}"#
        let page = try ScanPage(reading: Array(text.utf8))
        #expect(items(page) == [#"{"a":{"S":"}]\"{"}}"#, #"{ "b" : {"M":{"x":{"L":[]}}} }"#])
        #expect(page.scannedCount == 5 && page.consumed == 1.5)
        #expect(page.next.map { String(decoding: $0, as: UTF8.self) } == #"{"a" :{"S":"\u00e4"}}"#)
    }

    @Test(arguments: [#"{"Items":[]}"#, #"{"Items":[],"LastEvaluatedKey":null,"ConsumedCapacity":null}"#])
    func aPageMayBeEmpty(text: String) throws {
        let page = try ScanPage(reading: Array(text.utf8))
        #expect(page.items.isEmpty && page.next == nil && page.consumed == nil && page.scannedCount == 0)
    }

    @Test(arguments: [
        "", "{}", "null", #"{"Count":0,"ScannedCount":0}"#, #"{"Items":{}}"#, #"{"Items":[1]}"#, #"{"Items":[{}],"Count":2}"#,
        #"{"Items":[],"Items":[]}"#, #"{"Items":[{"a":{"S":"x"}}]}}"#, #"{"Items":[{"a":{"S":"x}}]}"#,
    ])
    func whatIsNoPageIsAFault(text: String) {
        #expect(throws: DynamoDBFailure.self) { try ScanPage(reading: Array(text.utf8)) }
    }

    @Test func aPageCutOffAnywhereIsAFault() {
        let text = Array(#"{"Items":[{"a":{"S":"x"}},{"a":{"N":"1"}}],"Count":2,"ScannedCount":2,"LastEvaluatedKey":{"a":{"N":"1"}}}"#.utf8)
        for length in text.indices {
            #expect(throws: DynamoDBFailure.self, "\(length)") { try ScanPage(reading: Array(text[..<length])) }
        }
    }

    @Test func aBodyHasTheStartAsItCame() throws {
        var request = ScanRequest(table: "t")
        request.segment = (2, 5)
        request.filter = "#a > :v"
        request.names = ["#a": "a"]
        request.values = [":v": .n("1")]
        request.isConsistent = true
        let body = ScanBody(request)
        let first = try JSONValue(parsing: body.bytes(limit: nil, start: nil).span)
        #expect(first["Limit"] == nil && first["ExclusiveStartKey"] == nil && first["Segment"]?.int == 2)
        #expect(first["FilterExpression"] == "#a > :v" && first["ExpressionAttributeValues"]?[":v"] == ["N": "1"])
        let start = Array(#"{"k" : {"S":"\u0041"}}"#.utf8)
        let next = body.bytes(limit: 7, start: start)
        #expect(String(decoding: next, as: UTF8.self).hasSuffix(#","Limit":7,"ExclusiveStartKey":{"k" : {"S":"\u0041"}}}"#))
        #expect(try JSONValue(parsing: next.span)["ConsistentRead"] == true)
    }
}
