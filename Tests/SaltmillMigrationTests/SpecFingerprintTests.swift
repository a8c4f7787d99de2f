import SaltmillMigration
import Testing
import Yams

@Suite struct SpecFingerprintTests {
    /// However its mappings are ordered and its texts and collections written, a spec means the same.
    @Test(arguments: SpecExamples.names, 1...20)
    func reorderingAndReformattingChangesNothing(_ name: String, _ seed: Int) throws {
        let text = try SpecExamples.text(name)
        let spec = try MigrationSpec(yaml: text, file: "f", environment: SpecExamples.environment)
        var dice = Dice(state: UInt64(seed))
        let tree = try #require(try Yams.compose(yaml: text))
        let other = try Yams.serialize(node: shuffled(tree, &dice), width: seed.isMultiple(of: 2) ? 40 : -1)
        #expect(other != text)
        let again = try MigrationSpec(yaml: other, file: "f", environment: SpecExamples.environment)
        #expect(again.fingerprint.text == spec.fingerprint.text)
        #expect(again.fingerprint.digest == spec.fingerprint.digest)
    }

    private func shuffled(_ node: Node, _ dice: inout Dice) -> Node {
        switch node {
        case .scalar(let scalar):
            let styles: [Node.Scalar.Style] =
                scalar.style == .plain ? [.plain, .singleQuoted, .doubleQuoted] : [.singleQuoted, .doubleQuoted]
            return .scalar(Node.Scalar(scalar.string, Tag(.str), styles.randomElement(using: &dice) ?? .plain))
        case .sequence(let sequence):
            return .sequence(Node.Sequence(sequence.map { shuffled($0, &dice) }, .implicit, Bool.random(using: &dice) ? .flow : .block))
        case .mapping(let mapping):
            let pairs = mapping.map { ($0.key, shuffled($0.value, &dice)) }.shuffled(using: &dice)
            return .mapping(Node.Mapping(pairs, .implicit, Bool.random(using: &dice) ? .flow : .block))
        case .alias:
            return node
        }
    }

    /// SplitMix64, so that a failure can be repeated.
    private struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    @Test func theTextIsTheSameForever() throws {
        #expect(
            try SpecSample.read().fingerprint.text == """
                attributes.carrier.from\t"carrier"
                attributes.carrier.null\tomit
                attributes.carrier.type\tS
                attributes.delay.from\t"delay"
                attributes.delay.null\tomit
                attributes.delay.type\tN
                duplicates\tlast
                form\t1
                indexes.by_carrier.hash.attribute\t"carrier"
                key.hash.attribute\t"day"
                key.hash.from\t"day"
                key.hash.null\treject
                key.hash.salt.by\t["flight"]
                key.hash.salt.separator\t"."
                key.hash.salt.shards\t20
                key.hash.type\tS
                key.range.attribute\t"flight"
                key.range.from\t"flight"
                key.range.null\treject
                key.range.type\tS
                source.columns\tfrom the header
                source.delimiter\t","
                source.null\t[""]

                """)
        #expect(try SpecSample.read().fingerprint.digest == "22c9bece48483e4e20c09bd934a07b9f1b63a9a099966a1746b3399d95284a4c")
    }

    @Test(arguments: [
        ("rate: { ceiling: 800/s }", "rate: { ceiling: none }"),
        ("800/s", "800/s, zone: UTC, windows: [{ days: sun, from: 00:00, to: 24:00, ceiling: off }]"),
        ("drop: [legacy]", "rejects: { file: other, stop_after: 5 }"),
        ("delay: N", "delay: { type: N, about: minutes }"), ("delay: N", "delay: { type: N, from: delay, null: omit }"),
        ("{ table: flights }", "{ table: flights, existing: overwrite, create: { billing: on-demand } }"),
        ("hash: { attribute: carrier }", "hash: { attribute: carrier }, projection: keys"),
        ("{ file: flights.csv }", "{ file: moved/flights.csv, delimiter: \",\", header: true }"), ("job: flights", "job: renamed"),
        ("delay: N", "delay: N\nduplicates: last"),
    ])
    func whatShapesNoItemMayChange(_ old: String, _ new: String) throws {
        #expect(try SpecSample.read(old, new).fingerprint == SpecSample.read().fingerprint)
    }

    @Test(arguments: [
        ("shards: 20", "shards: 40", "key.hash.salt.shards: 20 → 40"),
        ("by: [flight]", "by: [flight, day]", "key.hash.salt.by: [\"flight\"] → [\"flight\",\"day\"]"),
        ("by: [flight]", "by: [flight], separator: \"#\"", "key.hash.salt.separator: \".\" → \"#\""),
        ("delay: N", "delay: S", "attributes.delay.type: N → S"),
        ("delay: N", "delay: { from: late, type: N }", "attributes.delay.from: \"delay\" → \"late\""),
        ("delay: N", "delay: { type: N, null: reject }", "attributes.delay.null: omit → reject"),
        ("{ file: flights.csv }", "{ file: flights.csv, null: NA }", "source.null: [\"\"] → [\"NA\"]"),
        ("{ file: flights.csv }", "{ file: flights.csv, delimiter: \";\" }", "source.delimiter: \",\" → \";\""),
        ("drop: [legacy]", "duplicates: first", "duplicates: last → first"),
        ("attribute: flight, type: S", "attribute: flight, type: N", "key.range.type: S → N"),
        ("hash: { attribute: carrier }", "hash: { attribute: delay }", "indexes.by_carrier.hash.attribute: \"carrier\" → \"delay\""),
    ])
    func whatShapesItemsIsShownWhenItChanges(_ old: String, _ new: String, _ difference: String) throws {
        let (before, after) = (try SpecSample.read().fingerprint, try SpecSample.read(old, new).fingerprint)
        #expect(before.digest != after.digest)
        #expect(before.differences(to: after).map(\.description) == [difference])
        #expect(SpecFingerprint(text: before.text).differences(to: before).isEmpty)
    }

    @Test func whatALineOfJSONMayHoldShapesItems() throws {
        let (csv, json) = ("{ file: flights.csv }", "{ file: flights.jsonl }")
        let before = try SpecSample.read(csv, json).fingerprint
        let text = SpecSample.text.replacing(csv, with: json).replacing("drop: [legacy]", with: "drop: [legacy, note]")
        let after = try MigrationSpec(yaml: text, file: "specs/flights.yaml", environment: [:]).fingerprint
        let columns = #"["carrier","day","delay","flight","legacy"]"#
        #expect(before.differences(to: after).map(\.description) == ["source.columns: \(columns) → \(columns.dropLast()),\"note\"]"])
        #expect(before.text.contains("source.format\tjsonl\n"))
    }

    @Test func attributesThatComeAndGoAreShown() throws {
        let (before, after) = (
            try SpecSample.read().fingerprint, try SpecSample.read("delay: N", "\"a.b\\t\": { constant: \"x\\ny\", type: S }").fingerprint
        )
        #expect(
            before.differences(to: after).map(\.description) == [
                "attributes.\"a.b\\t\".constant: absent → \"x\\ny\"", "attributes.\"a.b\\t\".null: absent → omit",
                "attributes.\"a.b\\t\".type: absent → S", "attributes.delay.from: \"delay\" → absent",
                "attributes.delay.null: omit → absent", "attributes.delay.type: N → absent",
            ])
    }

    @Test func namesThatDifferInUnicodeNormalizationAreDifferentNames() throws {
        let composed = try SpecSample.read("delay: N", "\"\u{E9}\": { constant: x, type: S }").fingerprint
        let decomposed = try SpecSample.read("delay: N", "\"e\u{301}\": { constant: x, type: S }").fingerprint
        #expect(composed != decomposed)
        #expect(composed.differences(to: decomposed).count == 6)
    }

    @Test func aSurveyDependsOnHowKeysAreMadeOnly() throws {
        let sample = try SpecSample.read()
        for (old, new) in [("shards: 20", "shards: 40"), ("delay: N", "delay: S"), ("drop: [legacy]", "duplicates: first")] {
            #expect(try SpecSample.read(old, new).keyFingerprint == sample.keyFingerprint)
        }
        #expect(try SpecSample.read("flight, type: S", "flight, type: N").keyFingerprint != sample.keyFingerprint)
    }
}
