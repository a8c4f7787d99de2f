import SaltmillBytes
import SaltmillEndpoint
import Testing

@Suite struct SettingTests {
    @Test func settingsAreReportedAndSurvive() async throws {
        let folder = try TemporaryFolder()
        let settings: JSONValue = [
            "StreamSpecification": ["StreamEnabled": true, "StreamViewType": "NEW_IMAGE"], "TableClass": "STANDARD_INFREQUENT_ACCESS",
            "SSESpecification": ["Enabled": true, "KMSMasterKeyId": "key"],
        ]
        var before: JSONValue?
        try await Fixture.run {
            $0.dataFile = folder.file("data")
        } _: { fixture in
            try fixture.createTable("table", "pk:S", more: settings)
            try fixture.call(
                "UpdateTimeToLive", ["TableName": "table", "TimeToLiveSpecification": ["Enabled": true, "AttributeName": "until"]])
            try fixture.call(
                "UpdateContinuousBackups",
                [
                    "TableName": "table",
                    "PointInTimeRecoverySpecification": ["PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 7],
                ])
            before = try fixture.call("DescribeTable", ["TableName": "table"])
            let table = before?["Table"]
            #expect(table?["StreamSpecification"] == ["StreamEnabled": true, "StreamViewType": "NEW_IMAGE"])
            let label = table?["LatestStreamLabel"]?.string ?? ""
            #expect(table?["LatestStreamArn"]?.string == (table?["TableArn"]?.string ?? "") + "/stream/" + label)
            #expect(table?["TableClassSummary"] == ["TableClass": "STANDARD_INFREQUENT_ACCESS"])
            #expect(table?["SSEDescription"]?["Status"] == "ENABLED")
            #expect(
                try fixture.fault(
                    "UpdateTimeToLive", ["TableName": "table", "TimeToLiveSpecification": ["Enabled": true, "AttributeName": "until"]])
                    == .validation("TimeToLive is already enabled"))
        }
        try await Fixture.run {
            $0.dataFile = folder.file("data")
        } _: { fixture in
            #expect(try fixture.call("DescribeTable", ["TableName": "table"]) == before)
            #expect(
                try fixture.call("DescribeTimeToLive", ["TableName": "table"])
                    == ["TimeToLiveDescription": ["TimeToLiveStatus": "ENABLED", "AttributeName": "until"]])
            let backups = try fixture.call("DescribeContinuousBackups", ["TableName": "table"])["ContinuousBackupsDescription"]
            #expect(backups?["PointInTimeRecoveryDescription"]?["RecoveryPeriodInDays"] == 7)
        }
    }

    @Test func expiredItemsGoAwayAndTheirIndexEntriesWithThem() async throws {
        try await Fixture.run {
            $0.expiryInterval = .milliseconds(5)
        } _: { fixture in
            try fixture.createTable(
                "table", "pk:S", more: ["GlobalSecondaryIndexes": [Fixture.index("index", ["g"])]], attributes: ["g:S"])
            let past = "1700000000"
            try fixture.put("table", ["pk": string("past"), "g": string("x"), "until": number(past)])
            try fixture.put("table", ["pk": string("future"), "g": string("x"), "until": number("9700000000")])
            try fixture.put("table", ["pk": string("ancient"), "g": string("x"), "until": number("1000")])
            try fixture.put("table", ["pk": string("text"), "g": string("x"), "until": string(past)])
            try fixture.call(
                "UpdateTimeToLive", ["TableName": "table", "TimeToLiveSpecification": ["Enabled": true, "AttributeName": "until"]])
            while try fixture.get("table", ["pk": string("past")]) != nil {}
            #expect(try fixture.call("Scan", ["TableName": "table", "Select": "COUNT"])["Count"] == 3)
            #expect(try fixture.call("Scan", ["TableName": "table", "IndexName": "index", "Select": "COUNT"])["Count"] == 3)
            #expect(try fixture.call("DescribeTable", ["TableName": "table"])["Table"]?["ItemCount"] == 3)
        }
    }

    @Test func anIndexIsFilledWhenItIsMade() async throws {
        let folder = try TemporaryFolder()
        try await Fixture.run {
            $0.dataFile = folder.file("data")
        } _: { fixture in
            try fixture.createTable("table", "pk:S")
            for index in 0..<30 { try fixture.put("table", ["pk": string("\(index)"), "g": index % 3 == 0 ? number(index) : string("g")]) }
            let index = Fixture.index("index", ["g"], ["ProjectionType": "KEYS_ONLY"])
            let create: JSONValue = [
                "TableName": "table", "AttributeDefinitions": [["AttributeName": "g", "AttributeType": "S"]],
                "GlobalSecondaryIndexUpdates": [["Create": index]],
            ]
            let table = try fixture.call("UpdateTable", create)["TableDescription"]
            #expect(table?["GlobalSecondaryIndexes"]?.array?.first?["ItemCount"] == 20)
            #expect(table?["AttributeDefinitions"]?.array?.count == 2)
            try fixture.put("table", ["pk": string("new"), "g": string("g")])
            #expect(try fixture.fault("UpdateTable", create)?.name == "ValidationException")
        }
        try await Fixture.run {
            $0.dataFile = folder.file("data")
        } _: { fixture in
            let scan: JSONValue = ["TableName": "table", "IndexName": "index", "Select": "COUNT"]
            #expect(try fixture.call("Scan", scan)["Count"] == 21)
            let delete: JSONValue = ["TableName": "table", "GlobalSecondaryIndexUpdates": [["Delete": ["IndexName": "index"]]]]
            let table = try fixture.call("UpdateTable", delete)["TableDescription"]
            #expect(table?["GlobalSecondaryIndexes"] == nil && table?["AttributeDefinitions"]?.array?.count == 1)
            #expect(try fixture.fault("Scan", scan)?.name == "ValidationException")
            #expect(try fixture.fault("UpdateTable", delete)?.name == "ResourceNotFoundException")
        }
    }

    @Test func decreasesAreRationed() async throws {
        let clock = ManualClock()
        try await Fixture.run {
            $0.clock = clock.clock
        } _: { fixture in
            try fixture.createTable("table", "pk:S", more: ["ProvisionedThroughput": Fixture.throughput(100, 100)])
            var units = 100
            func decrease() throws -> Fault? {
                units -= 1
                return try fixture.fault(
                    "UpdateTable", ["TableName": "table", "ProvisionedThroughput": Fixture.throughput(units, 100)])
            }
            for _ in 0..<4 { #expect(try decrease() == nil) }
            #expect(try decrease()?.name == "LimitExceededException")
            clock.advance(3600)
            #expect(try decrease() == nil)
            #expect(try decrease()?.name == "LimitExceededException")
            let throughput = try fixture.call("DescribeTable", ["TableName": "table"])["Table"]?["ProvisionedThroughput"]
            #expect(throughput?["NumberOfDecreasesToday"] == 5)
        }
    }

    @Test func localIndexesFetchWhatTheyLack() async throws {
        try await Fixture.run { fixture in
            try fixture.createTable(
                "table", "pk:S", "sk:N",
                more: ["LocalSecondaryIndexes": [Fixture.index("local", ["pk", "other"], ["ProjectionType": "KEYS_ONLY"])]],
                attributes: ["other:S"])
            let item: JSONValue = ["pk": string("a"), "sk": number(1), "other": string("x"), "more": string("y")]
            let put: JSONValue = ["TableName": "table", "Item": item, "ReturnItemCollectionMetrics": "SIZE"]
            #expect(
                try fixture.call("PutItem", put)["ItemCollectionMetrics"]
                    == ["ItemCollectionKey": ["pk": string("a")], "SizeEstimateRangeGB": [.number("0.0"), .number("1.0")]])
            func query(_ more: [JSONValue.Member]) throws -> JSONValue? {
                let standard: [JSONValue.Member] = [
                    .init("TableName", "table"), .init("IndexName", "local"), .init("KeyConditionExpression", "pk = :p"),
                    .init("ExpressionAttributeValues", [":p": string("a")]),
                ]
                return try fixture.call("Query", .object(standard + more))["Items"]
            }
            #expect(try query([])?.sorted == [["other": string("x"), "pk": string("a"), "sk": number(1)]])
            #expect(try query([.init("Select", "ALL_ATTRIBUTES")]) == [item])
            #expect(try query([.init("ProjectionExpression", "more")]) == [["more": string("y")]])
        }
    }
}
