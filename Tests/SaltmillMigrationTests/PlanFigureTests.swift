import Foundation
import SaltmillDelivery
import SaltmillMigration
import SaltmillPartitions
import Testing

/// Units, partitions, costs and advice.
@Suite struct PlanFigureTests {
    static let prices = """
        { "version": 1, "currency": "EUR", "region": "nowhere", "date": "2026-01-01",
          "on_demand": { "million_write_request_units": 1000 }, "provisioned": { "write_unit_hour": 0.01, "read_unit_hour": 0.1 },
          "storage": { "gigabyte_month": 1000 } }
        """

    @Test func anIndexIsChargedForWhatItCarries() throws {
        var sample = PlanSample()
        sample.rows = (0..<100).map { "k\($0),d\($0 % 7),\(String(repeating: "x", count: 3_000))" } + ["k,,short"]
        sample.indexes = """
            [{ name: keys, hash: { attribute: day }, projection: keys, write: 100, read: 1 },
             { name: whole, hash: { attribute: day }, projection: all, write: 100, read: 1 }]
            """
        sample.attributes = "{ day: { type: S, null: omit }, body: S }"
        let plan = try sample.plan()
        #expect(plan.resources.map(\.units) == [301, 100, 300])
        #expect(plan.resources.map(\.items) == [101, 100, 100])
        // id (2) + k0 to k99, day (3) + d0 to d6.
        #expect(plan.resources[1].bytes == 100 * (2 + 3 + 2) + 10 * 2 + 90 * 3)
    }

    @Test(arguments: [(0, 2_000), (200_000, 2_000), (200_001, 2_001), (1_000_000, 10_000), (5_000_000, 50_000), (100_000_000, 50_000)])
    func aSampleIsOneRowInAHundredInBounds(rows: Int, size: Int) { #expect(LoadPlan.Sample.size(of: rows) == size) }

    @Test func partitionsByThroughputAndBySize() throws {
        let large = PlanPartitions(.provisioned(read: 3_000, write: 2_500), bytesNow: nil, bytesAdded: 95_000_000_000)
        #expect(large.byThroughput == 4 && large.bySize == 10 && large.after == 10 && large.now == nil)
        #expect(large.evenShare == 250)
        let fast = PlanPartitions(.provisioned(read: 5_000, write: 2_000), bytesNow: 25_000_000_000, bytesAdded: 1)
        #expect(fast.now == 4 && fast.after == 4 && fast.evenShare == 500)
        #expect(PlanPartitions(.onDemand, bytesNow: nil, bytesAdded: 1).after == 4)
    }

    @Test func costsUnderBothBillings() throws {
        var sample = PlanSample()
        sample.prices = try PriceList(json: Array(Self.prices.utf8), name: "p")
        sample.rate = "{ ceiling: 0.2/s }"
        // 5,000 s are two hours begun; 1,000 rows of one unit.
        let cost = try #require(try sample.plan().cost)
        #expect(cost.hours == 2 && !cost.isOnDemand)
        #expect(abs(cost.provisioned - 2 * (1_000 * 0.01 + 10 * 0.1)) < 1e-9 && cost.load == cost.provisioned)
        #expect(abs(cost.onDemand - 1) < 1e-9)
        let bytes = try sample.plan().resources[0].bytes
        #expect(abs(cost.storageMonth - Double(bytes + 100 * 1_000) / 1_073_741_824 * 1_000) < 1e-9)
        sample.create = "{ billing: on-demand }"
        let other = try #require(try sample.plan().cost)
        #expect(other.isOnDemand && other.load == cost.onDemand)
        #expect(try PlanSample().plan().cost == nil)
    }

    @Test func aPriceFileWithAGapIsRefusedByName() throws {
        let spoilt = Self.prices.replacing("read_unit_hour", with: "other")
        let error = #expect(throws: JobFailure.self) { try PriceList(json: Array(spoilt.utf8), name: "p.json") }
        #expect(error?.description.contains("p.json lacks the number `provisioned.read_unit_hour`") == true)
        #expect(throws: JobFailure.self) { try PriceList(json: Array("{".utf8), name: "p") }
    }

    @Test func hotKeysAreNamedAsTheyStandInTheItems() throws {
        var sample = PlanSample()
        sample.key = "{ hash: { attribute: day, type: S }, range: { attribute: id, type: S } }"
        sample.attributes = "{ body: S }"
        sample.rows = (0..<10_000).map { "k\($0),\($0 % 10 == 0 ? "hot" : "d\($0)"),text" }
        let hot = try #require(try sample.plan().resources[0].hotKeys.first)
        #expect(hot.value == "hot" && abs(hot.share - 0.1) < 0.005 && abs(hot.peakUnitsPerSecond - 10) < 1)
        // One that comes all at once is hot at its time only.
        sample.rows = (0..<50_000).map { "k\($0),\($0 % 2_000 < 50 ? "h\($0 / 10_000)" : "d\($0)"),text" }
        let burst = try #require(try sample.plan().resources[0].hotKeys.first)
        #expect(burst.peakShare >= burst.share)
    }

    @Test func numbersAreGrouped() {
        #expect([0, 999, 1_000, 20_000_000, -1_234].map(PlanNumber.grouped) == ["0", "999", "1,000", "20,000,000", "-1,234"])
        #expect([0.5, 0.051, 0.0004, 1].map(PlanNumber.percent) == ["50 %", "5.1 %", "< 0.1 %", "100 %"])
    }
}
