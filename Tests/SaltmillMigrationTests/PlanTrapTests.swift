import SaltmillDynamoDB
import SaltmillMigration
import Testing

/// Each trap that a file and a spec show is named where it is, and nowhere else.
@Suite struct PlanTrapTests {
    private static let dayKey = "{ hash: { attribute: day, type: S }, range: { attribute: id, type: S } }"

    /// Rows under a hash key of `day`, at 4,000 units a second on a table that allows it.
    private func byDay(_ day: (Int) -> String, count: Int = 4_000) -> PlanSample {
        var sample = PlanSample()
        sample.rows = (0..<count).map { "k\($0),\(day($0)),text" }
        sample.key = Self.dayKey
        sample.attributes = "{ body: S }"
        sample.create = "{ billing: provisioned, write: 8000, read: 10 }"
        sample.rate = "{ ceiling: 4000/s }"
        return sample
    }

    @Test func aSoundLoadHasNone() throws {
        #expect(try PlanSample().traps() == [])
    }

    @Test func hotHashKey() throws {
        // Two of five rows are of one day: 1,600 units/s.
        var sample = byDay { $0 % 5 < 2 ? "hot" : "d\($0)" }
        let plan = try sample.plan()
        #expect(plan.traps.contains { $0.kind == .hotHashKey && $0.what.contains("hot of the hash key day") })
        #expect(plan.resources[0].advisedShards == 20)
        // Salted it is not.
        sample.key =
            "{ hash: { attribute: day, type: S, salt: { shards: 4, by: [id] } }, range: { attribute: id, type: S } }"
        #expect(try !sample.traps().contains(.hotHashKey))
        // Nor at a rate that one partition bears.
        sample.key = Self.dayKey
        sample.rate = "{ ceiling: 1000/s }"
        #expect(try !sample.traps().contains(.hotHashKey))
    }

    @Test func hotIndexKey() throws {
        var sample = PlanSample()
        sample.rows = (0..<4_000).map { "k\($0),d\($0 % 2),text" }
        sample.create = "{ billing: provisioned, write: 8000, read: 10 }"
        sample.rate = "{ ceiling: 50% }"
        func index(_ hash: String) -> String { "[{ name: by_day, hash: \(hash), write: 8000, read: 1 }]" }
        sample.indexes = index("{ attribute: day }")
        #expect(try sample.plan().traps.filter { $0.kind == .hotIndexKey }.map { $0.cure.contains("salt it over") } == [true])
        sample.indexes = index("{ attribute: day, salt: { shards: 8, by: [id], into: day_shard } }")
        #expect(try !sample.traps().contains(.hotIndexKey))
    }

    @Test func sortedInput() throws {
        #expect(try byDay { "d\($0 / 100)" }.traps().contains(.sortedInput))
        #expect(try !byDay { "d\($0 % 40)" }.traps().contains(.sortedInput))
    }

    @Test func splitsForGood() throws {
        var sample = PlanSample()
        sample.create = "{ billing: provisioned, write: 5000, read: 10 }"
        #expect(try sample.plan().traps.contains { $0.kind == .splitsForGood && $0.what.contains("6 partitions") })
        #expect(try !PlanSample().traps().contains(.splitsForGood))
    }

    @Test func narrowIndex() throws {
        var sample = PlanSample()
        sample.indexes = "[{ name: by_day, hash: { attribute: day }, projection: keys, write: 200, read: 1 }]"
        #expect(try sample.plan().traps.contains { $0.kind == .narrowIndex && $0.cure.contains("1,000 write units") })
        sample.indexes = "[{ name: by_day, hash: { attribute: day }, projection: keys, write: 1000, read: 1 }]"
        #expect(try !sample.traps().contains(.narrowIndex))
    }

    @Test func onDemandStart() throws {
        var sample = PlanSample()
        sample.create = "{ billing: on-demand }"
        sample.rate = "{ ceiling: none }"
        #expect(try sample.traps().contains(.onDemandStart))
        sample.rate = "{ ceiling: 3000/s }"
        #expect(try !sample.traps().contains(.onDemandStart))
    }

    @Test func rowsThatCannotBecomeItems() throws {
        var sample = PlanSample()
        sample.header = "id,day,body,n,m"
        sample.attributes = "{ day: S, body: S, n: N, m: M }"
        let deep = String(repeating: "{\"\"a\"\":", count: 40) + "1" + String(repeating: "}", count: 40)
        let sound = (0..<100).map { "k\($0),d\($0),text,1,{}" }
        sample.rows = sound
        #expect(try sample.traps().isDisjoint(with: [.itemSize, .emptyKey, .numberDigits, .nesting]))
        sample.rows =
            sound + [
                "big,d,\(String(repeating: "x", count: 410_000)),1,{}", "\"\",d,text,1,{}",
                "digits,d,text,\(String(repeating: "7", count: 39)),{}", "deep,d,text,1,\"\(deep)\"",
            ]
        let plan = try sample.plan()
        #expect(Set(plan.traps.map(\.kind)).isSuperset(of: [.itemSize, .emptyKey, .numberDigits, .nesting]))
        #expect(plan.rows.rejected.values.reduce(0, +) == 4 && plan.rows.written == 100)
        #expect(plan.traps.contains { $0.kind == .itemSize && $0.what.contains("line 102") })
    }

    @Test func keysThatACollationWouldMerge() throws {
        var sample = PlanSample()
        sample.rows += ["K1,d1,text", "k2 ,d2,text"]
        #expect(try sample.plan().traps.contains { $0.kind == .keyCollision && $0.what.hasPrefix("2 rows") })
        // Case in other cells means nothing.
        sample = PlanSample()
        sample.rows += ["l1,D1,TEXT "]
        #expect(try !sample.traps().contains(.keyCollision))
    }

    @Test func equalKeys() throws {
        var sample = PlanSample()
        sample.key = "{ hash: { attribute: id, type: N } }"
        sample.rows = ["1000,d,a", "1e3,d,b", "7,d,c"]
        let plan = try sample.plan()
        #expect(plan.traps.map(\.kind) == [.sameKey])
        #expect(plan.rows.read == 3 && plan.rows.superseded == 1 && plan.rows.written == 2 && plan.rows.rejected.isEmpty)
        sample.rows = ["1000,d,a", "1001,d,b"]
        #expect(try sample.traps() == [])
    }

    @Test func loweringStepByStep() throws {
        var sample = PlanSample()
        sample.rate = "{ ceiling: 100/s, zone: UTC, windows: [{ days: all, from: \"22:00\", to: \"06:00\", ceiling: 500/s }] }"
        #expect(try sample.traps() == [.decreases])
        sample.create = "{ billing: on-demand }"
        #expect(try sample.traps() == [])
    }

    @Test func streamAndExpiry() throws {
        var sample = PlanSample()
        sample.adjust = { $0.hasStream = true }
        #expect(try sample.traps() == [.stream])
        sample.header = "id,day,until"
        sample.attributes = "{ day: S, until: N }"
        sample.rows = ["a,d,1000000000", "b,d,4000000000"]
        sample.adjust = { $0.expiry = "until" }
        let plan = try sample.plan()
        #expect(plan.traps.map(\.kind) == [.expiry, .expired])
        #expect(plan.traps[1].what.hasPrefix("1 rows"))
        sample.rows = ["b,d,4000000000"]
        #expect(try sample.traps() == [.expiry])
    }
}
