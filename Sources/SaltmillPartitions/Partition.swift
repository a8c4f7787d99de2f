/// One partition: a contiguous range of hash positions with its budgets and what it holds.
struct Partition: Sendable {
    /// First position of the range; it ends where the next partition's begins.
    ///
    /// Two partitions may begin at one position: the first then holds the older part of an item collection that was cut at a sort key, and no
    /// request of ours goes to it, since new sort keys come behind the old ones.
    var start: UInt64
    /// Part of the provisioned throughput, of 1; what `even2015` holds the partition to.
    var share: Double
    var bytes = 0
    var read: TokenBucket
    var write: TokenBucket
    /// Where the bytes were written.
    var sizes: Sketch
    var heat: Heat
    /// When a split for heat under way will be done; nil where there is none.
    var splitEnd: Int64?

    init(start: UInt64, share: Double, bytes: Int = 0, physics: Physics, at now: Int64) {
        self.start = start
        self.share = share
        self.bytes = bytes
        read = TokenBucket(rate: 0, capacity: 0, at: now)
        write = read
        // A quarter of a full partition fills the sample.
        sizes = Sketch(stride: Double(physics.partitionBytes) / Double(4 * Sketch.capacity))
        heat = Heat(at: now)
    }

    subscript(access: Access) -> TokenBucket {
        get { access == .read ? read : write }
        _modify {
            if access == .read { yield &read } else { yield &write }
        }
    }

    /// What part of the bytes lies below a position, as far as is known.
    /// - Parameter end: the range's last position.
    func partBelow(_ boundary: UInt64, end: UInt64) -> Double {
        guard !sizes.isTelling || sizes.isBalanced(at: boundary) else { return sizes.partBelow(boundary) }
        return Double(boundary - start) / max(1, Double(end - start))
    }

    /// Cuts the upper part off, with half of the share and all but a part of the bytes.
    mutating func split(at boundary: UInt64, lowPart: Double, _ now: Int64) -> Partition {
        share /= 2
        heat = Heat(at: now)
        splitEnd = nil
        var high = self
        high.start = boundary
        high.bytes = bytes - Int(Double(bytes) * min(1, lowPart))
        bytes -= high.bytes
        high.sizes = sizes.split(at: boundary)
        return high
    }
}
