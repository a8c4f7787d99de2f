import SaltmillBytes
import SaltmillEndpoint
import SaltmillPartitions
import Synchronization
import Testing

/// What the partitions' rules look like from outside.
@Suite struct PhysicsTests {
    private static let arn = "arn:aws:dynamodb:us-east-1:123456789012:table/table"
    private static let throughputMessage =
        "The level of configured provisioned throughput for the table was exceeded. "
        + "Consider increasing your provisioning level with the UpdateTable API."
    private static let tableMessage =
        "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index "
        + "so please try again shortly. If exceptions persist, check if you have a hot key: "
        + "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html"

    /// An error as the service words it: each of the two exceptions has its own spelling of the reasons.
    private static func refusal(_ name: String, _ message: String, _ reason: String, _ resource: String = arn) -> JSONValue {
        [
            "__type": .string("com.amazonaws.dynamodb.v20120810#\(name)"), "message": .string(message),
            name == "ThrottlingException" ? "throttlingReasons" : "ThrottlingReasons": [
                ["reason": .string(reason), "resource": .string(resource)]
            ],
        ]
    }

    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    /// An endpoint whose time stands still, ten seconds after its table was made.
    private static func run(
        _ physics: Physics = .adaptive, _ members: JSONValue = [:], indexes: [JSONValue] = [], dataFile: String? = nil,
        lines: Lines = Lines(), _ body: (Fixture, ManualClock) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        try await Fixture.run {
            $0.clock = clock.clock
            $0.physics = physics
            $0.dataFile = dataFile
            $0.splitReport = { lines.add($0) }
        } _: { fixture in
            var more = members.members ?? []
            if !indexes.isEmpty { more.append(.init("GlobalSecondaryIndexes", .array(indexes))) }
            try fixture.createTable("table", "pk:S", more: .object(more), attributes: indexes.isEmpty ? [] : ["g:S"])
            clock.advance(10)
            try await body(fixture, clock)
        }
    }

    /// Puts an item of that many units, or returns the error.
    private static func put(_ fixture: Fixture, _ key: String, units: Int = 1, group: String? = nil) throws -> JSONValue? {
        var item: [JSONValue.Member] = [.init("pk", string(key)), .init("v", string(String(repeating: "x", count: units * 1024 - 100)))]
        if let group { item.append(.init("g", string(group))) }
        let response = try fixture.client.call(
            "PutItem", JSONValue.object([.init("TableName", "table"), .init("Item", .object(item))]).bytes)
        return response.status == 200 ? nil : try JSONValue(parsing: response.body.span)
    }

    /// Puts an item that must be admitted each time.
    private static func fill(_ fixture: Fixture, _ key: String, units: Int, times: Int) throws {
        for _ in 0..<times { #expect(try put(fixture, key, units: units) == nil) }
    }

    @Test func aHotKeyOfAnOnDemandTableIsThrottled() async throws {
        try await Self.run { fixture, _ in
            try Self.fill(fixture, "Dog", units: 400, times: 2)
            #expect(
                try Self.put(fixture, "Dog", units: 400)
                    == Self.refusal("ThrottlingException", Self.tableMessage, "TableWriteKeyRangeThroughputExceeded"))
            // 388a… is in the first quarter of the positions, f655… in the last.
            #expect(try Self.put(fixture, "a", units: 400) == nil)
        }
    }

    @Test func aHotKeyOfAProvisionedTableExceedsItsThroughput() async throws {
        try await Self.run(.adaptive, ["ProvisionedThroughput": Fixture.throughput(1, 3000)]) { fixture, _ in
            try Self.fill(fixture, "hot", units: 400, times: 2)
            #expect(
                try Self.put(fixture, "hot", units: 400)
                    == Self.refusal(
                        "ProvisionedThroughputExceededException", Self.throughputMessage, "TableWriteKeyRangeThroughputExceeded"))
        }
    }

    @Test func aTableUsesAllOfItsThroughputOnOnePartition() async throws {
        try await Self.run(.adaptive, ["ProvisionedThroughput": Fixture.throughput(6000, 40)]) { fixture, _ in
            #expect(fixture.endpoint.partitions(of: "table")?.table.count == 3)
            try Self.fill(fixture, "hot", units: 1, times: 440)
            #expect(
                try Self.put(fixture, "hot")
                    == Self.refusal(
                        "ProvisionedThroughputExceededException", Self.throughputMessage, "TableWriteProvisionedThroughputExceeded"))
        }
    }

    @Test func theOwnersMaximumIsToldAndCanBeRemoved() async throws {
        let maximum: JSONValue = ["OnDemandThroughput": ["MaxWriteRequestUnits": 5]]
        try await Self.run(.adaptive, maximum) { fixture, clock in
            let described: JSONValue = ["MaxReadRequestUnits": -1, "MaxWriteRequestUnits": 5]
            #expect(try fixture.call("DescribeTable", ["TableName": "table"])["Table"]?["OnDemandThroughput"] == described)
            for number in 0..<5 { #expect(try Self.put(fixture, "\(number)") == nil) }
            #expect(
                try Self.put(fixture, "6")
                    == Self.refusal(
                        "ThrottlingException", "Throughput exceeds the maximum OnDemandThroughput configured on table or index",
                        "TableWriteMaxOnDemandThroughputExceeded"))
            try fixture.call("UpdateTable", ["TableName": "table", "OnDemandThroughput": ["MaxWriteRequestUnits": -1]])
            #expect(try fixture.call("DescribeTable", ["TableName": "table"])["Table"]?["OnDemandThroughput"] == nil)
            clock.advance(1)
            for number in 0..<6 { #expect(try Self.put(fixture, "\(number)") == nil) }
        }
        try await Self.run(.adaptive, ["ProvisionedThroughput": Fixture.throughput(1, 1)]) { fixture, _ in
            let fault = try fixture.fault("UpdateTable", ["TableName": "table", "OnDemandThroughput": ["MaxWriteRequestUnits": 5]])
            #expect(fault?.message.contains("only be specified when BillingMode is PAY_PER_REQUEST") == true)
        }
    }

    @Test func aHotIndexKeyHoldsUniformTableKeysBack() async throws {
        try await Self.run(indexes: [Fixture.index("byGroup", ["g"])]) { fixture, clock in
            for number in 0..<2 { #expect(try Self.put(fixture, "\(number)", units: 400, group: "2015-12-07") == nil) }
            #expect(
                try Self.put(fixture, "2", units: 400, group: "2015-12-07")
                    == Self.refusal(
                        "ThrottlingException",
                        "Throughput exceeds the current capacity for one or more global secondary indexes. "
                            + "DynamoDB is automatically scaling your index so please try again shortly.",
                        "IndexWriteKeyRangeThroughputExceeded", "\(Self.arn)/index/byGroup"))
            let kept = try fixture.get("table", ["pk": string("2")])
            #expect(kept == nil)
            clock.advance(1)
            #expect(try Self.put(fixture, "2", units: 400, group: "2015-12-07") == nil)
        }
    }

    @Test func refusedMembersOfABatchComeBackWithoutAReason() async throws {
        try await Self.run(.adaptive, ["OnDemandThroughput": ["MaxWriteRequestUnits": 10]]) { fixture, _ in
            func batch(_ keys: Range<Int>) -> JSONValue {
                ["RequestItems": ["table": .array(keys.map { ["PutRequest": ["Item": ["pk": string("\($0)")]]] })]]
            }
            let answer = try fixture.call("BatchWriteItem", batch(0..<25))
            #expect(answer["UnprocessedItems"]?["table"]?.array?.count == 15)
            #expect(answer.members?.map(\.name) == ["UnprocessedItems"])
            let response = try fixture.client.call("BatchWriteItem", batch(25..<50).bytes)
            #expect(response.status == 400)
            let error = try JSONValue(parsing: response.body.span)
            #expect(error["throttlingReasons"] == [["reason": "TableWriteMaxOnDemandThroughputExceeded", "resource": .string(Self.arn)]])
        }
    }

    @Test func updatesOfThroughputMoveSharesAsIn2015() async throws {
        let lines = Lines()
        try await Self.run(.even2015, ["ProvisionedThroughput": Fixture.throughput(1, 3200)], lines: lines) { fixture, _ in
            func shares() throws -> [Double] {
                let set = try #require(fixture.endpoint.partitions(of: "table")).table
                return (0..<set.count).map { set.limit(.write, ofPartition: $0) }
            }
            var seen = [try shares()]
            for units in [3600, 6000, 5000] {
                try fixture.call("UpdateTable", ["TableName": "table", "ProvisionedThroughput": Fixture.throughput(1, units)])
                seen.append(try shares())
            }
            let expected: [(Int, Double)] = [(4, 800), (4, 900), (8, 750), (8, 625)]
            #expect(seen == expected.map { [Double](repeating: $1, count: $0) })
            #expect(fixture.endpoint.partitions(of: "none") == nil)
        }
        #expect(lines.all == ["table table: all partitions split (throughput): 8 partitions"])
    }

    @Test func partitionsSplitBySizeAndComeBackAfterARestart() async throws {
        let folder = try TemporaryFolder()
        let physics = Physics(.even2015, burst: .zero, partitionBytes: 20_000)
        let lines = Lines()
        var before: [PartitionMap] = []
        try await Self.run(
            physics, ["ProvisionedThroughput": Fixture.throughput(1, 900)], indexes: [Fixture.index("byGroup", ["g"], units: 900)],
            dataFile: folder.file("data.db"), lines: lines
        ) { fixture, clock in
            for number in 0..<100 {
                #expect(try Self.put(fixture, "\(number)", group: "\(number % 3)") == nil)
                clock.advance(1)
            }
            try fixture.call("DeleteItem", ["TableName": "table", "Key": ["pk": string("1")]])
            let partitions = try #require(fixture.endpoint.partitions(of: "table"))
            before = [partitions.table.map, partitions.indexes[0].map]
            let size = try fixture.call("DescribeTable", ["TableName": "table"])["Table"]?["TableSizeBytes"]?.int
            #expect(before[0].parts.reduce(0) { $0 + $1.bytes } == size)
            #expect(before[0].parts.count > 4 && before[1].parts.count > 4)
            #expect(lines.all.first == "table table: partition 0 split (size): 2 partitions")
            #expect(lines.all.contains("index table/byGroup: partition 0 split (size): 3 partitions"))
            #expect(lines.all.count == before[0].parts.count + before[1].parts.count - 3, "the index began with two")
        }
        try await Fixture.run {
            $0.dataFile = folder.file("data.db")
            $0.physics = physics
        } _: { fixture in
            let partitions = try #require(fixture.endpoint.partitions(of: "table"))
            #expect([partitions.table.map, partitions.indexes[0].map] == before)
            #expect(partitions.table.limit(.write, ofPartition: 0) < 900)
        }
    }

    @Test func maximaAndPeaksComeBackAfterARestart() async throws {
        let folder = try TemporaryFolder()
        try await Self.run(
            .adaptive, ["ProvisionedThroughput": Fixture.throughput(1, 10_000)], dataFile: folder.file("data.db")
        ) { fixture, _ in
            let change: JSONValue = ["BillingMode": "PAY_PER_REQUEST", "OnDemandThroughput": ["MaxReadRequestUnits": 7]]
            try fixture.call("UpdateTable", .object([.init("TableName", "table")] + (change.members ?? [])))
        }
        try await Fixture.run {
            $0.dataFile = folder.file("data.db")
            $0.physics = .adaptive
        } _: { fixture in
            let set = try #require(fixture.endpoint.partitions(of: "table")).table
            #expect(set.limit(.write) == 10_000, "what it was paid for")
            #expect(set.limit(.read) == 7)
            #expect(set.count == 11)
        }
    }

    @Test func timeCanRunFaster() {
        let real = EndpointClock.system
        let start = real.monotonic()
        let fast = EndpointClock.system(speed: 1000)
        let (first, epoch) = (fast.monotonic(), fast.epoch())
        let begun = real.monotonic()
        while real.monotonic() < begun + 2_000_000 {}
        let earliest = real.monotonic()
        let (last, later) = (fast.monotonic(), fast.epoch())
        let end = real.monotonic()
        #expect(last - first >= 1000 * (earliest - begun) && last - first <= 1000 * (end - start))
        #expect(later - epoch >= 1.9)
    }
}
