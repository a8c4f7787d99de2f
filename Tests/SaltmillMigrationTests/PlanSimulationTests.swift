import SaltmillMigration
import SaltmillPartitions
import Testing

/// The rehearsal: what a plan says comes about, and what it warns of too.
@Suite struct PlanSimulationTests {
    @Test func aLoadAtACeilingTakesAsLongAsPlanned() throws {
        var sample = PlanSample()
        sample.rows = (0..<6_000).map { "k\($0),d\($0),text" }
        sample.simulates = true
        let plan = try sample.plan()
        let outcome = try #require(plan.simulation)
        let planned = try #require(plan.seconds)
        #expect(outcome.written == 6_000 && outcome.units == [6_000] && outcome.refused.isEmpty)
        #expect(abs(outcome.seconds / planned - 1) < 0.01)
        #expect(outcome.series.samples.reduce(0) { $0 + $1.written } == 6_000)
    }

    @Test func closedHoursAreSkippedInNoTime() throws {
        var sample = PlanSample()
        sample.rate = "{ ceiling: 0.02/s, zone: UTC, windows: [{ days: all, from: \"08:00\", to: \"22:00\", ceiling: off }] }"
        sample.simulates = true
        let plan = try sample.plan()
        let outcome = try #require(plan.simulation)
        #expect(outcome.written == 1_000)
        #expect(abs(outcome.seconds / (plan.seconds ?? 0) - 1) < 0.02)
        #expect(abs(outcome.openSeconds / plan.timeline.openSeconds - 1) < 0.02)
    }

    @Test func a2015TableHoldsAHotKeyToItsShare() throws {
        var sample = PlanSample()
        // Half of the rows on one key: 1,500 units/s, where each of five partitions has 800 of the 4,000.
        sample.rows = (0..<20_000).map { "k\($0),\($0 % 2 == 0 ? "hot" : "d\($0)"),text" }
        sample.key = "{ hash: { attribute: day, type: S }, range: { attribute: id, type: S } }"
        sample.attributes = "{ body: S }"
        sample.create = "{ billing: provisioned, write: 4000, read: 10 }"
        sample.rate = "{ ceiling: 3000/s }"
        sample.physics = Physics(.even2015, burst: .zero)
        sample.simulates = true
        let plan = try sample.plan()
        let outcome = try #require(plan.simulation)
        // 10,000 units of one key at an even share of 4000/5.
        #expect(plan.timeline.legs.last?.limit == "the hottest key")
        #expect(abs((plan.seconds ?? 0) - 12.5) < 0.5)
        #expect(outcome.written == 20_000)
        #expect(outcome.refused["TableWriteKeyRangeThroughputExceeded", default: 0] > 20)
        #expect(outcome.mostSetAside > 100)
        // The hot key waits a little longer still: while the others take the ceiling, it gets a fiftieth of it.
        #expect((12.4...15).contains(outcome.seconds))
        // Salted as advised it goes at the ceiling.
        let shards = plan.resources[0].advisedShards
        sample.key = "{ hash: { attribute: day, type: S, salt: { shards: \(shards * 4), by: [id] } }, range: { attribute: id, type: S } }"
        let cured = try #require(try sample.plan().simulation)
        #expect(cured.seconds < 8.5)
    }

    @Test func theSeriesKeepsItsSumsWhenItGrowsLong() throws {
        var sample = PlanSample()
        sample.rows = (0..<2_000).map { "k\($0),d\($0),text" }
        sample.rate = "{ ceiling: 1/s }"
        sample.simulates = true
        let series = try #require(try sample.plan().simulation?.series)
        #expect(series.samples.count <= 480)
        #expect(series.samples.reduce(0) { $0 + $1.written } == 2_000)
        #expect(abs(series.samples.reduce(0) { $0 + $1.seconds } / 2_000 - 1) < 0.01)
        let rows = series.rows(16)
        #expect(rows.count <= 16 && rows.reduce(0) { $0 + $1.written } == 2_000)
    }
}
