import SaltmillDelivery
import SaltmillItems
import SaltmillSources

/// Reads the rows that are to be written once more, in the order in which they stand in the source.
struct RepairReader: ChunkReader, Sendable {
    private static let chunkRows = 128
    private static let recordSize = 16

    private var rows: MigrationReader
    private let list: SpillFile
    private var next: Int

    /// - Parameters:
    ///   - list: offset and line of each row, ascending.
    ///   - frontier: the first of them that is not done.
    init(_ source: any RowSource, _ spec: ResolvedSpec, list: SpillFile, from frontier: RecordLocator) throws {
        let file = spec.spec.source
        rows = MigrationReader(source, fileName: file.name, namesColumns: file.hasNamelessRows, ranges: [], mapping: spec.mapping)
        self.list = list
        next = 0
        var end = Self.count(list)
        while next < end {
            let middle = (next + end) / 2
            guard let locator = try Self.locators(in: list, from: middle, count: 1).first else { break }
            if locator < frontier { next = middle + 1 } else { end = middle }
        }
    }

    private static func count(_ list: SpillFile) -> Int { Int(list.length) / recordSize }

    private static func locators(in list: SpillFile, from position: Int, count: Int) throws(JobFailure) -> [RecordLocator] {
        let bytes = try list.read(at: UInt64(position * recordSize), count: count * recordSize)
        return stride(from: 0, to: bytes.count - recordSize + 1, by: recordSize).map {
            RecordLocator(offset: bytes.word(at: $0), line: bytes.word(at: $0 + 8))
        }
    }

    var rangeCount: Int { 1 }

    mutating func read(range: Int) throws -> LoadedChunk? {
        let locators = try Self.locators(in: list, from: next, count: Self.chunkRows + 1)
        guard let last = locators.last else { return nil }
        let taken = Array(locators.prefix(Self.chunkRows))
        next += taken.count
        var chunk = try rows.reread(taken)
        // A database may have a row in the last place that there is; after a kill that one is written once more.
        chunk.end = locators.count > taken.count ? last : RecordLocator(offset: max(last.offset, last.offset &+ 1), line: last.line &+ 1)
        return chunk
    }

    mutating func reread(_ locators: [RecordLocator]) throws -> LoadedChunk { try rows.reread(locators) }

    func rejectLine(for locator: RecordLocator, code: String, reason: String) throws -> [UInt8] {
        try rows.rejectLine(for: locator, code: code, reason: reason)
    }
}
