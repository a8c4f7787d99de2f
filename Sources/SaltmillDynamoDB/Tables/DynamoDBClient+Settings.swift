import SaltmillBytes

/// Creating a table from a blueprint, and giving it the settings that CreateTable does not take.
extension DynamoDBClient {
    /// Starts creating a table from the body of a CreateTable; ``waitUntilActive(_:deadline:)`` sees the end of it.
    package func createTable(_ blueprint: TableBlueprint, as name: String, tags: [Tag], withGlobalIndexes: Bool)
        async throws(DynamoDBFailure)
    {
        _ = try await call(.createTable, blueprint.creation(as: name, tags: tags, withGlobalIndexes: withGlobalIndexes))
    }

    /// Starts adding a global index; one at a time may be under way.
    package func addIndex(_ index: TableBlueprint.Index, of blueprint: TableBlueprint, to name: String) async throws(DynamoDBFailure) {
        _ = try await call(.updateTable, blueprint.addition(of: index, to: name))
    }

    /// Lets items expire by an attribute that holds a time in seconds since 1970.
    package func enableTimeToLive(_ name: String, attribute: String) async throws(DynamoDBFailure) {
        let specification: JSONValue = ["Enabled": true, "AttributeName": .string(attribute)]
        _ = try await call(.updateTimeToLive, ["TableName": .string(name), "TimeToLiveSpecification": specification])
    }

    /// Lets the table be restored to any second of the last days.
    /// - Parameter days: 1 to 35; nil leaves it to the service.
    package func enablePointInTimeRecovery(_ name: String, days: Int?) async throws(DynamoDBFailure) {
        var members: [JSONValue.Member] = [.init("PointInTimeRecoveryEnabled", true)]
        if let days { members.append(.init("RecoveryPeriodInDays", .integer(days))) }
        _ = try await call(
            .updateContinuousBackups, ["TableName": .string(name), "PointInTimeRecoverySpecification": .object(members)])
    }

    /// Starts a stream of the table's changes.
    /// - Parameter view: `NEW_AND_OLD_IMAGES` or its like.
    package func enableStream(_ name: String, view: String) async throws(DynamoDBFailure) {
        let specification: JSONValue = ["StreamEnabled": true, "StreamViewType": .string(view)]
        _ = try await call(.updateTable, ["TableName": .string(name), "StreamSpecification": specification])
    }

    /// Keeps the table from being deleted.
    package func protectFromDeletion(_ name: String) async throws(DynamoDBFailure) {
        _ = try await call(.updateTable, ["TableName": .string(name), "DeletionProtectionEnabled": true])
    }

    /// Returns when a table that is being deleted is gone.
    /// - Throws: ``DynamoDBFailure/notActive(table:status:)`` after `deadline`.
    package func waitUntilGone(_ name: String, deadline: Duration) async throws(DynamoDBFailure) {
        let end = time.elapsed() + deadline
        var pause = Duration.milliseconds(100)
        while true {
            let status: String
            do {
                status = try await describeTable(name).status
            } catch {
                guard error.errorClass == .tableMissing else { throw error }
                return
            }
            guard time.elapsed() + pause < end else { throw .notActive(table: name, status: status) }
            do { try await time.sleep(pause) } catch { throw .notActive(table: name, status: status) }
            pause = min(pause * 2, .seconds(5))
        }
    }
}
