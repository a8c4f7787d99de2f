/// Why a request was refused (Amazon DynamoDB API Reference, "ThrottlingReason").
package enum RefusalCause: String, Sendable, CaseIterable {
    /// All of the table's or index's throughput is used up.
    case provisionedThroughput = "ProvisionedThroughputExceeded"
    /// The key's own partition is at its limit, or an on-demand table has not grown as far yet.
    case keyRange = "KeyRangeThroughputExceeded"
    /// The owner's maximum for an on-demand table or index.
    case maximumOnDemand = "MaxOnDemandThroughputExceeded"
    /// The account's quota for one table.
    case accountLimit = "AccountLimitExceeded"
}

/// Who refused a request, and why.
package struct Refusal: Error, Equatable, Sendable {
    package var resource: Resource
    package var access: Access
    package var cause: RefusalCause

    package init(_ resource: Resource, _ access: Access, _ cause: RefusalCause) {
        self.resource = resource
        self.access = access
        self.cause = cause
    }

    /// One of the 16 reasons of the service, such as `TableWriteKeyRangeThroughputExceeded`.
    package var reason: String {
        (resource == .table ? "Table" : "Index") + (access == .read ? "Read" : "Write") + cause.rawValue
    }
}

/// What has partitions of its own: a table, or one of its global indexes by number.
package enum Resource: Equatable, Sendable {
    case table
    case index(Int)
}
