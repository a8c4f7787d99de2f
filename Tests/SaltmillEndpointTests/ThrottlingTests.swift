import SaltmillBytes
import SaltmillEndpoint
import SaltmillPartitions
import Testing

@Suite struct ThrottlingTests {
    private static let arn = "arn:aws:dynamodb:us-east-1:123456789012:table/table"

    private static func reasons(_ reason: String, _ resource: String) -> JSONValue {
        [["reason": .string(reason), "resource": .string(resource)]]
    }

    private static func put(_ key: String) -> JSONValue { ["TableName": "table", "Item": ["pk": string(key)]] }

    private static func batch(_ keys: [String]) -> JSONValue {
        ["RequestItems": ["table": .array(keys.map { ["PutRequest": ["Item": ["pk": string($0)]]] })]]
    }

    /// An endpoint whose time stands still, with a table of so many units.
    private static func run(
        read: Int = 1, write: Int = 1, burst: Duration = .zero, indexes: [JSONValue] = [],
        _ body: (Fixture, ManualClock) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        try await Fixture.run {
            $0.clock = clock.clock
            $0.physics = Physics(.even2015, burst: burst)
        } _: { fixture in
            var more: [JSONValue.Member] = [.init("ProvisionedThroughput", Fixture.throughput(read, write))]
            if !indexes.isEmpty { more.append(.init("GlobalSecondaryIndexes", .array(indexes))) }
            try fixture.createTable("table", "pk:S", more: .object(more), attributes: indexes.isEmpty ? [] : ["g:S"])
            try await body(fixture, clock)
        }
    }

    @Test func aWriteBeyondTheThroughputIsRefusedWithTheReason() async throws {
        try await Self.run(write: 2) { fixture, clock in
            try fixture.call("PutItem", Self.put("a"))
            try fixture.call("PutItem", Self.put("b"))
            let response = try fixture.client.call("PutItem", Self.put("c").bytes)
            #expect(response.status == 400)
            #expect(
                try JSONValue(parsing: response.body.span) == [
                    "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
                    "message": .string(
                        "The level of configured provisioned throughput for the table was exceeded. "
                            + "Consider increasing your provisioning level with the UpdateTable API."),
                    "ThrottlingReasons": Self.reasons("TableWriteProvisionedThroughputExceeded", Self.arn),
                ])
            #expect(try fixture.get("table", ["pk": string("c")]) == nil)
            clock.advance(0.5)
            try fixture.call("PutItem", Self.put("c"))
            #expect(throws: Fault.self) { try fixture.call("PutItem", Self.put("d")) }
            try fixture.call("UpdateTable", ["TableName": "table", "ProvisionedThroughput": Fixture.throughput(1, 100)])
            clock.advance(1)
            for number in 0..<100 { try fixture.call("PutItem", Self.put("\(number)")) }
            #expect(throws: Fault.self) { try fixture.call("PutItem", Self.put("d")) }
        }
    }

    @Test func refusedMembersOfABatchComeBackUnprocessed() async throws {
        try await Self.run(write: 10) { fixture, clock in
            let keys = (0..<25).map { "k\($0)" }
            var wanted = Self.batch(keys)
            var left: [Int] = []
            for _ in 0..<3 {
                let answer = try fixture.call(
                    "BatchWriteItem", .object((wanted.members ?? []) + [.init("ReturnConsumedCapacity", "TOTAL")]))
                let unprocessed = try #require(answer["UnprocessedItems"])
                left.append(unprocessed["table"]?.array?.count ?? 0)
                #expect(answer["ConsumedCapacity"]?.array?.first?["CapacityUnits"]?.double == (left.count < 3 ? 10 : 5))
                wanted = ["RequestItems": unprocessed]
                clock.advance(1)
            }
            #expect(left == [15, 5, 0])
            #expect(try fixture.call("Scan", ["TableName": "table"])["Count"] == 25)
        }
    }

    @Test func aBatchOfWhichNothingWasProcessedIsAnError() async throws {
        try await Self.run(write: 5) { fixture, _ in
            try fixture.call("BatchWriteItem", Self.batch((0..<5).map { "k\($0)" }))
            let response = try fixture.client.call("BatchWriteItem", Self.batch((5..<10).map { "k\($0)" }).bytes)
            let error = try JSONValue(parsing: response.body.span)
            #expect(Fixture.fault(error).name == "ProvisionedThroughputExceededException")
            #expect(error["ThrottlingReasons"] == Self.reasons("TableWriteProvisionedThroughputExceeded", Self.arn))
        }
    }

    @Test func aHotKeyIsRefusedForItsRangeWhileOthersAreServed() async throws {
        // 2,001 units over three partitions.
        try await Self.run(write: 2001) { fixture, _ in
            let big = string(String(repeating: "x", count: 100_000))
            func put(_ key: String) throws -> JSONValue? {
                let response = try fixture.client.call(
                    "PutItem", JSONValue.object([.init("TableName", "table"), .init("Item", ["pk": string(key), "v": big])]).bytes)
                return response.status == 200 ? nil : try JSONValue(parsing: response.body.span)["ThrottlingReasons"]
            }
            let answers = try (0..<7).map { _ in try put("Dog") }
            #expect(answers == [JSONValue?](repeating: nil, count: 6) + [Self.reasons("TableWriteKeyRangeThroughputExceeded", Self.arn)])
            // 388a… is in the first third of the positions, f655… in the last.
            #expect(try put("a") == nil)
        }
    }

    @Test func readsAreRefusedToo() async throws {
        try await Self.run(read: 2, write: 100) { fixture, clock in
            for number in 0..<20 {
                try fixture.put("table", ["pk": string("\(number)"), "v": string(String(repeating: "x", count: 900))])
            }
            clock.advance(10)
            let key: JSONValue = ["TableName": "table", "Key": ["pk": string("1")], "ConsistentRead": true]
            try fixture.call("GetItem", key)
            try fixture.call("GetItem", key)
            let response = try fixture.client.call("GetItem", key.bytes)
            #expect(
                try JSONValue(parsing: response.body.span)["ThrottlingReasons"]
                    == Self.reasons("TableReadProvisionedThroughputExceeded", Self.arn))
            clock.advance(1)
            // A page may begin while anything is left, and then owes the rest: 5 units strongly.
            let scan: JSONValue = ["TableName": "table", "ConsistentRead": true]
            #expect(try fixture.call("Scan", scan)["Count"] == 20)
            #expect(try fixture.fault("Scan", scan)?.name == "ProvisionedThroughputExceededException")
            clock.advance(1.4)
            #expect(try fixture.fault("GetItem", key)?.name == "ProvisionedThroughputExceededException")
            clock.advance(0.7)
            try fixture.call("GetItem", key)
        }
    }

    @Test func keysThatWereRefusedComeBackUnprocessed() async throws {
        try await Self.run(read: 3, write: 100) { fixture, _ in
            let keys = (0..<5).map { number -> JSONValue in ["pk": string("\(number)")] }
            for key in keys { try fixture.put("table", key) }
            let answer = try fixture.call(
                "BatchGetItem", ["RequestItems": ["table": ["Keys": .array(keys), "ConsistentRead": true]]])
            #expect(answer["Responses"]?["table"] == .array(Array(keys[..<3])))
            #expect(answer["UnprocessedKeys"]?["table"] == ["Keys": .array(Array(keys[3...])), "ConsistentRead": true])
            let again = try fixture.fault("BatchGetItem", ["RequestItems": answer["UnprocessedKeys"] ?? [:]])
            #expect(again?.name == "ProvisionedThroughputExceededException")
        }
    }

    @Test func aNarrowIndexHoldsTheTableBack() async throws {
        try await Self.run(write: 100, indexes: [Fixture.index("narrow", ["g"], units: 2)]) { fixture, clock in
            func put(_ key: String) throws -> JSONValue? {
                let request: JSONValue = ["TableName": "table", "Item": ["pk": string(key), "g": string("same")]]
                let response = try fixture.client.call("PutItem", request.bytes)
                return response.status == 200 ? nil : try JSONValue(parsing: response.body.span)
            }
            #expect(try put("a") == nil)
            #expect(try put("b") == nil)
            let error = try put("c")
            #expect(
                error?["ThrottlingReasons"] == Self.reasons("IndexWriteProvisionedThroughputExceeded", "\(Self.arn)/index/narrow"))
            #expect(
                error?["message"]?.string?.hasPrefix(
                    "The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded.")
                    == true)
            // What is not in the index is not held back, and nothing of the refused write was kept.
            for number in 0..<98 { try fixture.call("PutItem", Self.put("\(number)")) }
            #expect(throws: Fault.self) { try fixture.call("PutItem", Self.put("one too many")) }
            clock.advance(0.5)
            #expect(try put("c") == nil)
            #expect(try fixture.call("Scan", ["TableName": "table", "IndexName": "narrow"])["Count"] == 3)
        }
    }

    @Test func unusedThroughputIsKeptForTheBurst() async throws {
        try await Self.run(write: 5, burst: .seconds(10)) { fixture, clock in
            clock.advance(1000)
            for number in 0..<55 { try fixture.call("PutItem", Self.put("\(number)")) }
            #expect(throws: Fault.self) { try fixture.call("PutItem", Self.put("one too many")) }
        }
    }

    @Test func nothingIsRefusedOnDemandOrWithoutPhysics() async throws {
        let clock = ManualClock()
        try await Fixture.run {
            $0.clock = clock.clock
            $0.physics = .even2015
        } _: { fixture in
            try fixture.createTable("table", "pk:S")
            for number in 0..<200 { try fixture.call("PutItem", Self.put("\(number)")) }
        }
        try await Fixture.run {
            $0.clock = clock.clock
            $0.physics = nil
        } _: { fixture in
            try fixture.createTable("table", "pk:S", more: ["ProvisionedThroughput": Fixture.throughput(1, 1)])
            for number in 0..<200 { try fixture.call("PutItem", Self.put("\(number)")) }
            #expect(try fixture.call("Scan", ["TableName": "table"])["Count"] == 200)
        }
    }
}
