import SaltmillMigration
import SaltmillPacing
import Testing

@Suite struct SpecRateCeilingTests {
    @Test func everyFormIsRead() throws {
        let forms: [(String, RateCeiling)] = [
            ("800/s", .absolute(800, .units)), ("0.5/s", .absolute(0.5, .units)), ("800 units/s", .absolute(800, .units)),
            ("500 items/s", .absolute(500, .items)), ("500items/s", .absolute(500, .items)), ("64 B/s", .absolute(64, .bytes)),
            ("3 kB/s", .absolute(3000, .bytes)), ("2 MB/s", .absolute(2e6, .bytes)), ("1 GiB/s", .absolute(1_073_741_824, .bytes)),
            ("80%", .share(0.8)), ("12.5%", .share(0.125)), ("100%", .share(1)), ("none", .none),
        ]
        for (text, ceiling) in forms { #expect(try RateCeiling(parsing: text) == ceiling, "\(text)") }
    }

    @Test(arguments: [
        "", "s", "/s", "800", "-1/s", "1e3/s", "800/m", "0%", "101%", "%", "nan%", "inf/s", "1.2.3/s", "800 apples/s", "None", "８/s",
    ])
    func nothingElseIs(_ text: String) {
        #expect(throws: RateCeiling.Malformed.self) { try RateCeiling(parsing: text) }
    }

    @Test(arguments: ["800/s", "0.5/s", "500 items/s", "2000000 B/s", "7%", "12.5%", "80%", "100%", "none"])
    func aCeilingIsShownAsItIsRead(_ text: String) throws {
        #expect(try RateCeiling(parsing: text).description == text)
    }
}
