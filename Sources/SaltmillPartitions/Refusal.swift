/// Why a request was refused: the `reason` of the service's `ThrottlingReasons` (Amazon DynamoDB API Reference, "ThrottlingReason").
package enum RefusalCause: Sendable {
    /// All of the table's or index's throughput is used up.
    case provisionedThroughput
    /// The key's own partition is at its limit while others have units left.
    case keyRange
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
}

/// What has partitions of its own: a table, or one of its global indexes by number.
package enum Resource: Equatable, Sendable {
    case table
    case index(Int)
}
