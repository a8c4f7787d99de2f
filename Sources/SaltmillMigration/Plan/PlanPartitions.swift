package import SaltmillPartitions

/// How many partitions a table or an index has before a load and after it.
///
/// The count is what the published formulas give: read/3000 + write/1000 for throughput, 10 GB each for size, the larger of the two
/// (Developer Guide of 2017, "Guidelines for Tables").
package struct PlanPartitions: Sendable, Equatable {
    /// Nil for a table that does not exist yet.
    package var now: Int?
    package var byThroughput: Int
    package var bySize: Int
    package var after: Int { max(byThroughput, bySize) }
    /// Under the rules of 2015: units a second that each partition is given for good once the load is done; nil on demand.
    package var evenShare: Double?

    /// What one partition holds, in bytes.
    static let sizeLimit = 10_000_000_000

    /// - Parameters:
    ///   - throughput: what it is paid for.
    ///   - bytesNow: what is stored already; nil where there is no table yet.
    ///   - bytesAdded: what the load adds.
    package init(_ throughput: Throughput, bytesNow: Int?, bytesAdded: Int) {
        byThroughput = throughput.partitionCount
        func count(_ bytes: Int) -> Int { max((bytes + Self.sizeLimit - 1) / Self.sizeLimit, 1) }
        bySize = count((bytesNow ?? 0) + bytesAdded)
        now = bytesNow.map { max(throughput.partitionCount, count($0)) }
        if case .provisioned(_, let write) = throughput { evenShare = Double(write) / Double(max(byThroughput, bySize)) }
    }
}
