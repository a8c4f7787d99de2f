import SaltmillDynamoDB
import Testing

@Suite struct BatchGetTests {
    private func read(_ text: String) throws -> (items: [String], unprocessed: [String], consumed: Double?) {
        let answer = try BatchGetAnswer(reading: Array(text.utf8), table: "t")
        return (
            answer.items.map { String(decoding: answer.body[$0], as: UTF8.self) },
            answer.unprocessed.map { String(decoding: $0, as: UTF8.self) }, answer.consumed
        )
    }

    @Test func itemsAndKeysComeAsTheyStand() throws {
        let found = try read(
            #"{"Responses": {"u":[{"a":{"S":"no"}}],"t": [ {"a":{"S":"1"}}, {"a":{"N":"1.0"}}]},"#
                + #""UnprocessedKeys":{"t":{"ConsistentRead":true,"Keys":[{"a":{"S":"3"}}]}},"ConsumedCapacity":[{"CapacityUnits":1.5},{"CapacityUnits":2}]}"#
        )
        #expect(found.items == [#"{"a":{"S":"1"}}"#, #"{"a":{"N":"1.0"}}"#])
        #expect(found.unprocessed == [#"{"a":{"S":"3"}}"#])
        #expect(found.consumed == 3.5)
    }

    @Test(arguments: [#"{}"#, #"{"Responses":{},"UnprocessedKeys":{}}"#, #"{"Responses":{"t":[]},"ConsumedCapacity":[]}"#])
    func nothingIsNothing(text: String) throws {
        let found = try read(text)
        #expect(found.items.isEmpty && found.unprocessed.isEmpty && found.consumed == nil)
    }

    @Test(arguments: ["", "[]", #"{"Responses":{"t":[{"a":]}}"#, #"{"Responses":{"t":[]}"#])
    func whatIsNoAnswerIsRefused(text: String) { #expect(throws: DynamoDBFailure.self) { try read(text) } }
}
