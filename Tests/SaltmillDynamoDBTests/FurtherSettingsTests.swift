import SaltmillBytes
import SaltmillDynamoDB
import Testing

/// What is asked of a table besides its description, and what becomes of it when that may not be asked.
@Suite(.timeLimit(.minutes(1))) struct FurtherSettingsTests {
    private static let table =
        #"{"TableName":"t","TableStatus":"ACTIVE","TableArn":"arn","KeySchema":[{"AttributeName":"h","KeyType":"HASH"}],"#
        + #""AttributeDefinitions":[{"AttributeName":"h","AttributeType":"S"}],"StreamSpecification":{"StreamEnabled":true}}"#

    /// - Parameter answers: by operation; the others are answered well.
    private func settings(_ answers: [String: LoopbackServer.Reply] = [:]) async throws -> FurtherSettings {
        let server = try LoopbackServer { _, request in
            let operation = String(request.header("X-Amz-Target")?.split(separator: ".").last ?? "")
            if let answer = answers[operation] { return answer }
            return switch operation {
            case "DescribeTable": .answer(200, body: #"{"Table":\#(Self.table)}"#)
            case "DescribeTimeToLive":
                .answer(200, body: #"{"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED","AttributeName":"expires"}}"#)
            case "DescribeContinuousBackups":
                .answer(
                    200,
                    body:
                        #"{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}}"#
                )
            default: .answer(200, body: #"{"Tags":[{"Key":"a","Value":"1"}]}"#)
            }
        }
        defer { server.close() }
        let client = try await client(of: server, clock: JumpingClock())
        let (table, json) = try await client.describeTableWhole("t")
        #expect(json["StreamSpecification"]?["StreamEnabled"] == true)
        return try await client.furtherSettings(of: table)
    }

    @Test func everythingIsAsked() async throws {
        let settings = try await settings()
        #expect(settings.timeToLiveAttribute == "expires" && settings.hasPointInTimeRecovery == false)
        #expect(settings.tags == [Tag("a", "1")] && settings.gaps.isEmpty)
    }

    @Test func whatIsDeniedOrUnknownIsAGap() async throws {
        let settings = try await settings([
            "DescribeTimeToLive": .refusal("AccessDeniedException"), "DescribeContinuousBackups": .refusal("UnknownOperationException"),
            "ListTagsOfResource": .refusal("ValidationException"),
        ])
        #expect(settings.timeToLiveAttribute == nil && settings.hasPointInTimeRecovery == nil && settings.tags == nil)
        #expect(settings.gaps.map(\.operation) == ["DescribeTimeToLive", "DescribeContinuousBackups", "ListTagsOfResource"])
        #expect(settings.gaps.first?.reason.hasPrefix("not permitted") == true)
        #expect(settings.gaps.dropFirst().first?.reason == "the server does not know the operation")
    }

    @Test(arguments: ["InternalServerError", "ResourceNotFoundException", "ThrottlingException"])
    func otherFailuresAreFailures(code: String) async {
        await #expect(throws: DynamoDBFailure.self) { _ = try await settings(["ListTagsOfResource": .refusal(code)]) }
    }
}
