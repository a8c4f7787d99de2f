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
    /// What reject lines call the columns; nil where the rows name them themselves.
    private let columns: [String]?
    private var faults: [RejectedRow] = []

    /// - Parameters:
    ///   - fileName: what the source is called in the reject file.
    ///   - namesColumns: rows do not say what their columns are called, so that lines of the reject file have to.
    ///   - ranges: what is still to be read of each range.
    init(_ source: any RowSource, fileName: String, namesColumns: Bool, ranges: [RowRange], mapping: ItemMapping) {
        self.source = source
        columns = namesColumns ? source.columns : nil
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
        defer { readers[range] = reader }
        let hasRows = try reader.read(into: &batch, maximumRows: Self.chunkRows, maximumBytes: Self.chunkBytes)
        return hasRows ? chunk(end: reader.frontier) : nil
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
            return LoadedChunk.Reject(record: row.record, line: line(of: record, in: batch, row.fault), code: row.fault.code)
        }
        return LoadedChunk(
            items: items, locators: batch.records.map(\.locator), end: end, rejects: rejects,
            superseded: batch.records.indices.filter { batch.records[$0].isSuperseded },
            gone: batch.records.indices.filter { batch.records[$0].isGone })
    }

    func rejectLine(for locator: RecordLocator, code: String, reason: String) throws -> [UInt8] {
        var batch = RowBatch(columnCount: source.columns.count)
        try source.reread([locator], into: &batch)
        return batch.records.first.map { line(of: $0, in: batch, RowFault(code, reason)) } ?? []
    }

    private func line(of record: Record, in batch: RowBatch, _ fault: RowFault) -> [UInt8] {
        RejectLine(record: Array(batch.bytes[record.raw]), isCut: record.isCut, columns: columns)
            .bytes(file: fileName, at: record.locator, fault)
    }
}

extension MigrationReader {
    func sync() throws { try source.sync() }

    func forget(_ checkpoint: Checkpoint, deferred: () throws -> [RecordLocator]) throws {
        let frontiers = checkpoint.ranges.filter { !$0.isDone }.map(\.frontier)
        try source.forget(frontiers: frontiers, unsettled: checkpoint.unsettled, deferred: deferred)
    }
}

/// Tells the survey the rows' keys.
struct MigrationKeys: RowKeyReading {
    var encoder: ItemEncoder

    mutating func readKeys(_ batch: borrowing RowBatch, into keys: inout [RowKey]) { encoder.readKeys(batch, into: &keys) }
}
