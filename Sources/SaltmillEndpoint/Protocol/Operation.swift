/// The operations that this endpoint has, by the names in the `X-Amz-Target` header.
enum Operation: String, CaseIterable, Sendable {
    case createTable = "CreateTable"
    case describeTable = "DescribeTable"
    case listTables = "ListTables"
    case updateTable = "UpdateTable"
    case deleteTable = "DeleteTable"
    case tagResource = "TagResource"
    case untagResource = "UntagResource"
    case listTagsOfResource = "ListTagsOfResource"
    case describeTimeToLive = "DescribeTimeToLive"
    case updateTimeToLive = "UpdateTimeToLive"
    case describeContinuousBackups = "DescribeContinuousBackups"
    case updateContinuousBackups = "UpdateContinuousBackups"
    case describeLimits = "DescribeLimits"
    case describeEndpoints = "DescribeEndpoints"
    case putItem = "PutItem"
    case getItem = "GetItem"
    case deleteItem = "DeleteItem"
    case updateItem = "UpdateItem"
    case batchWriteItem = "BatchWriteItem"
    case batchGetItem = "BatchGetItem"
    case query = "Query"
    case scan = "Scan"
    case transactWriteItems = "TransactWriteItems"
    case transactGetItems = "TransactGetItems"
    case executeStatement = "ExecuteStatement"
    case batchExecuteStatement = "BatchExecuteStatement"
    case executeTransaction = "ExecuteTransaction"

    /// What stands before the name in the header.
    static let targetPrefix = "DynamoDB_20120810."

    /// - Parameter target: the header's value.
    init?(target: String) {
        guard target.hasPrefix(Self.targetPrefix) else { return nil }
        self.init(rawValue: String(target.dropFirst(Self.targetPrefix.count)))
    }
}

/// How much of what a request consumed its answer tells.
enum ReturnConsumedCapacity: String, CaseIterable {
    case indexes = "INDEXES"
    case total = "TOTAL"
    case none = "NONE"
}

/// What a write returns of the item.
enum ReturnValues: String, CaseIterable {
    case allNew = "ALL_NEW"
    case updatedOld = "UPDATED_OLD"
    case allOld = "ALL_OLD"
    case none = "NONE"
    case updatedNew = "UPDATED_NEW"
}

/// Whether a write returns how large the item's collection is.
enum ReturnItemCollectionMetrics: String, CaseIterable {
    case size = "SIZE"
    case none = "NONE"
}

/// What a Query or Scan returns.
enum Select: String, CaseIterable {
    case specificAttributes = "SPECIFIC_ATTRIBUTES"
    case count = "COUNT"
    case allAttributes = "ALL_ATTRIBUTES"
    case allProjectedAttributes = "ALL_PROJECTED_ATTRIBUTES"
}

/// Whether a condition that fails returns the item.
enum ReturnValuesOnFailure: String, CaseIterable {
    case allOld = "ALL_OLD"
    case none = "NONE"
}
