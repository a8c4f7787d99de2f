import SaltmillMigration
import SaltmillPacing
import Testing

/// Time zones by their names, against what the IANA time zone database has for them.
@Suite struct SpecZoneTests {
    /// The beginning of 2025 by UTC.
    private static let start: Int64 = 1_735_689_600

    private func transitions(_ pairs: [(utc: Int64, offset: Int)]) -> [ZoneOffsets.Transition] {
        pairs.map { ZoneOffsets.Transition(utc: $0.utc, offset: $0.offset) }
    }

    @Test func transitionsAreExactToTheSecond() throws {
        let berlin = try ZoneOffsets(zone: "Europe/Berlin", fromUTC: Self.start, years: 1)
        #expect(berlin.initial == 3600)
        #expect(berlin.transitions == transitions([(1_743_296_400, 7200), (1_761_440_400, 3600)]))
        let newYork = try ZoneOffsets(zone: "America/New_York", fromUTC: Self.start, years: 1)
        #expect(newYork.initial == -18_000)
        #expect(newYork.transitions == transitions([(1_741_503_600, -14_400), (1_762_063_200, -18_000)]))
        let lordHowe = try ZoneOffsets(zone: "Australia/Lord_Howe", fromUTC: Self.start, years: 1)
        #expect(lordHowe.initial == 39_600)
        #expect(lordHowe.transitions == transitions([(1_743_865_200, 37_800), (1_759_591_800, 39_600)]))
    }

    @Test func changesOtherThanDaylightSavingCountToo() throws {
        let almaty = try ZoneOffsets(zone: "Asia/Almaty", fromUTC: 1_704_067_200, years: 1)
        #expect(almaty.initial == 21_600)
        #expect(almaty.transitions == transitions([(1_709_229_600, 18_000)]))
        let apia = try ZoneOffsets(zone: "Pacific/Apia", fromUTC: 1_324_684_800, years: 0)
        #expect(apia == ZoneOffsets(initial: -36_000))
        #expect(try ZoneOffsets(zone: "Pacific/Apia", fromUTC: 1_324_684_800).transitions.first?.utc == 1_325_239_200)
    }

    @Test func aStartInTheMiddleOfADayLosesNothing() throws {
        for secondsBefore: Int64 in [1, 86_399, 86_400, 86_401] {
            let berlin = try ZoneOffsets(zone: "Europe/Berlin", fromUTC: 1_743_296_400 - secondsBefore, years: 1)
            #expect(berlin.initial == 3600)
            #expect(berlin.transitions.first?.utc == 1_743_296_400)
        }
        #expect(try ZoneOffsets(zone: "Europe/Berlin", fromUTC: 1_743_296_400, years: 1).initial == 7200)
    }

    @Test func tenYearsAreLookedAhead() throws {
        #expect(try ZoneOffsets(zone: "Europe/Berlin", fromUTC: Self.start).transitions.count == 20)
        #expect(try ZoneOffsets(zone: "Asia/Tokyo", fromUTC: Self.start) == ZoneOffsets(initial: 32_400))
        #expect(try ZoneOffsets(zone: "UTC", fromUTC: Self.start) == .utc)
    }

    @Test(arguments: ["US/Eastern", "Asia/Calcutta", "Asia/Kolkata", "Etc/GMT+5", "America/Argentina/Buenos_Aires", "UTC"])
    func olderNamesAreKnown(_ name: String) throws {
        #expect(try SpecSample.read("800/s", "800/s, zone: \(name)").zone == name)
    }

    /// Abbreviations mean several zones, or one without its daylight saving.
    @Test(arguments: ["PST", "EST", "CET", "GMT+2", "+02:00", "Local", "Europe", "Europe/", "../etc/passwd"])
    func otherNamesAreRefused(_ name: String) {
        let error = #expect(throws: UnknownZone.self) { try ZoneOffsets(zone: name, fromUTC: 0) }
        #expect(error?.name == name)
    }
}
