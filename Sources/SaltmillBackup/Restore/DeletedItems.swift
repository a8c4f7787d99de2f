import SaltmillBytes
import SaltmillDynamoDB

/// The items that an incremental export says were deleted: taken out of the table when those that were written are in it. An export holds each key
/// once, so the order between the two does not matter.
struct DeletedItems {
    /// Deletes in one request (Amazon DynamoDB API Reference, "BatchWriteItem").
    private static let batchSize = 25

    let table: DumpedTable
    let transform: ItemTransform
    let client: DynamoDBClient
    let target: TableDescription

    /// - Returns: how many there were.
    func apply() async throws -> Int {
        var count = 0
        var keys: [JSONValue] = []
        guard table.parts.contains(where: { $0.shape == .changeLines }) else { return 0 }
        for part in table.parts.indices {
            let cursor = try PartCursor(table, part: part)
            while try cursor.advance() {
                guard cursor.current?.kind == .delete else { continue }
                let key = cursor.withItem { item, _ in item.withUnsafeBufferPointer { Array($0) } }
                keys.append(try JSONValue(parsing: (transform.isEmpty ? key : try transform.apply(to: key.span)).span))
                count += 1
                if keys.count == Self.batchSize { try await delete(&keys) }
            }
        }
        try await delete(&keys)
        return count
    }

    /// Deletes, and again what comes back, until nothing does.
    private func delete(_ keys: inout [JSONValue]) async throws {
        guard !keys.isEmpty else { return }
        var requests: JSONValue = .array(keys.map { ["DeleteRequest": ["Key": $0]] })
        keys = []
        var pause = Duration.milliseconds(50)
        while true {
            try Task.checkCancellation()
            let answer = try await client.call(.batchWriteItem, ["RequestItems": .object([.init(target.name, requests)])])
            guard let left = answer["UnprocessedItems"]?[target.name], left.array?.isEmpty == false else { return }
            requests = left
            try await ContinuousClock().sleep(for: pause)
            pause = min(pause * 2, .seconds(5))
        }
    }
}
