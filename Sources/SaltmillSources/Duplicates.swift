import SaltmillBytes

/// What becomes of records that carry the same primary key.
package enum DuplicatePolicy: String, Sendable, CaseIterable, Codable {
    /// The last record of the input wins, the others are superseded.
    case last
    /// The first record of the input wins, the others are superseded.
    case first
    /// All records of a doubled key are faulty.
    case reject
    /// Nobody looks.
    case unchecked
}

/// A record's primary key, as far as the search for duplicates is concerned.
struct KeyedRecord: SortableRecord {
    var high: UInt64
    var low: UInt64
    var offset: UInt64

    static var wordCount: Int { 3 }

    func word(_ index: Int) -> UInt64 { index == 0 ? high : index == 1 ? low : offset }

    static func < (a: Self, b: Self) -> Bool {
        a.high != b.high ? a.high < b.high : a.low != b.low ? a.low < b.low : a.offset < b.offset
    }

    func hasKey(of other: Self) -> Bool { high == other.high && low == other.low }
}

/// Where a record begins, for sorting.
struct RecordOffset: SortableRecord {
    var offset: UInt64

    static var wordCount: Int { 1 }

    func word(_ index: Int) -> UInt64 { offset }

    static func < (a: Self, b: Self) -> Bool { a.offset < b.offset }
}

/// Finds the records that others of the same key make void: an external sort by key, then one by offset.
struct DuplicateSearch: ~Copyable {
    private let policy: DuplicatePolicy
    private let folder: String
    private let memory: Int
    private let offsetBits: Int
    private var sorter: ExternalSorter<KeyedRecord>

    /// - Parameters:
    ///   - folder: where temporary files may be made.
    ///   - end: upper bound of the records' offsets.
    ///   - memory: bytes of records held in memory at once; the search as a whole takes less than three times as much.
    init(_ policy: DuplicatePolicy, folder: String, end: UInt64, memory: Int) {
        self.policy = policy
        self.folder = folder
        self.memory = memory
        offsetBits = max(1, UInt64.bitWidth - end.leadingZeroBitCount)
        sorter = ExternalSorter(folder: folder, name: "keys", significantBits: UInt64.bitWidth, memory: memory)
    }

    /// Adds one record with a usable key.
    mutating func add(_ key: RowKey, at offset: UInt64) throws {
        try sorter.append(KeyedRecord(high: key.high, low: key.low, offset: offset))
    }

    /// Writes the offsets of all void records in ascending order, 8 bytes each, little-endian.
    /// - Returns: their number and the digest of what was written.
    consuming func finish(writingTo file: NewFile) throws -> (count: UInt64, digest: SHA256Digest) {
        var void = ExternalSorter<RecordOffset>(folder: folder, name: "void", significantBits: offsetBits, memory: memory / 4)
        let policy = policy
        var previous: KeyedRecord?
        var isDoubled = false
        try sorter.finish { record in
            defer { previous = record }
            guard let earlier = previous, earlier.hasKey(of: record) else {
                isDoubled = false
                return
            }
            if policy == .last || (policy == .reject && !isDoubled) { try void.append(RecordOffset(offset: earlier.offset)) }
            if policy != .last { try void.append(RecordOffset(offset: record.offset)) }
            isDoubled = true
        }
        var count: UInt64 = 0
        var digester = Digester(.sha256)
        var block: [UInt8] = []
        try void.finish { record in
            count += 1
            for shift in stride(from: UInt64(0), to: 64, by: 8) { block.append(UInt8(truncatingIfNeeded: record.offset >> shift)) }
            guard block.count >= 1 << 16 else { return }
            digester.update(block.span)
            try file.append(block)
            block.removeAll(keepingCapacity: true)
        }
        digester.update(block.span)
        try file.append(block)
        try file.commit()
        return (count, digester.finishSHA256())
    }
}
