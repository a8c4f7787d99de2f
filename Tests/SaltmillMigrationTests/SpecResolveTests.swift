import SaltedKeys
import SaltmillItems
import SaltmillMigration
import Testing

@Suite struct SpecResolveTests {
    private func complaint(_ old: String = "", _ new: String = "", columns: [String] = SpecSample.columns) throws -> String {
        let error = #expect(throws: SpecError.self) { try SpecSample.read(old, new).resolve(columns: columns) }
        return error?.description ?? ""
    }

    @Test func namesBecomePositions() throws {
        let spec = try SpecSample.read(
            "carrier: S\n",
            "carrier: S\n  label: { template: \"{carrier}/{delay:04}\", type: S }\n  flag: { from: extra, type: BOOL, true: [Y], false: [N] }\n"
        )
        let resolved = try spec.resolve(columns: ["legacy", "delay", "extra", "carrier", "flight", "day"])
        let flag = AttributeMapping(name: "flag", type: .BOOL, source: .column(2), trueTexts: ["Y"], falseTexts: ["N"])
        #expect(
            resolved.mapping
                == ItemMapping(
                    attributes: [
                        AttributeMapping(name: "day", type: .S, source: .column(5), null: .reject),
                        AttributeMapping(name: "flight", type: .S, source: .column(4), null: .reject),
                        AttributeMapping(name: "carrier", type: .S, source: .column(3)),
                        AttributeMapping(
                            name: "label", type: .S,
                            source: .template([.column(3, zeroPaddedTo: 0), .literal("/"), .column(1, zeroPaddedTo: 4)])),
                        flag,
                        AttributeMapping(name: "delay", type: .N, source: .column(1)),
                    ],
                    hasRange: true, salt: SaltMapping(recipe: SaltRecipe(shards: 20), by: [1]),
                    indexes: [IndexMapping(name: "by_carrier", hashAttribute: "carrier", rangeAttribute: nil, salt: nil, hashSource: 2)]))
    }

    @Test func aSaltedIndexNamesItsSourceAndItsOwnAttribute() throws {
        let spec = try SpecSample.read(
            "hash: { attribute: carrier }", "hash: { attribute: carrier, salt: { shards: 5, by: [flight, day], separator: \"#\" } }")
        #expect(
            try spec.resolve(columns: SpecSample.columns).mapping.indexes == [
                IndexMapping(
                    name: "by_carrier", hashAttribute: "carrier_shard", rangeAttribute: nil,
                    salt: SaltMapping(recipe: SaltRecipe(shards: 5, separator: "#"), by: [1, 0]), hashSource: 2)
            ])
    }

    @Test func theExamplesFitTheirSources() throws {
        let columns = [
            "answers-mysql": "id answered_on user_id partner_id text answered_at payload fingerprint legacy_flag",
            "answers-postgresql": "id answered_at tags mail",
            "events": "device timestamp kind tags reading debug",
            "flights": """
            year month day dep_time sched_dep_time dep_delay arr_time sched_arr_time arr_delay carrier flight tailnum origin dest air_time
            distance hour minute time_hour
            """,
            "orders": "customer_id order_id status product_code date time total note legacy_flag",
            "readings": "meter read_at kwh estimated",
            "types": "id seq name amount photo thumb active deleted tags scores keys address history unused",
        ]
        for name in SpecExamples.names {
            let spec = try MigrationSpec(path: SpecExamples.path(name), environment: SpecExamples.environment)
            let names = try #require(columns[name]).split { $0 == " " || $0 == "\n" }.map(String.init)
            #expect(try spec.resolve(columns: names).columns == names)
        }
    }

    @Test func aColumnThatIsNotThereIsReportedWithTheNearestOne() throws {
        #expect(
            try complaint("delay: N", "delay: { type: N, from: dealy }")
                == """
                specs/flights.yaml:12:27: attributes.delay.from: column `dealy` is not in flights.csv; did you mean `delay`?
                specs/flights.yaml:13:7: drop: column `delay` of flights.csv is neither used nor dropped; describe each under `attributes` \
                or list it here
                """)
        #expect(
            try complaint("delay: N", "late: { type: N, template: \"{delay}{xyz}\" }")
                == "specs/flights.yaml:12:30: attributes.late.template: column `xyz` is not in flights.csv; its columns are `day`, `flight`, "
                + "`carrier`, `delay` and `legacy`")
        #expect(
            try complaint("delay: N", "delay: N\n  arrival: N")
                == "specs/flights.yaml:13:12: attributes.arrival.from: column `arrival` is not in flights.csv; its columns are `day`, `flight`, "
                + "`carrier`, `delay` and `legacy`")
        #expect(
            try complaint(
                "attribute: flight, type: S", "attribute: flight, from: flihgt, type: S",
                columns: ["day", "carrier", "delay", "legacy", "flight"]
            )
            .hasPrefix("specs/flights.yaml:7:37: key.range.from: column `flihgt` is not in flights.csv; did you mean `flight`?"))
    }

    @Test func everyForgottenColumnIsListed() throws {
        #expect(
            try complaint(columns: SpecSample.columns + ["b", "a"])
                == "specs/flights.yaml:13:7: drop: columns `b` and `a` of flights.csv are neither used nor dropped; describe each under "
                + "`attributes` or list it here")
    }

    @Test func aDroppedColumnMustExist() throws {
        #expect(
            try complaint("drop: [legacy]", "drop: [legacy, legacy_flag]")
                == "specs/flights.yaml:13:16: drop[1]: column `legacy_flag` is not in flights.csv; its columns are `day`, `flight`, `carrier`, "
                + "`delay` and `legacy`")
    }

    @Test func columnsHaveNamesOfTheirOwn() throws {
        #expect(
            try complaint(columns: SpecSample.columns + ["day"])
                == "specs/flights.yaml:3:17: source.file: flights.csv has two columns `day`; give each a name of its own")
    }
}
