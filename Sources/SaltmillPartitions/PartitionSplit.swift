/// A split that has happened.
package struct PartitionSplit: Equatable, Sendable {
    package enum Cause: String, Sendable {
        /// The throughput needs more partitions: all of them split in two.
        case throughput
        /// A partition held too many bytes.
        case size
        /// A partition was near its cap for long.
        case heat
        /// A partition was near its cap because of one key, which has one of its own now.
        case hotKey = "hot key"
    }

    package var time: Int64
    /// Which partition split, counted from 0 in the order of ranges before the split; nil for all of them.
    package var partition: Int?
    package var cause: Cause
    /// How many partitions there are afterwards.
    package var count: Int

    package init(time: Int64, partition: Int?, cause: Cause, count: Int) {
        self.time = time
        self.partition = partition
        self.cause = cause
        self.count = count
    }
}
