/// Throughput that a table or an index is paid for.
package enum Throughput: Equatable, Sendable {
    /// Units a second, at least 1 each.
    case provisioned(read: Int, write: Int)
    case onDemand

    /// How many partitions a new table of this throughput starts with.
    ///
    /// Provisioned: the classic formula, read/3000 + write/1000, rounded up (Developer Guide of 2017, "Guidelines for Tables"). On demand: 4,
    /// which serve the 4,000 writes and 12,000 reads a second that a new on-demand table is promised.
    package var partitionCount: Int {
        switch self {
        case .provisioned(let read, let write):
            let (readCap, writeCap) = (Int(Physics.partitionCap.read), Int(Physics.partitionCap.write))
            let weighted = read + write * (readCap / writeCap)
            return max(1, (weighted + readCap - 1) / readCap)
        case .onDemand: return 4
        }
    }
}

/// The most that an on-demand table or index is to draw, by its owner's will; nil for no such limit (Developer Guide, "Maximum throughput for
/// on-demand tables").
package struct OnDemandMaximum: Equatable, Sendable {
    package var read: Int?
    package var write: Int?

    package init(read: Int? = nil, write: Int? = nil) {
        self.read = read
        self.write = write
    }

    package subscript(access: Access) -> Int? { access == .read ? read : write }
}
