import SaltmillItems
import SaltmillMigration
import Testing

@Suite struct SpecMaskTests {
    private let environment = ["SALTMILL_MASK_SECRET": "0123456789abcdef"]

    private func spec(
        purpose: String = "test", key: String = "type: S", attribute: String = "type: S, personal: true, mask: email"
    ) throws(SpecError) -> MigrationSpec {
        try MigrationSpec(
            yaml: """
                version: 1
                job: j
                source: { file: a.csv }
                target: { table: people, purpose: \(purpose) }
                key: { hash: { attribute: id, \(key) } }
                attributes: { mail: { \(attribute) } }
                rate: { ceiling: none }
                """, file: "f.yaml", environment: [:])
    }

    @Test(arguments: [
        ("type: S, mask: redact", "type: S", "rows that have different keys"),
        ("type: S, mask: \"null\"", "type: S", "rows that have different keys"),
        ("type: S", "type: M, mask: hash", "use `null`"),
        ("type: S", "type: S, mask: \"null\", null: reject", "every row rejected"),
        ("type: S", "type: S, personal: perhaps", "`true` or `false`"),
        ("type: S", "type: S, mask: rot13", "hash"),
    ])
    func masksThatDoHarmAreRefused(_ key: String, _ attribute: String, _ message: String) throws {
        let error = #expect(throws: SpecError.self) { _ = try spec(key: key, attribute: attribute) }
        #expect("\(try #require(error))".contains(message))
    }

    @Test func personalDataIsNotWrittenUnmaskedIntoATableForTests() throws {
        #expect(throws: (any Error).self) { try spec().checkPersonalData() }
        try spec(purpose: "production").checkPersonalData()
        try spec().masked(environment: environment).checkPersonalData()
    }

    @Test func aMaskedCopyNeedsAPurposeASecretAndAMaskForAllThatIsPersonal() throws {
        for (spec, environment, message) in [
            (try spec(purpose: "production"), environment, "purpose: test"),
            (try spec(attribute: "type: S, personal: true"), environment, "`mail`"),
            (try spec(attribute: "type: S"), environment, "no attribute"),
            (try spec(), [:], "not set"),
            (try spec(), ["SALTMILL_MASK_SECRET": "short"], "shorter"),
        ] {
            let error = #expect(throws: (any Error).self) { _ = try spec.masked(environment: environment) }
            #expect("\(try #require(error))".contains(message))
        }
    }

    /// Two secrets make two jobs, and neither stands in the fingerprint.
    @Test func aFingerprintTellsSecretsApartWithoutHoldingThem() throws {
        let plain = try spec(purpose: "production")
        let (one, other) = (
            try spec().masked(environment: environment), try spec().masked(environment: ["SALTMILL_MASK_SECRET": "0123456789abcdeg"])
        )
        #expect(Set([plain, one, other].map(\.fingerprint.digest)).count == 3)
        #expect(!one.fingerprint.text.contains("0123456789abcdef"))
        #expect(plain.fingerprint == (try spec()).fingerprint)
        let mapping = try one.resolve(columns: ["id", "mail"]).mapping
        #expect(mapping.maskSecret != nil && mapping.attributes.map(\.mask) == [nil, .email])
    }
}
