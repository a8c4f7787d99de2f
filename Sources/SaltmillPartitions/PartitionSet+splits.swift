extension PartitionSet {
    /// Counts bytes that came to a position, or went; a partition that holds too many splits in two, at once.
    ///
    /// Only this partition's share is halved (Developer Guide of 2017, "Guidelines for Tables").
    mutating func stored(_ bytes: Int, position: UInt64, at now: Int64) {
        if now >= nextEvent { advance(to: now) }
        var index = partition(at: position)
        partitions[index].bytes += bytes
        guard bytes > 0 else {
            // Rows of a collection that was cut lie in several partitions.
            while partitions[index].bytes < 0, index > 0 {
                partitions[index - 1].bytes += partitions[index].bytes
                partitions[index].bytes = 0
                index -= 1
            }
            partitions[0].bytes = max(0, partitions[0].bytes)
            return
        }
        partitions[index].sizes.add(position, weight: Double(bytes))
        if partitions[index].bytes > physics.partitionBytes { splitForSize(index, at: now) }
    }

    /// Splits a partition in the middle of its bytes, as far as that is known: in the middle of its range, unless what was written there
    /// says otherwise. The middle may lie within one key's items, which are then cut at a sort key; what comes behind goes to the upper part.
    private mutating func splitForSize(_ index: Int, at now: Int64) {
        let middle = middle(ofPartition: index)
        let sizes = partitions[index].sizes
        let isEven = !sizes.isTelling || sizes.isBalanced(at: middle)
        split(index, at: isEven ? middle : sizes.median ?? middle, lowPart: 0.5, .size, now)
        setRates(at: now)
        if partitions[index + 1].bytes > physics.partitionBytes { splitForSize(index + 1, at: now) }
        if partitions[index].bytes > physics.partitionBytes { splitForSize(index, at: now) }
    }

    /// Splits a partition that has been hot where half of the load lies on either side; a key that more than half of it falls on gets a partition
    /// of its own ("frequently accessed items" are isolated: Developer Guide, "Burst and adaptive capacity").
    mutating func splitForHeat(_ index: Int, at now: Int64) {
        let sketch = partitions[index].heat.sketch
        let (start, end) = (partitions[index].start, end(ofPartition: index))
        partitions[index].splitEnd = nil
        guard let boundary = sketch.boundary else { return }
        func cut(at boundary: UInt64, _ cause: PartitionSplit.Cause) {
            guard boundary > start, boundary <= end else { return }
            split(index, at: boundary, lowPart: partitions[index].partBelow(boundary, end: end), cause, now)
        }
        if let key = sketch.majority {
            if key < end { cut(at: key + 1, .hotKey) }
            cut(at: key, .hotKey)
        } else {
            let middle = middle(ofPartition: index)
            cut(at: sketch.isBalanced(at: middle) ? middle : boundary, .heat)
        }
    }

    /// Splits all partitions in two.
    mutating func splitAll(at now: Int64) {
        for index in partitions.indices.reversed() {
            let middle = middle(ofPartition: index)
            let part = partitions[index].partBelow(middle, end: end(ofPartition: index))
            cut(index, at: middle, lowPart: part, now)
        }
        note(.throughput, nil, at: now)
    }

    private mutating func split(_ index: Int, at boundary: UInt64, lowPart: Double, _ cause: PartitionSplit.Cause, _ now: Int64) {
        cut(index, at: boundary, lowPart: lowPart, now)
        note(cause, index, at: now)
    }

    private mutating func cut(_ index: Int, at boundary: UInt64, lowPart: Double, _ now: Int64) {
        if physics.model == .even2015 {
            for access in Access.allCases { partitions[index][access].halve(at: now) }
        }
        let high = partitions[index].split(at: boundary, lowPart: lowPart, now)
        partitions.insert(high, at: index + 1)
    }

    /// The first position of the upper half; the only position where there is but one.
    private func middle(ofPartition index: Int) -> UInt64 {
        let (start, end) = (partitions[index].start, end(ofPartition: index))
        return end > start ? start + (end - start) / 2 + 1 : start
    }
}
