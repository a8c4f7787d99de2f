import SaltmillBytes

extension DynamoDBClient {
    /// One page of a query.
    package func query(_ request: QueryRequest) async throws(DynamoDBFailure) -> Page {
        let body = try await exchange(.query, request.json.bytes)
        return try Page(reading: body.span)
    }

    /// One page of a scan.
    package func scan(_ request: ScanRequest) async throws(DynamoDBFailure) -> Page {
        let body = try await exchange(.scan, request.json.bytes)
        return try Page(reading: body.span)
    }

    /// The item of a key; nil when there is none.
    package func getItem(table: String, key: Item, consistent: Bool = false) async throws(DynamoDBFailure) -> Item? {
        let answer = try await call(.getItem, ["TableName": .string(table), "Key": key.json, "ConsistentRead": .bool(consistent)])
        guard let json = answer["Item"], json != .null else { return nil }
        do {
            return try Item(json)
        } catch {
            throw .malformedAnswer("the answer to GetItem holds an item that is none: \(error)")
        }
    }

    /// Writes an item, in the place of any other of its key.
    package func putItem(table: String, _ item: Item) async throws(DynamoDBFailure) {
        _ = try await call(.putItem, ["TableName": .string(table), "Item": item.json])
    }
}
