package import SaltmillBytes

/// What there is to know of a table besides its description: settings that the service tells by operations of their own.
package struct FurtherSettings: Sendable, Equatable {
    /// Something that could not be found out.
    package struct Gap: Sendable, Equatable {
        /// The operation that would have told: `DescribeTimeToLive`.
        package var operation: String
        /// Why it did not.
        package var reason: String

        package init(operation: String, reason: String) {
            self.operation = operation
            self.reason = reason
        }
    }

    /// The `TimeToLiveDescription`.
    package var timeToLive: JSONValue?
    /// The `ContinuousBackupsDescription`.
    package var continuousBackups: JSONValue?
    package var tags: [Tag]?
    package var gaps: [Gap] = []

    package init() {}

    /// The attribute that says when an item expires; nil when that is off or not known.
    package var timeToLiveAttribute: String? {
        guard let status = timeToLive?["TimeToLiveStatus"]?.string, status == "ENABLED" || status == "ENABLING" else { return nil }
        return timeToLive?["AttributeName"]?.string
    }

    /// Whether the table can be restored to a point in time; nil when that is not known.
    package var hasPointInTimeRecovery: Bool? {
        continuousBackups.map { $0["PointInTimeRecoveryDescription"]?["PointInTimeRecoveryStatus"]?.string == "ENABLED" }
    }
}

extension DynamoDBClient {
    /// A table's description, read and as the server words it.
    package func describeTableWhole(_ name: String) async throws(DynamoDBFailure) -> (table: TableDescription, json: JSONValue) {
        let answer = try await call(.describeTable, ["TableName": .string(name)])
        guard let json = answer["Table"] else { throw .malformedAnswer("the answer has no Table") }
        return (try TableDescription(json), json)
    }

    /// A table's other settings. What is not permitted to ask, or what the server does not know of, is a gap in the result and no error.
    package func furtherSettings(of table: TableDescription) async throws(DynamoDBFailure) -> FurtherSettings {
        var settings = FurtherSettings()
        let name: JSONValue = ["TableName": .string(table.name)]
        do {
            settings.timeToLive = try await call(.describeTimeToLive, name)["TimeToLiveDescription"]
            if settings.timeToLive == nil { settings.note(.describeTimeToLive, "the answer has no TimeToLiveDescription") }
        } catch {
            try settings.note(.describeTimeToLive, error)
        }
        do {
            settings.continuousBackups = try await call(.describeContinuousBackups, name)["ContinuousBackupsDescription"]
            if settings.continuousBackups == nil {
                settings.note(.describeContinuousBackups, "the answer has no ContinuousBackupsDescription")
            }
        } catch {
            try settings.note(.describeContinuousBackups, error)
        }
        do {
            if let arn = table.arn {
                settings.tags = try await listTags(arn: arn)
                if settings.tags == nil { settings.note(.listTagsOfResource, "the server does not know the operation") }
            } else {
                settings.note(.listTagsOfResource, "the table has no ARN")
            }
        } catch {
            try settings.note(.listTagsOfResource, error)
        }
        return settings
    }
}

extension FurtherSettings {
    fileprivate mutating func note(_ operation: WireOperation, _ reason: String) {
        gaps.append(Gap(operation: String(operation.name), reason: reason))
    }

    /// Notes a refusal; any other failure is thrown.
    fileprivate mutating func note(_ operation: WireOperation, _ failure: DynamoDBFailure) throws(DynamoDBFailure) {
        guard case .service(let error) = failure else { throw failure }
        let isMissing = failure.isUnknownOperation || ["ContinuousBackupsUnavailableException", "NotImplemented"].contains(error.code)
        switch failure.errorClass {
        case _ where isMissing || error.status == 501: note(operation, "the server does not know the operation")
        case .accessDenied: note(operation, "not permitted: \(error.message.isEmpty ? error.code : error.message)")
        case .notDynamoDB, .validation: note(operation, "refused: \(failure)")
        default: throw failure
        }
    }
}
