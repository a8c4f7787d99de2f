/// The rules by which partitions admit requests and split.
package struct Physics: Equatable, Sendable {
    /// Whose rules they are.
    package enum Model: Equatable, Sendable {
        /// Until 2017: provisioned throughput is divided among the partitions once and for all, and unused shares are kept for a burst of their
        /// own (Developer Guide of 2017, "Guidelines for Tables"). There was no on-demand mode; such a table refuses nothing.
        case even2015
        /// Today: a table's throughput is admitted for the table as a whole, and a partition is held to its hard cap only (Elhemali et al.,
        /// "Amazon DynamoDB", USENIX ATC 2022; Developer Guide, "Burst and adaptive capacity").
        case adaptive
    }

    package var model: Model
    /// How long unused provisioned throughput is kept for later ("up to 5 minutes": Developer Guide, "Burst and adaptive capacity").
    package var burst: Duration
    /// A partition that holds more than this splits; 10 GB (Developer Guide, "Partitions and data distribution"), less for a rehearsal, but
    /// far more than the largest item, or one item makes partitions by the dozen.
    package var partitionBytes: Int
    /// Whether reads and writes of a partition draw on one budget, 3,000 reads or 1,000 writes or a mix of both, as the AWS Knowledge Center
    /// has it, rather than on two, as the Developer Guide has it. `adaptive` only: shares of 2015 have always been apart.
    package var sharedBudget: Bool
    /// How long a split for heat takes from its decision on. "Minutes" is all that is published (ATC 2022); five of them are our choice.
    package var heatSplitDuration: Duration

    package init(
        _ model: Model, burst: Duration = .seconds(300), partitionBytes: Int = 10_000_000_000, sharedBudget: Bool = false,
        heatSplitDuration: Duration = .seconds(300)
    ) {
        self.model = model
        self.burst = burst
        self.partitionBytes = max(1, partitionBytes)
        self.sharedBudget = sharedBudget
        self.heatSplitDuration = heatSplitDuration
    }

    package static let even2015 = Physics(.even2015)
    package static let adaptive = Physics(.adaptive)

    /// What one partition serves at most (Developer Guide, "Partitions and data distribution").
    package static let partitionCap = Units(read: 3_000, write: 1_000)
    /// The previous peak that a new on-demand table is taken to have had: half of the 12,000 reads and 4,000 writes a second that it is promised
    /// (Developer Guide, "On-demand capacity mode").
    package static let newTablePeak = Units(read: 6_000, write: 2_000)
    /// What one on-demand table may draw (Developer Guide, "Service quotas": the default for new accounts).
    package static let tableQuota = Units(read: 40_000, write: 40_000)
}

/// Read and write units, or units a second.
package struct Units: Equatable, Sendable {
    package var read: Double
    package var write: Double

    package init(read: Double, write: Double) {
        self.read = read
        self.write = write
    }

    package subscript(access: Access) -> Double {
        get { access == .read ? read : write }
        set {
            if access == .read { read = newValue } else { write = newValue }
        }
    }
}

/// Which of a partition's two budgets a request draws on.
package enum Access: Sendable, CaseIterable {
    case read
    case write
}
