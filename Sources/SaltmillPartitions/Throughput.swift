/// Throughput that a table or an index is paid for.
package enum Throughput: Equatable, Sendable {
    /// Units a second, at least 1 each.
    case provisioned(read: Int, write: Int)
    case onDemand

    /// What one partition serves at most (Amazon DynamoDB Developer Guide, "Partitions and data distribution").
    private static let readCap = 3_000
    private static let writeCap = 1_000

    /// How many partitions a new table of this throughput starts with.
    ///
    /// Provisioned: the classic formula, read/3000 + write/1000, rounded up (Developer Guide of 2017, "Guidelines for Tables"). On demand: 4,
    /// which serve the 4,000 writes and 12,000 reads a second that a new on-demand table is promised.
    package var partitionCount: Int {
        switch self {
        case .provisioned(let read, let write):
            let weighted = read + write * (Self.readCap / Self.writeCap)
            return max(1, (weighted + Self.readCap - 1) / Self.readCap)
        case .onDemand: return 4
        }
    }
}
