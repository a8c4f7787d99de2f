/// What is to be kept of a table's or index's partitions when the program ends.
package struct PartitionMap: Equatable, Sendable {
    package struct Part: Equatable, Sendable {
        /// First position of the range.
        package var start: UInt64
        /// Part of the provisioned throughput, of 1.
        package var share: Double
        package var bytes: Int

        package init(start: UInt64, share: Double, bytes: Int) {
            self.start = start
            self.share = share
            self.bytes = bytes
        }
    }

    /// In the order of their ranges; the first begins at position 0.
    package var parts: [Part]
    /// The previous peak, which bounds what an on-demand table serves.
    package var peak: Units

    package init(_ parts: [Part], peak: Units) {
        self.parts = parts
        self.peak = peak
    }

    /// Even partitions that begin at some positions, of bytes in proportion to their widths.
    package init(starts: [UInt64], bytes: Int = 0, peak: Units = Units(read: 0, write: 0)) {
        let ends = starts.dropFirst().map { $0 } + [.max]
        parts = zip(starts, ends).map { start, end in
            Part(
                start: start, share: 1 / Double(starts.count),
                bytes: Int(Double(bytes) * (Double(end - start) / Double(UInt64.max))))
        }
        self.peak = peak
    }

    /// Sets what all the partitions hold together, in the proportions that they have.
    package mutating func scale(toBytes total: Int) {
        let sum = parts.reduce(0) { $0 + $1.bytes }
        guard sum != total else { return }
        guard sum > 0 else {
            parts = zip(parts, PartitionMap(starts: parts.map(\.start), bytes: total).parts).map { part, even in
                Part(start: part.start, share: part.share, bytes: even.bytes)
            }
            return
        }
        for index in parts.indices { parts[index].bytes = Int(Double(parts[index].bytes) / Double(sum) * Double(total)) }
    }
}
