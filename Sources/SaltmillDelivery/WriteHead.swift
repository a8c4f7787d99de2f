package import SaltmillDynamoDB

/// What write requests begin with, and with that of which operation they are.
package enum WriteHead: Sendable {
    /// Items replace those of the same keys, up to 25 in a request.
    case batch(BatchWriteHead)
    /// Items that the table already has stay as they are there; one item in a request.
    case newItem(NewItemHead)

    /// The operation that takes such requests.
    var operation: WireOperation {
        switch self {
        case .batch: .batchWriteItem
        case .newItem: .putItem
        }
    }

    /// The same, asking for another detail of what was used up.
    func asking(for capacity: ReturnedCapacity) -> WriteHead {
        switch self {
        case .batch(let head): .batch(head.asking(for: capacity))
        case .newItem(let head): .newItem(head.asking(for: capacity))
        }
    }
}
