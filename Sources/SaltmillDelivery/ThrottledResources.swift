package import SaltmillDynamoDB

/// Reads from a throttled request's answer what throttled it.
package enum ThrottledResources {
    /// What the reasons name: bit 0 for the table (with its local indexes), bit *i* + 1 for global index *i*; all bits when that does not become clear.
    ///
    /// A reason begins with `Table` or `Index`, and an index's ARN ends in its name (Amazon DynamoDB Developer Guide, "Diagnosing throttling").
    package static func named(in failure: DynamoDBFailure, indexNames: [String]) -> UInt32 {
        guard case .service(let error) = failure, !error.throttlingReasons.isEmpty else { return .max }
        var resources: UInt32 = 0
        for reason in error.throttlingReasons {
            if reason.reason.hasPrefix("Table") {
                resources |= 1
            } else if let index = indexNames.firstIndex(where: { reason.resource.hasSuffix("/index/\($0)") }) {
                resources |= 1 << UInt32(index + 1)
            } else {
                return .max
            }
        }
        return resources
    }
}
