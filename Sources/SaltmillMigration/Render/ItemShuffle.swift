import SaltmillBytes
import SaltmillDelivery
import SaltmillItems

/// Puts items into the order of their keys' hashes: sorted input becomes spread, the same way each time, in a fixed amount of memory.
///
/// Items are dealt out to files by the first bits of the hash; each file is then sorted in memory, a part at a time where it is large.
final class ItemShuffle {
    private struct Entry {
        var hash: UInt64
        var range: Range<Int>
    }

    private let folder: String
    private let bits: Int
    private var buffers: [[UInt8]]
    private var lengths: [Int]
    /// Items taken in, and the length of their JSON in bytes.
    private(set) var count = 0
    private(set) var bytes = 0

    private static let headerSize = 12
    private static let bufferSize = 16 << 10
    /// Bytes of items that are sorted in memory at once.
    private static let memory = 16 << 20

    /// - Parameters:
    ///   - folder: exists, for temporary files.
    ///   - expected: bytes of items, as far as that can be told.
    init(folder: String, expected: UInt64) {
        self.folder = folder
        bits = min(max(UInt64.bitWidth - (expected >> 22).leadingZeroBitCount, 0), 10)
        buffers = Array(repeating: [], count: 1 << bits)
        lengths = Array(repeating: 0, count: 1 << bits)
    }

    private func path(_ bucket: Int) -> String { "\(folder)/items.\(bucket)" }

    private func bucket(of hash: UInt64) -> Int { bits == 0 ? 0 : Int(hash >> UInt64(64 - bits)) }

    /// Takes an item in.
    /// - Parameter hash: of its primary key.
    func append(_ item: ArraySlice<UInt8>, hash: UInt64) throws(JobFailure) {
        let bucket = bucket(of: hash)
        buffers[bucket].append(word: hash)
        for shift in stride(from: 0, to: 32, by: 8) { buffers[bucket].append(UInt8(truncatingIfNeeded: item.count >> shift)) }
        buffers[bucket] += item
        count += 1
        bytes += item.count
        if buffers[bucket].count >= Self.bufferSize { try flush(bucket) }
    }

    private func flush(_ bucket: Int) throws(JobFailure) {
        let file = try SpillFile(path: path(bucket), length: UInt64(lengths[bucket]))
        try file.append(buffers[bucket])
        try file.flush()
        lengths[bucket] += buffers[bucket].count
        buffers[bucket].removeAll(keepingCapacity: true)
    }

    /// Shows all items in order.
    /// - Throws: what `visit` throws; ``JobFailure``; `CancellationError` when the task is cancelled.
    func forEach(_ visit: (Span<UInt8>) throws -> Void) throws {
        for bucket in buffers.indices {
            if !buffers[bucket].isEmpty { try flush(bucket) }
            buffers[bucket] = []
        }
        for bucket in buffers.indices where lengths[bucket] > 0 {
            let file = try SpillFile(path: path(bucket), length: UInt64(lengths[bucket]))
            // Each round takes an equal part of the hashes that the file can have.
            let rounds = UInt64(lengths[bucket] / Self.memory + 1)
            let width = (UInt64.max >> UInt64(bits)) / rounds
            for round in 0..<rounds {
                try Task.checkCancellation()
                // A shift by 64 leaves nothing, as it should where there is one file.
                let first = (UInt64(bucket) << UInt64(64 - bits)) + (round == 0 ? 0 : round * (width + 1))
                let (items, entries) = try items(of: file) { $0 >= first && $0 - first <= width }
                for entry in entries.sorted(by: { ($0.hash, $0.range.lowerBound) < ($1.hash, $1.range.lowerBound) }) {
                    try visit(items.span.extracting(entry.range))
                }
            }
            file.remove()
        }
    }

    /// The items of a file whose hashes are wanted.
    private func items(of file: SpillFile, isWanted: (UInt64) -> Bool) throws(JobFailure) -> ([UInt8], [Entry]) {
        var items: [UInt8] = []
        var entries: [Entry] = []
        var offset: UInt64 = 0
        var block: [UInt8] = []
        var next = 0
        let end = file.length
        while offset < end {
            if block.count - next < Self.headerSize || block.count - next < Self.size(block, next) {
                block = try file.read(at: offset, count: 1 << 20)
                next = 0
                guard block.count >= Self.headerSize, block.count >= Self.size(block, 0) else {
                    throw JobFailure(.failed, "\(file.path) was cut short; run the command again")
                }
            }
            let size = Self.size(block, next)
            let hash = block.word(at: next)
            if isWanted(hash) {
                entries.append(Entry(hash: hash, range: items.count..<(items.count + size - Self.headerSize)))
                items += block[(next + Self.headerSize)..<(next + size)]
            }
            next += size
            offset += UInt64(size)
        }
        return (items, entries)
    }

    private static func size(_ block: [UInt8], _ start: Int) -> Int {
        headerSize + (8..<12).reduce(0) { $0 | Int(block[start + $1]) << (8 * ($1 - 8)) }
    }
}
