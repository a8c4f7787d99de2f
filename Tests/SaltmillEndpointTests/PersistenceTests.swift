import GRDB
import SaltmillBytes
import SaltmillEndpoint
import SaltmillPartitions
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct PersistenceTests {
    @Test func everythingIsThereAfterARestart() async throws {
        let folder = try TemporaryFolder()
        let data = folder.file("data.db")
        var before: JSONValue?
        try await Fixture.run {
            $0.dataFile = data
        } _: { fixture in
            try fixture.createTable(
                "kept", "pk:S", "sk:N",
                more: [
                    "ProvisionedThroughput": Fixture.throughput(10, 3000), "Tags": [["Key": "salt", "Value": "day.20"]],
                    "LocalSecondaryIndexes": [Fixture.index("local", ["pk", "b"], ["ProjectionType": "KEYS_ONLY"])],
                    "GlobalSecondaryIndexes": [
                        Fixture.index("global", ["b"], ["ProjectionType": "INCLUDE", "NonKeyAttributes": ["x"]], units: 500)
                    ],
                ], attributes: ["b:B"])
            try fixture.createTable("gone", "pk:S")
            try fixture.put("gone", ["pk": string("a")])
            for number in 0..<30 {
                try fixture.put(
                    "kept",
                    [
                        "pk": string("p"), "sk": SaltmillEndpointTests.number(number), "b": ["B": "AAE="], "x": string("y"),
                        "z": number < 9 ? string("z") : ["NULL": true],
                    ])
            }
            try fixture.call("DeleteTable", ["TableName": "gone"])
            try fixture.call("UpdateTable", ["TableName": "kept", "ProvisionedThroughput": Fixture.throughput(11, 10)])
            before = try fixture.call("DescribeTable", ["TableName": "kept"])["Table"]
        }
        try await Fixture.run {
            $0.dataFile = data
        } _: { fixture in
            #expect(try fixture.call("ListTables", [:]) == ["TableNames": ["kept"]])
            #expect(try fixture.call("DescribeTable", ["TableName": "kept"])["Table"] == before)
            #expect(
                try fixture.call("ListTagsOfResource", ["ResourceArn": "arn:aws:dynamodb:us-east-1:123456789012:table/kept"])["Tags"]
                    == [["Key": "salt", "Value": "day.20"]])
            let scan = try fixture.call(
                "Scan", ["TableName": "kept", "ConsistentRead": true, "ReturnConsumedCapacity": "TOTAL"])
            #expect(scan["Count"] == 30)
            #expect(scan["ConsumedCapacity"]?["CapacityUnits"]?.double == 4, "partitions are as many as they were at their most")
            let query = try fixture.call(
                "Query",
                [
                    "TableName": "kept", "IndexName": "global", "KeyConditionExpression": "b = :b",
                    "ExpressionAttributeValues": [":b": ["B": "AAE="]],
                ])
            #expect(query["Count"] == 30)
            // A new table's rows are its own.
            try fixture.createTable("gone", "pk:S")
            #expect(try fixture.call("Scan", ["TableName": "gone"])["Count"] == 0)
            #expect(try fixture.call("Scan", ["TableName": "kept"])["Count"] == 30)
        }
    }

    /// Why an endpoint on a data file does not start; nil when it does.
    private static func refusal(_ path: String) async throws -> String? {
        var configuration = EndpointConfiguration()
        configuration.port = 0
        configuration.dataFile = path
        do {
            let endpoint = try await Endpoint.start(configuration)
            await endpoint.shutdown()
            return nil
        } catch let error as EndpointError {
            return error.description
        }
    }

    @Test func aFileThatCannotBeUsedIsNamed() async throws {
        let folder = try TemporaryFolder()
        for path in [folder.path, folder.file("none/data.db")] {
            let refusal = try await Self.refusal(path)
            #expect(refusal?.hasPrefix("The data file \(path) cannot be opened") == true)
        }
        let text = folder.file("text")
        let stream = fopen(text, "w")
        fputs(String(repeating: "This is no database. ", count: 100), stream)
        fclose(stream)
        let refusal = try await Self.refusal(text)
        #expect(refusal?.hasPrefix("The data file \(text) cannot be opened") == true)
        let foreign = folder.file("foreign.db")
        try await DatabaseQueue(path: foreign).write { try $0.execute(sql: "CREATE TABLE customers (id INTEGER)") }
        #expect(
            try await Self.refusal(foreign) == "The data file \(foreign) is a database of another kind; name a file of its own")
        let tables = try await DatabaseQueue(path: foreign).read { try String.fetchAll($0, sql: "SELECT name FROM sqlite_master") }
        #expect(tables == ["customers"])
    }

    @Test func aDataFileIsOneEndpointsAndItsOwnersAlone() async throws {
        let folder = try TemporaryFolder()
        let data = folder.file("data.db")
        var configuration = EndpointConfiguration()
        configuration.port = 0
        configuration.dataFile = data
        let first = try await Endpoint.start(configuration)
        let second = try await Self.refusal(data)
        await first.shutdown()
        #expect(second?.hasPrefix("The data file \(data) cannot be opened") == true)
        #expect(try await Self.refusal(data) == nil)
        var status = stat()
        #expect(stat(data, &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test func theRequestLogTellsWhatWasWrittenAndWhatWasNot() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock()
        try await Fixture.run {
            $0.requestLog = folder.file("log.jsonl")
            $0.clock = clock.clock
            $0.physics = Physics(.even2015, burst: .zero)
        } _: { fixture in
            try fixture.createTable("table", "pk:S", "sk:N", more: ["ProvisionedThroughput": Fixture.throughput(1, 2)])
            clock.advance(0.25)
            func write(_ number: Int) -> JSONValue {
                ["PutRequest": ["Item": ["v": string("x"), "sk": SaltmillEndpointTests.number("\(number).0"), "pk": string("a")]]]
            }
            try fixture.call("BatchWriteItem", ["RequestItems": ["table": [write(1), write(2), write(3)]]])
            _ = try fixture.fault("PutItem", ["TableName": "table", "Item": ["pk": string("b"), "sk": number(4)]])
            try fixture.call("DescribeTable", ["TableName": "table"])
            _ = try fixture.fault("PutItem", ["TableName": "none", "Item": ["pk": string("b")]])
        }
        func key(_ hash: String, _ range: Int) -> JSONValue { ["pk": string(hash), "sk": number(range)] }
        let start = 1_450_000_000.25
        #expect(
            try folder.lines(of: "log.jsonl") == [
                ["time": 1_450_000_000.0, "operation": "CreateTable", "status": 200],
                [
                    "time": .number("\(start)"), "operation": "BatchWriteItem", "status": 200, "table": "table",
                    "keys": [key("a", 1), key("a", 2)], "refused": [key("a", 3)],
                ],
                ["time": .number("\(start)"), "operation": "PutItem", "status": 400, "table": "table", "refused": [key("b", 4)]],
                ["time": .number("\(start)"), "operation": "DescribeTable", "status": 200, "table": "table"],
                ["time": .number("\(start)"), "operation": "PutItem", "status": 400],
            ])
    }
}
