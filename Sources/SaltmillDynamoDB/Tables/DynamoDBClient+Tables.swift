import SaltmillBytes

extension DynamoDBClient {
    package func describeTable(_ name: String) async throws(DynamoDBFailure) -> TableDescription {
        try Self.description(await call(.describeTable, ["TableName": .string(name)]), member: "Table")
    }

    /// Starts creating a table; ``waitUntilActive(_:deadline:)`` sees the end of it.
    @discardableResult
    package func createTable(_ definition: TableDefinition) async throws(DynamoDBFailure) -> TableDescription {
        try Self.description(await call(.createTable, definition.json), member: "TableDescription")
    }

    /// Starts deleting a table.
    package func deleteTable(_ name: String) async throws(DynamoDBFailure) {
        _ = try await call(.deleteTable, ["TableName": .string(name)])
    }

    /// Changes provisioned capacity, of the table or of indexes; what is not named stays. The server refuses a change to the same numbers.
    @discardableResult
    package func updateThroughput(
        _ name: String, table: Throughput? = nil, indexes: [(name: String, throughput: Throughput)] = []
    ) async throws(DynamoDBFailure) -> TableDescription {
        var members: [JSONValue.Member] = [.init("TableName", .string(name))]
        if let table { members.append(.init("ProvisionedThroughput", table.json)) }
        if !indexes.isEmpty {
            let updates: [JSONValue] = indexes.map {
                ["Update": ["IndexName": .string($0.name), "ProvisionedThroughput": $0.throughput.json]]
            }
            members.append(.init("GlobalSecondaryIndexUpdates", .array(updates)))
        }
        return try Self.description(await call(.updateTable, .object(members)), member: "TableDescription")
    }

    /// Asks again and again until the table and its indexes can be used; a table that does not exist yet is waited for, since the answer to
    /// DescribeTable may lag behind CreateTable.
    /// - Throws: ``DynamoDBFailure/notActive(table:status:)`` after `deadline`.
    package func waitUntilActive(_ name: String, deadline: Duration) async throws(DynamoDBFailure) -> TableDescription {
        let end = time.elapsed() + deadline
        var pause = Duration.milliseconds(100)
        while true {
            let status: String?
            do {
                let description = try await describeTable(name)
                if description.isActive { return description }
                status =
                    description.globalIndexes.first { $0.status != "ACTIVE" }.map { "\($0.status) (its index \($0.name))" }
                    ?? description.status
            } catch {
                guard error.errorClass == .tableMissing else { throw error }
                status = nil
            }
            guard time.elapsed() + pause < end else { throw .notActive(table: name, status: status) }
            do { try await time.sleep(pause) } catch { throw .notActive(table: name, status: status) }
            pause = min(pause * 2, .seconds(5))
        }
    }

    /// The names of all tables.
    package func listTables() async throws(DynamoDBFailure) -> [String] {
        var names: [String] = []
        var start: JSONValue?
        repeat {
            let answer = try await call(.listTables, start.map { ["ExclusiveStartTableName": $0] } ?? [:])
            names += (answer["TableNames"]?.array ?? []).compactMap(\.string)
            start = answer["LastEvaluatedTableName"]
        } while start != nil
        return names
    }

    /// A table's tags; nil when the server has no tags.
    package func listTags(arn: String) async throws(DynamoDBFailure) -> [Tag]? {
        var tags: [Tag] = []
        var next: JSONValue?
        repeat {
            var body: JSONValue = ["ResourceArn": .string(arn)]
            if let next { body = ["ResourceArn": .string(arn), "NextToken": next] }
            let answer: JSONValue
            do { answer = try await call(.listTagsOfResource, body) } catch {
                guard error.isUnknownOperation else { throw error }
                return nil
            }
            for tag in answer["Tags"]?.array ?? [] {
                guard let key = tag["Key"]?.string, let value = tag["Value"]?.string else {
                    throw .malformedAnswer("the answer to ListTagsOfResource has a tag without key or value")
                }
                tags.append(Tag(key, value))
            }
            next = answer["NextToken"].flatMap { $0 == .null ? nil : $0 }
        } while next != nil
        return tags
    }

    /// Adds tags to a table, or replaces their values; false when the server has no tags.
    @discardableResult
    package func tagResource(arn: String, _ tags: [Tag]) async throws(DynamoDBFailure) -> Bool {
        do {
            _ = try await call(.tagResource, ["ResourceArn": .string(arn), "Tags": tags.json])
            return true
        } catch {
            guard error.isUnknownOperation else { throw error }
            return false
        }
    }

    private static func description(_ answer: JSONValue, member: String) throws(DynamoDBFailure) -> TableDescription {
        guard let json = answer[member] else { throw .malformedAnswer("the answer has no \(member)") }
        return try TableDescription(json)
    }
}

extension DynamoDBFailure {
    /// The server does not know the operation at all.
    package var isUnknownOperation: Bool {
        guard case .service(let error) = self else { return false }
        return error.code.hasPrefix("UnknownOperation") || error.message.contains("UnknownOperationException")
    }
}
