import SaltmillMigration
import Testing

/// How long a load takes, through its schedule.
@Suite struct PlanTimelineTests {
    /// 1,000 rows of one unit each.
    private func plan(_ rate: String, start: String = "2026-11-02T12:00:00Z") throws -> LoadPlan {
        var sample = PlanSample()
        sample.rate = rate
        sample.start = start
        return try sample.plan()
    }

    @Test func oneCeilingGivesUnitsByRate() throws {
        let plan = try plan("{ ceiling: 100/s }")
        #expect(plan.units == 1_000 && plan.rows.written == 1_000)
        #expect(plan.seconds == 10 && plan.timeline.openSeconds == 10)
        #expect(plan.limit == "ceiling 100/s")
    }

    @Test func itemsAndBytesAreCeilingsToo() throws {
        #expect(try plan("{ ceiling: 50 items/s }").seconds == 20)
        let bytes = try plan("{ ceiling: 100 B/s }")
        #expect(abs((bytes.seconds ?? 0) - Double(bytes.resources[0].bytes) / 100) < 1e-6)
    }

    @Test func withoutACeilingTheProvisionedUnitsLimit() throws {
        let plan = try plan("{ ceiling: none }")
        #expect(plan.limit == "provisioned 1000/s of table")
        #expect(abs((plan.seconds ?? 0) - 1000 / 990) < 1e-6)
    }

    @Test func aShareLimitsEachResourceByItself() throws {
        var sample = PlanSample()
        sample.indexes = "[{ name: by_day, hash: { attribute: day }, projection: keys, write: 100, read: 1 }]"
        sample.rate = "{ ceiling: 50% }"
        let plan = try sample.plan()
        #expect(plan.units == 2_000)
        #expect(plan.limit == "ceiling 50% of by_day")
        #expect(plan.seconds == 20)
    }

    @Test func closedHoursAreWaitedOut() throws {
        // Opens at 22:00: ten hours of waiting, then 100 s at 10/s.
        let plan = try plan("{ ceiling: 10/s, zone: UTC, windows: [{ days: all, from: \"08:00\", to: \"22:00\", ceiling: off }] }")
        #expect(plan.endText == "2026-11-02T22:01:40Z")
        #expect(plan.timeline.openSeconds == 100)
        #expect(plan.timeline.legs.map(\.isClosed) == [true, false])
    }

    @Test func aWindowAcrossMidnightGoesOnOnTheNextDay() throws {
        // From 23:00 to 01:00 at 0.1/s, else closed: 720 rows on the first night, 280 on the second.
        let rate = "{ ceiling: 0.1/s, zone: UTC, windows: [{ days: all, from: \"01:00\", to: \"23:00\", ceiling: off }] }"
        let plan = try plan(rate, start: "2026-11-02T23:00:00Z")
        #expect(plan.endText == "2026-11-03T23:46:40Z")
        #expect(plan.timeline.legs.map { Int($0.share * 1_000 + 0.5) } == [720, 0, 280])
    }

    @Test func theHourThatComesTwiceCountsTwice() throws {
        // In Berlin the night of 25 October 2026 has 02:00 to 03:00 twice: at 0.1/s that is 720 rows in the window, not 360.
        let rate =
            "{ ceiling: 0.2/s, zone: Europe/Berlin, windows: [{ days: all, from: \"02:00\", to: \"03:00\", ceiling: 0.1/s }] }"
        #expect(try plan(rate, start: "2026-10-25T00:00:00Z").endText == "2026-10-25T02:23:20Z")
        // In the night before, once.
        #expect(try plan(rate, start: "2026-10-24T00:00:00Z").endText == "2026-10-24T01:53:20Z")
    }

    @Test func theHourThatIsSkippedDoesNotCount() throws {
        // In Berlin 29 March 2026 has no 02:00 to 03:00.
        let rate = "{ ceiling: 0.2/s, zone: Europe/Berlin, windows: [{ days: all, from: \"02:00\", to: \"03:00\", ceiling: off }] }"
        #expect(try plan(rate, start: "2026-03-29T00:00:00Z").timeline.legs.count == 1)
        #expect(try plan(rate, start: "2026-03-28T00:00:00Z").timeline.legs.map(\.isClosed) == [false, true, false])
    }

    @Test func aLoadOfMoreThanTenYearsIsNeverDone() throws {
        let plan = try plan("{ ceiling: 0.000001/s }")
        #expect(plan.timeline.end == nil && plan.seconds == nil)
    }

    @Test func aNewOnDemandTableGrowsByDoubling() throws {
        var sample = PlanSample()
        // Some 390 units each.
        sample.rows = (0..<20).map { "k\($0),d\($0),\(String(repeating: "x", count: 398_000))" }
        sample.create = "{ billing: on-demand }"
        sample.rate = "{ ceiling: none }"
        let plan = try sample.plan()
        #expect(plan.limit == "on-demand start 4000/s of table")
        #expect(abs((plan.seconds ?? 0) - Double(plan.units) / 4_000) < 1e-6)
    }

    @Test func oneKeyHoldsTheLoadToOnePartition() throws {
        var sample = PlanSample()
        sample.key = "{ hash: { attribute: day, type: S }, range: { attribute: id, type: S } }"
        sample.attributes = "{ body: S }"
        sample.rows = (0..<4_000).map { "k\($0),one,text" }
        sample.create = "{ billing: provisioned, write: 8000, read: 10 }"
        sample.rate = "{ ceiling: 4000/s }"
        let plan = try sample.plan()
        #expect(plan.seconds == 4)
        #expect(plan.limit == "the hottest key")
    }
}
