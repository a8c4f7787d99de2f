extension DynamoDBClient {
    /// One page of a scan, its items as the wire brought them.
    /// - Parameter body: as ``ScanBody`` makes it.
    package func scanPage(_ body: [UInt8]) async throws(DynamoDBFailure) -> ScanPage {
        try ScanPage(reading: try await exchange(.scan, body))
    }
}
