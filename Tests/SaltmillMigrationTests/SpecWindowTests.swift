import SaltmillMigration
import SaltmillPacing
import Testing

@Suite struct SpecWindowTests {
    private func spec(_ windows: String, environment: [String: String] = [:]) throws -> MigrationSpec {
        try SpecSample.read("{ ceiling: 800/s }", "{ ceiling: 800/s, zone: UTC, windows: [\(windows)] }", environment: environment)
    }

    @Test func withoutWindowsTheCeilingAppliesAlways() throws {
        let spec = try SpecSample.read()
        #expect(spec.windows == [])
        #expect(spec.zone == nil)
        #expect(spec.schedule == RateSchedule(otherwise: .ceiling(.absolute(800, .units))))
        #expect(try spec.zoneOffsets(fromUTC: 0) == .utc)
    }

    @Test func theReadingsExampleIsRead() throws {
        let spec = try MigrationSpec(path: SpecExamples.path("readings"), environment: [:])
        #expect(spec.zone == "Europe/Berlin")
        #expect(spec.ceiling == .share(0.5))
        #expect(
            spec.windows == [
                RateSchedule.Window([Weekdays(day: 0), Weekdays(day: 3)], from: 10_800, to: 18_000, value: .off),
                RateSchedule.Window(Weekdays(from: 5, through: 6), from: 0, to: 86_400, value: .ceiling(.none)),
                RateSchedule.Window(Weekdays(from: 0, through: 4), from: 79_200, to: 21_600, value: .ceiling(.none)),
                RateSchedule.Window(Weekdays(from: 0, through: 4), from: 28_800, to: 66_600, value: .ceiling(.absolute(100, .units))),
            ])
        // 2025-06-02, a Monday, in Berlin's summer.
        let monday: Int64 = 1_748_822_400 - 7200
        let zone = try spec.zoneOffsets(fromUTC: monday)
        let hours: [(hour: Int64, ceiling: String)] = [
            (0, "50%"), (3, "off"), (5, "50%"), (8, "100/s"), (19, "50%"), (22, "none"), (24, "none"), (24 + 6, "50%"), (72 + 2, "none"),
            (72 + 3, "off"), (120 + 5, "none"), (144 + 23, "none"),
        ]
        for (hour, ceiling) in hours {
            #expect(spec.schedule.value(atUTC: monday + hour * 3600, zone: zone).description == ceiling, "\(hour) hours into the week")
        }
    }

    @Test(arguments: [
        ("mon", "1000000"), ("mon-fri", "1111100"), ("sat-sun", "0000011"), ("all", "1111111"), ("fri-mon", "1000111"),
        ("wed-wed", "0010000"), ("\"mon,wed,fri\"", "1010100"), ("\"mon, wed-thu , sun\"", "1011001"), ("[mon, wed]", "1010000"),
        ("[sat-sun, \"tue,wed\"]", "0110011"), ("\"${DAYS}\"", "0100000"),
    ])
    func everyFormOfDaysIsRead(_ written: String, _ days: String) throws {
        let spec = try spec("{ days: \(written), from: 08:00, to: 09:00, ceiling: off }", environment: ["DAYS": "tue"])
        let read = try #require(spec.windows.first).days
        #expect((0..<7).map { read.contains(day: $0) ? "1" : "0" }.joined() == days)
    }

    @Test(arguments: [
        ("00:00", "24:00", 0, 86_400), ("\"23:59\"", "\"00:00\"", 86_340, 0), ("08:30", "08:30", 30_600, 30_600),
        ("09:05", "17:00", 32_700, 61_200),
    ])
    func timesOfDayAreRead(_ from: String, _ to: String, _ fromSecond: Int, _ toSecond: Int) throws {
        let window = try #require(try spec("{ days: mon, from: \(from), to: \(to), ceiling: 5 items/s }").windows.first)
        #expect(window == RateSchedule.Window(Weekdays(day: 0), from: fromSecond, to: toSecond, value: .ceiling(.absolute(5, .items))))
    }

    @Test func aShareNeedsSomethingProvisionedInWindowsToo() throws {
        let windows = "windows: [{ days: mon, from: 08:00, to: 09:00, ceiling: 80% }]"
        let yaml = SpecSample.text
            .replacing("{ table: flights }", with: "{ table: flights, create: { billing: on-demand } }")
            .replacing("{ ceiling: 800/s }", with: "{ ceiling: 800/s, zone: UTC, \(windows) }")
        let error = #expect(throws: SpecError.self) { try MigrationSpec(yaml: yaml, file: "f", environment: [:]) }
        #expect(
            error?.description
                == "f:14:92: rate.windows[0].ceiling: a share is of provisioned capacity, and `target.create` says on-demand; write e.g. `800/s` or `none`"
        )
    }
}
