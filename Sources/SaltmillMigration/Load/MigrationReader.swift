import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillItems
import SaltmillSources

/// Reads a source's ranges and makes items of their rows.
struct MigrationReader: ChunkReader, Sendable {
    /// One chunk is no longer than this, in rows and in bytes of text.
    private static let chunkRows = 128
    private static let chunkBytes = 1 << 15

    private let source: any RowSource
    private let fileName: String
    private let ranges: [RowRange]
    private var readers: [(any RangeReading)?]
    private var encoder: ItemEncoder
    private let indexCount: Int
    private var batch: RowBatch
    private var faults: [RejectedRow] = []

    /// - Parameters:
    ///   - fileName: what the source is called in the reject file.
    ///   - ranges: what is still to be read of each range.
    init(_ source: any RowSource, fileName: String, ranges: [RowRange], mapping: ItemMapping) {
        self.source = source
        self.fileName = fileName
        self.ranges = ranges
        readers = Array(repeating: nil, count: ranges.count)
        encoder = ItemEncoder(mapping, columnCount: source.columns.count)
        indexCount = mapping.indexes.count
        batch = RowBatch(columnCount: source.columns.count)
    }

    var rangeCount: Int { ranges.count }

    mutating func read(range: Int) throws -> LoadedChunk? {
        var reader = try readers[range] ?? source.open(ranges[range])
        let hasRows = try reader.read(into: &batch, maximumRows: Self.chunkRows, maximumBytes: Self.chunkBytes)
        let end = reader.frontier
        readers[range] = reader
        return hasRows ? chunk(end: end) : nil
    }

    mutating func reread(_ locators: [RecordLocator]) throws -> LoadedChunk {
        try source.reread(locators, into: &batch)
        return chunk(end: locators.last ?? RecordLocator(offset: 0, line: 0))
    }

    private mutating func chunk(end: RecordLocator) -> LoadedChunk {
        var items = ItemChunk(indexCount: indexCount)
        items.bytes.reserveCapacity(batch.bytes.count * 2)
        items.items.reserveCapacity(batch.records.count)
        faults.removeAll(keepingCapacity: true)
        encoder.encode(batch, into: &items, rejects: &faults)
        let rejects = faults.map { row in
            let record = batch.records[row.record]
            let line = RejectLine.make(file: fileName, locator: record.locator, fault: row.fault, record: Array(batch.bytes[record.raw]))
            return LoadedChunk.Reject(record: row.record, line: line, code: row.fault.code)
        }
        return LoadedChunk(
            items: items, locators: batch.records.map(\.locator), end: end, rejects: rejects,
            superseded: batch.records.indices.filter { batch.records[$0].isSuperseded })
    }

    func rejectLine(for locator: RecordLocator, code: String, reason: String) throws -> [UInt8] {
        var batch = RowBatch(columnCount: source.columns.count)
        try source.reread([locator], into: &batch)
        let raw = batch.records.first.map { Array(batch.bytes[$0.raw]) } ?? []
        return RejectLine.make(file: fileName, locator: locator, fault: RowFault(code, reason), record: raw)
    }
}

/// Tells the survey the rows' keys.
struct MigrationKeys: RowKeyReading {
    var encoder: ItemEncoder

    mutating func readKeys(_ batch: borrowing RowBatch, into keys: inout [RowKey]) { encoder.readKeys(batch, into: &keys) }
}
