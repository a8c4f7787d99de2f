import Foundation
import SaltedKeys
import SaltmillDynamoDB
import SaltmillItems
import SaltmillMigration
import SaltmillPacing
import SaltmillSources
import Testing

@Suite struct SpecReadingTests {
    @Test func anUnspoiltSampleIsRead() throws {
        let spec = try SpecSample.read()
        #expect(spec.job == "flights")
        #expect(spec.jobFolder == "specs/flights.saltmill")
        #expect(spec.source == FileSource(name: "flights.csv", path: "specs/flights.csv"))
        #expect(spec.target == TargetTable(table: "flights", existing: .refuse, create: nil))
        #expect(spec.key.hash == SpecAttribute(name: "day", type: .S, value: .column("day"), null: .reject))
        #expect(spec.key.salt == SpecSalt(recipe: SaltRecipe(shards: 20), by: ["flight"]))
        #expect(spec.indexes == [SecondaryIndex(name: "by_carrier", hash: "carrier")])
        #expect(spec.attributes.map(\.name) == ["carrier", "delay"])
        #expect(spec.dropped == ["legacy"])
        #expect(spec.duplicates == .last)
        #expect(spec.ceiling == .absolute(800, .units))
        #expect(spec.rejects == RejectPolicy(path: "specs/flights.rejects.jsonl", limit: .none))
    }

    @Test func theOrdersExampleIsRead() throws {
        let spec = try MigrationSpec(path: SpecExamples.path("orders"), environment: SpecExamples.environment)
        #expect(spec.source.path == "/srv/export/orders.tsv")
        #expect(spec.source.csv?.delimiter == UInt8(ascii: "\t"))
        #expect(spec.source.csv?.nulls == ["", "\\N"])
        #expect(spec.target.existing == .overwrite)
        #expect(spec.target.create == .provisioned(Throughput(read: 200, write: 1000)))
        let byStatus = try #require(spec.indexes.first)
        #expect(byStatus.hashAttribute == "status_shard")
        #expect(byStatus.salt == SpecSalt(recipe: SaltRecipe(shards: 16), by: ["customer", "order_id"]))
        #expect(byStatus.projection == .include(["status", "total"]))
        #expect(byStatus.throughput == Throughput(read: 100, write: 1000))
        #expect(spec.indexes.last?.projection == .keysOnly)
        #expect(spec.attributes.last?.value == .constant("2024"))
        #expect(spec.duplicates == .reject)
        #expect(spec.ceiling == .share(0.8))
        #expect(spec.rejects.limit == .rows(1000))
    }

    @Test func theTypesExampleHasEveryType() throws {
        let spec = try MigrationSpec(path: SpecExamples.path("types"), environment: [:])
        #expect(Set(spec.allAttributes.map(\.type)) == Set(AttributeType.allCases))
        #expect(spec.source.csv?.columns?.count == 14)
        let active = try #require(spec.attributes.first { $0.name == "active" })
        #expect(active.trueTexts == ["Y", "1"])
        #expect(active.falseTexts == ["N", "0"])
        #expect(spec.attributes.first { $0.name == "amount" }?.null == .null)
        #expect(spec.attributes.first { $0.name == "keys" }?.encoding == .hex)
    }

    /// YAML would make null, booleans and numbers of these.
    @Test(arguments: ["NA", "no", "~", "null", "1e3", "0x10", "007", "true", "2013-01-01", "\"\"", "'NA'"])
    func aNullMarkerIsTakenAsItIsWritten(_ written: String) throws {
        let spec = try SpecSample.read("{ file: flights.csv }", "{ file: flights.csv, null: \(written) }")
        #expect(spec.source.csv?.nulls == [written.filter { $0 != "\"" && $0 != "'" }])
    }

    @Test func namesThatYAMLWouldTakeForOtherThingsStayNames() throws {
        let spec = try SpecSample.read("delay: N", "null: N\n  yes: { from: 2013, type: S }\n  1: S")
        #expect(spec.attributes.map(\.name) == ["carrier", "null", "yes", "1"])
        #expect(spec.attributes[2].value == .column("2013"))
    }

    @Test(arguments: [
        ("800/s", "\"${R}\""), ("by: [flight]", "by: flight"), ("shards: 20", "shards: \"20\""), ("drop: [legacy]", "drop: []"),
        ("drop: [legacy]", "rejects: {}"), ("drop: [legacy]", "rejects: { stop_after: 0.5% }"),
        ("drop: [legacy]", "rejects: { stop_after: 0 }"),
        ("drop: [legacy]", "rejects: { stop_after: none }"), ("delay: N", "delay: NULL"), ("delay: N", "delay: { type: N, null: null }"),
        ("delay: N", "delay: { type: BOOL, true: Y, false: [N, '0'] }"), ("delay: N", "delay: { type: N, constant: 5 }"),
        ("{ file: flights.csv }", "{ file: f, header: false, columns: [1, b] }"), ("{ file: flights.csv }", "{ file: f, header: true }"),
        ("{ file: flights.csv }", "{ file: f, delimiter: 5 }"), ("version: 1", "version: \"1\""), ("job: flights", "job: 2024"),
        ("{ table: flights }", "{ table: 2024 }"), ("attributes:\n  carrier: S\n  delay: N\n", "attributes: { carrier: S }\n"),
    ])
    func whatTheSchemaTakesIsRead(_ old: String, _ new: String) throws {
        _ = try SpecSample.read(old, new, environment: ["R": "5/s"])
    }

    @Test func anchorsAndMergesAreResolvedAndOwnFieldsWin() throws {
        let spec = try SpecSample.read(
            "delay: N", "delay: &late { type: N, null: reject, about: minutes }\n  arrival: { <<: *late, null: omit }\n  other: *late")
        #expect(spec.attributes[2] == SpecAttribute(name: "arrival", type: .N, value: .column("arrival"), null: .omit, about: "minutes"))
        #expect(spec.attributes[3] == SpecAttribute(name: "other", type: .N, value: .column("other"), null: .reject, about: "minutes"))
    }

    @Test func theFirstOfSeveralMergesWins() throws {
        let spec = try SpecSample.read(
            "delay: N", "a: &a { type: N, null: reject }\n  b: &b { type: S, about: b }\n  delay: { <<: [*a, *b] }")
        #expect(spec.attributes.last == SpecAttribute(name: "delay", type: .N, value: .column("delay"), null: .reject, about: "b"))
    }

    @Test func variablesAreReplacedInTexts() throws {
        let spec = try SpecSample.read(
            "shards: 20", "shards: \"${N}\", separator: \"$${${DOT}$\"", environment: ["N": "7", "DOT": "."])
        #expect(spec.key.salt?.recipe == SaltRecipe(shards: 7, separator: "${.$"))
    }

    @Test func variablesInFieldsThatAMergeOverridesAreNotAsked() throws {
        let spec = try SpecSample.read(
            "delay: N", "delay: { <<: { type: N, about: \"${UNSET}\" }, about: minutes }")
        #expect(spec.attributes.last?.about == "minutes")
    }

    @Test func aFileIsRelativeToTheSpecsFolder() throws {
        #expect(SpecOrigin(file: "a/b.yaml").resolve("c.csv") == "a/c.csv")
        #expect(SpecOrigin(file: "b.yaml").resolve("c.csv") == "c.csv")
        #expect(SpecOrigin(file: "/a/b.yaml").resolve("../c.csv") == "/a/../c.csv")
        #expect(SpecOrigin(file: "a/b.yaml").resolve("/c.csv") == "/c.csv")
    }

    @Test func severalFaultsAreReportedTogetherInTheOrderOfTheFile() throws {
        let complaint = SpecSample.complaint("job: flights", "job: a b\nextra: 1\nduplicates: \"${UNSET}\"\nindexe: []")
        #expect(
            complaint == """
                2:6: job: must be 1 to 64 letters, digits, `_`, `.` or `-`, not `a b`
                3:1: extra: unknown field; known here are `version`, `job`, `source`, `target`, `key`, `indexes`, `attributes`, `drop`, \
                `duplicates`, `rate`, `rejects` and `notify`
                4:13: duplicates: the environment variable `UNSET` is not set; set it, or write `$${` for a literal `${`
                5:1: indexe: unknown field; did you mean `indexes`?
                """)
    }

    @Test func anErrorNamesTheFile() throws {
        let error = #expect(throws: SpecError.self) { try MigrationSpec(yaml: "", file: "specs/empty.yaml", environment: [:]) }
        #expect(error?.description == "specs/empty.yaml:1:1: the spec is empty; begin with `version: 1`")
    }

    @Test func aMissingFileIsReported() throws {
        let error = #expect(throws: SpecError.self) { try MigrationSpec(path: "nowhere/x.yaml", environment: [:]) }
        #expect(error?.description == "nowhere/x.yaml:1:1: there is no such file; check its name")
    }

    @Test func aFileThatIsNotUTF8IsReportedWithItsLine() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "spec-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("version: 1\njob: fl\u{FC}ge\n".unicodeScalars.map { UInt8($0.value) }).write(to: file)
        let error = #expect(throws: SpecError.self) { try MigrationSpec(path: file.path, environment: [:]) }
        #expect(error?.description == "\(file.path):2:1: is not UTF-8; save the file as UTF-8")
    }

    @Test func limitsOnNamesAndNumbersAreKept() throws {
        let long = String(repeating: "n", count: 256)
        #expect(
            SpecSample.complaint("  range: { attribute: flight,", "  range: { attribute: \(long), from: flight,").contains(
                "7:23: key.range.attribute: the name has 256 bytes, and at most 255 are allowed here; shorten it"))
        #expect(
            SpecSample.complaint("attribute: day, type: S", "attribute: \(long.dropLast(6)), from: day, type: S")
                == "6:300: key.hash.salt: the salt's declaration has 283 characters and a tag's value at most 256: shorten the attribute names"
        )
        #expect(
            SpecSample.complaint("delay: N", "? \(String(repeating: "n", count: 65_536))\n  : N")
                .contains("the name has 65536 bytes, and at most 65535 are allowed here; shorten it"))
        let indexes = (10..<31).map { "  - { name: index\($0), hash: { attribute: carrier } }" }.joined(separator: "\n")
        #expect(
            SpecSample.complaint("  - { name: by_carrier, hash: { attribute: carrier } }", indexes)
                == "9:3: indexes: a table has at most 20 global secondary indexes, and these are 21")
    }

    @Test func limitsOnProjectionsAreKept() throws {
        func sample(_ attributes: Int, _ indexes: Int) -> String {
            let names = (10..<10 + attributes).map { "a\($0)" }
            let list = (10..<10 + indexes).map {
                "  - { name: index\($0), hash: { attribute: carrier }, projection: [\(names.joined(separator: ", "))] }"
            }
            let types = names.map { "  \($0): S" }
            return SpecSample.complaint(
                "  - { name: by_carrier, hash: { attribute: carrier } }\nattributes:\n",
                (list + ["attributes:"] + types).joined(separator: "\n") + "\n")
        }
        #expect(sample(20, 5) == "")
        #expect(sample(21, 1) == "9:64: indexes[0].projection: an index projects at most 20 listed attributes, and these are 21; use `all`")
        #expect(
            sample(20, 6)
                == "9:3: indexes: at most 100 attributes are listed in the projections of a table's indexes together, and these are 120; use `all`"
        )
    }

    @Test func aShareNeedsProvisionedCapacity() throws {
        let spec = SpecSample.text.replacingOccurrences(of: "800/s", with: "80%")
            .replacingOccurrences(of: "{ table: flights }", with: "{ table: flights, create: { billing: on-demand } }")
        let error = #expect(throws: SpecError.self) { try MigrationSpec(yaml: spec, file: "f", environment: [:]) }
        #expect(
            error?.description
                == "f:14:18: rate.ceiling: a share is of provisioned capacity, and `target.create` says on-demand; write e.g. `800/s` or `none`"
        )
    }

    @Test func aSaltOnATableWithoutRangeKeyIsRefused() throws {
        let spec = SpecSample.text.replacingOccurrences(of: "  range: { attribute: flight, type: S }\n", with: "")
            .replacingOccurrences(of: "by: [flight]", with: "by: [day]")
        let error = #expect(throws: SpecError.self) { try MigrationSpec(yaml: spec, file: "f", environment: [:]) }
        #expect(
            error?.description
                == "f:6:42: key.hash.salt: nothing else in the primary key varies where `day` is the same, so there is nothing to spread; "
                + "remove the salt")
    }

    @Test func theTableSaysItsSaltsInTags() throws {
        let spec = try MigrationSpec(path: SpecExamples.path("orders"), environment: SpecExamples.environment)
        let tags = try SaltDeclaration.tags(for: spec.saltDeclarations)
        #expect(tags.map(\.value) == ["v1 sha256 16 key status_shard of status by customer by order_id sep ."])
        #expect(
            try SpecSample.read().saltDeclarations == [SaltDeclaration(attribute: "day", by: ["flight"], recipe: SaltRecipe(shards: 20))])
    }
}
