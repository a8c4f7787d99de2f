import SaltmillBytes

/// How a file of JSON Lines is to be read: one object a line, UTF-8.
package struct JSONLinesFormat: Sendable, Equatable {
    /// Names of the members that are columns; any other member makes its row faulty.
    package var columns: [String]
    /// Values are in DynamoDB JSON (`{"S":"text"}`), and a line may be an item or an object whose member `Item` is one.
    package var isTyped: Bool
    /// Longest line in bytes, line end included.
    package var maximumRecordLength: Int

    package init(
        columns: [String], isTyped: Bool = false, maximumRecordLength: Int = CSVFormat.defaultMaximumRecordLength
    ) {
        self.columns = columns
        self.isTyped = isTyped
        self.maximumRecordLength = maximumRecordLength
    }

    /// Everything about the format that shapes rows, as compact JSON: equal texts mean equal rows from equal bytes.
    package var fingerprint: String {
        let value: JSONValue = [
            "json": .string(isTyped ? "dynamodb" : "plain"),
            "columns": .array(columns.map { .string($0) }),
            "maximumRecordLength": .integer(maximumRecordLength),
        ]
        return String(decoding: value.bytes, as: UTF8.self)
    }
}
