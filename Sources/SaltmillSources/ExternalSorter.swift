/// A record of fixed width that sorts by its words, the first one first. No two records are equal.
protocol SortableRecord: BitwiseCopyable, Sendable {
    static var wordCount: Int { get }
    func word(_ index: Int) -> UInt64
    static func < (a: Self, b: Self) -> Bool
}

/// Sorts any number of records in a fixed amount of memory.
///
/// Records that do not fit are dealt out to files by their leading bits; each file is then sorted in memory or, where it is still too
/// large, dealt out again by the first bits in which its records differ. At most 129 files are open at once.
struct ExternalSorter<Record: SortableRecord>: ~Copyable {
    private let folder: String
    private let name: String
    private let memory: Int
    private let firstSplit: Split
    private var buffer: [Record] = []
    private var parts: [Part] = []

    /// - Parameters:
    ///   - folder: where temporary files may be made.
    ///   - name: what the files' names begin with.
    ///   - significantBits: how many low bits of the records' first word are in use.
    ///   - memory: bytes of records held in memory at once; sorting takes half as much again.
    init(folder: String, name: String, significantBits: Int, memory: Int) {
        self.folder = folder
        self.name = name
        self.memory = memory
        firstSplit = Split(word: 0, highestBit: significantBits - 1)
    }

    mutating func append(_ record: Record) throws {
        guard parts.isEmpty else { return try parts[firstSplit.digit(of: record)].append(record) }
        buffer.append(record)
        guard buffer.count * MemoryLayout<Record>.stride >= memory else { return }
        parts = Part.parts(folder, name, memory)
        for record in buffer { try parts[firstSplit.digit(of: record)].append(record) }
        buffer = []
    }

    /// Shows all records in ascending order.
    /// - Throws: what `visit` throws; ``SourceError``; `CancellationError` when the surrounding task is cancelled.
    consuming func finish(_ visit: (Record) throws -> Void) throws {
        buffer.sort(by: <)
        for record in buffer { try visit(record) }
        buffer = []
        try Self.visit(&parts, folder, name, memory, visit)
    }

    private static func visit(
        _ parts: inout [Part], _ folder: String, _ name: String, _ memory: Int, _ visit: (Record) throws -> Void
    ) throws {
        for part in parts { try part.finishWriting() }
        parts.reverse()
        var number = 0
        while let part = parts.popLast() {
            try Task.checkCancellation()
            number += 1
            guard part.count * MemoryLayout<Record>.stride > memory, let split = part.split else {
                try part.sorted().forEach(visit)
                continue
            }
            let name = "\(name)-\(number)"
            var smaller = Part.parts(folder, name, memory)
            try part.forEach { try smaller[split.digit(of: $0)].append($0) }
            try Self.visit(&smaller, folder, name, memory, visit)
        }
    }

    /// Up to seven bits of one word of a record.
    private struct Split {
        static var width: Int { 7 }
        var word: Int
        var highestBit: Int

        @inline(__always)
        func digit(of record: Record) -> Int {
            let lowestBit = max(0, highestBit + 1 - Self.width)
            return Int(truncatingIfNeeded: record.word(word) >> UInt64(lowestBit)) & ((1 << (highestBit + 1 - lowestBit)) - 1)
        }
    }

    /// Records with one digit in common: a buffer in front of a file.
    private final class Part {
        private(set) var count = 0
        private let file: ScratchFile
        private let bufferCount: Int
        private var buffer: [Record] = []
        private var first: Record?
        private var differences: [UInt64]

        init(_ path: String, bufferCount: Int) {
            file = ScratchFile(path: path)
            self.bufferCount = bufferCount
            differences = Array(repeating: 0, count: Record.wordCount)
        }

        static func parts(_ folder: String, _ name: String, _ memory: Int) -> [Part] {
            let partCount = 1 << Split.width
            let bufferCount = max(1, memory / 2 / partCount / MemoryLayout<Record>.stride)
            return (0..<partCount).map { Part("\(folder)/\(name).\($0)", bufferCount: bufferCount) }
        }

        func append(_ record: Record) throws {
            let first = first ?? record
            self.first = first
            for index in 0..<Record.wordCount { differences[index] |= record.word(index) ^ first.word(index) }
            if buffer.isEmpty { buffer.reserveCapacity(bufferCount) }
            buffer.append(record)
            count += 1
            if buffer.count == bufferCount { try flush() }
        }

        private func flush() throws {
            try buffer.withUnsafeBytes { try file.append($0) }
            buffer.removeAll(keepingCapacity: true)
        }

        /// Writes out what is left and gives the buffer's memory back.
        func finishWriting() throws {
            if !buffer.isEmpty { try flush() }
            buffer = []
            file.close()
        }

        /// How the records can be told apart by their first differing bits; nil when they are all equal.
        var split: Split? {
            guard let word = differences.firstIndex(where: { $0 != 0 }) else { return nil }
            return Split(word: word, highestBit: 63 - differences[word].leadingZeroBitCount)
        }

        func sorted() throws -> [Record] {
            var records: [Record] = []
            records.reserveCapacity(count)
            try forEach { records.append($0) }
            records.sort(by: <)
            return records
        }

        func forEach(_ body: (Record) throws -> Void) throws {
            let blockCount = min(count, max(1, (1 << 16) / MemoryLayout<Record>.stride))
            guard let first, blockCount > 0 else { return }
            var block = Array(repeating: first, count: blockCount)
            var done = 0
            while done < count {
                let size = min(blockCount, count - done)
                try block.withUnsafeMutableBytes {
                    try file.read(
                        into: UnsafeMutableRawBufferPointer(rebasing: $0[..<(size * MemoryLayout<Record>.stride)]),
                        at: done * MemoryLayout<Record>.stride)
                }
                for index in 0..<size { try body(block[index]) }
                done += size
            }
            file.close()
        }
    }
}
