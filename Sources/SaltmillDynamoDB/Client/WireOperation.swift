/// The operations that are used; the raw value is what the `X-Amz-Target` header says.
package enum WireOperation: String, Sendable, CaseIterable {
    case batchGetItem = "DynamoDB_20120810.BatchGetItem"
    case batchWriteItem = "DynamoDB_20120810.BatchWriteItem"
    case createTable = "DynamoDB_20120810.CreateTable"
    case deleteItem = "DynamoDB_20120810.DeleteItem"
    case deleteTable = "DynamoDB_20120810.DeleteTable"
    case describeContinuousBackups = "DynamoDB_20120810.DescribeContinuousBackups"
    case describeTable = "DynamoDB_20120810.DescribeTable"
    case describeTimeToLive = "DynamoDB_20120810.DescribeTimeToLive"
    case getItem = "DynamoDB_20120810.GetItem"
    case listTables = "DynamoDB_20120810.ListTables"
    case listTagsOfResource = "DynamoDB_20120810.ListTagsOfResource"
    case putItem = "DynamoDB_20120810.PutItem"
    case query = "DynamoDB_20120810.Query"
    case scan = "DynamoDB_20120810.Scan"
    case tagResource = "DynamoDB_20120810.TagResource"
    case updateContinuousBackups = "DynamoDB_20120810.UpdateContinuousBackups"
    case updateTable = "DynamoDB_20120810.UpdateTable"
    case updateTimeToLive = "DynamoDB_20120810.UpdateTimeToLive"

    /// The operation's name: `BatchWriteItem`.
    package var name: Substring { rawValue.dropFirst(18) }
}
