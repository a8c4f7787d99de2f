/// What two sides are compared by: hashes of a row's key and content, and where more is known of it.
package struct HashedRow: SortableRecord {
    /// The key's hash.
    package var high: UInt64
    package var low: UInt64
    /// Different for every row.
    package var place: UInt64
    package var content: UInt64

    package init(high: UInt64, low: UInt64, place: UInt64, content: UInt64) {
        self.high = high
        self.low = low
        self.place = place
        self.content = content
    }

    static var wordCount: Int { 3 }

    func word(_ index: Int) -> UInt64 { index == 0 ? high : index == 1 ? low : place }

    static func < (a: Self, b: Self) -> Bool {
        a.high != b.high ? a.high < b.high : a.low != b.low ? a.low < b.low : a.place < b.place
    }

    package func hasKey(of other: Self) -> Bool { high == other.high && low == other.low }
}

/// Puts any number of rows in the order of their keys' hashes, and those of one key in the order of their places, in a fixed amount of memory.
package struct HashedRowSorter: ~Copyable {
    private let folder: String
    private var sorter: ExternalSorter<HashedRow>

    /// - Parameters:
    ///   - folder: is made for temporary files, and emptied if it is there.
    ///   - memory: bytes of rows held in memory at once; sorting takes half as much again.
    package init(folder: String, memory: Int) throws {
        SystemFile.removeFolder(folder)
        try SystemFile.makeFolder(folder)
        self.folder = folder
        sorter = ExternalSorter(folder: folder, name: "rows", significantBits: UInt64.bitWidth, memory: memory)
    }

    package mutating func append(_ row: HashedRow) throws { try sorter.append(row) }

    /// Shows all rows in order.
    /// - Throws: what `visit` throws; ``SourceError``; `CancellationError` when the surrounding task is cancelled.
    package consuming func finish(_ visit: (HashedRow) throws -> Void) throws {
        let folder = folder
        defer { SystemFile.removeFolder(folder) }
        try sorter.finish(visit)
    }
}
