import SaltmillBytes

/// Answers that do not depend on what was stored.
extension Engine {
    /// The service's default quotas, which are not enforced here.
    func describeLimits(_ request: RequestBody) throws -> Answer {
        try request.allowOnly([], .describeLimits)
        return Answer([
            "AccountMaxReadCapacityUnits": 80000, "AccountMaxWriteCapacityUnits": 80000, "TableMaxReadCapacityUnits": 40000,
            "TableMaxWriteCapacityUnits": 40000,
        ])
    }

    func describeEndpoints(_ request: RequestBody) throws -> Answer {
        try request.allowOnly([], .describeEndpoints)
        return Answer([
            "Endpoints": [["Address": .string("dynamodb.\(configuration.region).amazonaws.com"), "CachePeriodInMinutes": 1440]]
        ])
    }
}
