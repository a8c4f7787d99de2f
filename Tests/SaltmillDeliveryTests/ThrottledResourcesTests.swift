import SaltmillDelivery
import SaltmillDynamoDB
import Testing

@Suite struct ThrottledResourcesTests {
    private static let table = "arn:aws:dynamodb:eu-central-1:123456789012:table/t"

    private func named(_ reasons: [(reason: String, resource: String)]) -> UInt32 {
        var error = DynamoDBError(code: "ThrottlingException", message: "", status: 400, errorClass: .throttling)
        error.throttlingReasons = reasons.map { .init(reason: $0.reason, resource: $0.resource) }
        return ThrottledResources.named(in: .service(error), indexNames: ["day", "by-day"])
    }

    @Test func namesTableAndIndexes() {
        #expect(named([("TableWriteKeyRangeThroughputExceeded", Self.table)]) == 0b001)
        #expect(named([("IndexWriteProvisionedThroughputExceeded", Self.table + "/index/by-day")]) == 0b100)
        let both = [("TableWriteAccountLimitExceeded", Self.table), ("IndexWriteKeyRangeThroughputExceeded", Self.table + "/index/day")]
        #expect(named(both) == 0b011)
    }

    @Test func whatIsNotToldOrNotKnownMayBeAnything() {
        #expect(named([]) == .max)
        #expect(named([("IndexWriteKeyRangeThroughputExceeded", Self.table + "/index/new")]) == .max)
        #expect(ThrottledResources.named(in: .malformedAnswer("?"), indexNames: ["day"]) == .max)
    }
}
