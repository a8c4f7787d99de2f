/// Walks a survey's ascending list of record offsets alongside a reader.
///
/// The list is a file of 8-byte little-endian numbers, of which no more than one small block is in memory.
package struct DuplicateCursor: Sendable {
    /// The listed records are faults of the input rather than superseded by others.
    let isFault: Bool
    private let list: InputFile
    private let count: Int
    /// Index in the list of the block's first number.
    private var blockStart = 0
    private var block: [UInt64] = []
    /// Position in the block of the first offset that has not been passed.
    private var next = 0

    private static let blockCount = 512

    init(_ list: InputFile, isFault: Bool) {
        self.list = list
        self.isFault = isFault
        count = Int(list.stamp.size / 8)
    }

    /// Goes to the first listed offset that is not below `offset`.
    mutating func seek(to offset: UInt64) throws(SourceError) {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            try load(from: middle, count: 1)
            if block[0] < offset { low = middle + 1 } else { high = middle }
        }
        try load(from: low, count: Self.blockCount)
    }

    /// Whether `offset` is listed. Offsets must be asked for in ascending order.
    @inline(__always)
    mutating func contains(_ offset: UInt64) throws(SourceError) -> Bool {
        while true {
            if next == block.count {
                guard blockStart + next < count else { return false }
                try load(from: blockStart + next, count: Self.blockCount)
            }
            if block[next] >= offset { return block[next] == offset }
            next += 1
        }
    }

    private mutating func load(from index: Int, count wanted: Int) throws(SourceError) {
        blockStart = index
        next = 0
        block.removeAll(keepingCapacity: true)
        block.append(contentsOf: repeatElement(0, count: min(wanted, count - index)))
        let offset = UInt64(8 * index)
        let list = list
        var space = block.mutableSpan
        _ = try space.withUnsafeMutableBytes { bytes throws(SourceError) in try list.read(into: bytes, at: offset) }
        for position in block.indices { block[position] = UInt64(littleEndian: block[position]) }
    }
}
