import SaltmillDelivery
import Testing

@Suite struct ReadCeilingTests {
    @Test(arguments: [
        ("100/s", ReadCeiling.units(100)), ("0.5/s", .units(0.5)), ("50%", .share(0.5)), ("100%", .share(1)), ("none", .none),
    ])
    func ceilingsAreReadAndWritten(text: String, ceiling: ReadCeiling) throws {
        #expect(try ReadCeiling(parsing: text) == ceiling)
        #expect(ceiling.description == text)
    }

    @Test(arguments: ["", "100", "0/s", "-1/s", "1e3/s", "101%", "0%", "%", "/s", "100 items/s", "NONE", "inf/s"])
    func otherTextIsRefused(text: String) {
        #expect(throws: ReadCeiling.Malformed.self) { try ReadCeiling(parsing: text) }
    }
}
