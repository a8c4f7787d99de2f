import SaltmillBytes
import SaltmillDynamoDB
import SaltmillItems
import SaltmillSources

/// What one pass over a source has measured: what a load of it will write, and where that concentrates.
struct SourceMeasure {
    var read = 0
    var superseded = 0
    var written = 0
    var rejected: [String: Int] = [:]
    /// Where the first row of each reason stands, and what is wrong with it.
    var firstRejects: [String: (line: UInt64, message: String)] = [:]
    /// The table first, then the indexes.
    var tallies: [KeyTally]

    /// Rows whose time in the attribute that items expire by has passed.
    var expired = 0

    private let expiry: [UInt8]?
    private let now: Int64
    private var entries: [EntryEncoder?]
    private var encoder: ItemEncoder
    private var chunk: ItemChunk
    private var faults: [RejectedRow] = []

    /// Nothing is measured yet.
    /// - Parameters:
    ///   - rows: how many rows will be, where that is known.
    ///   - expiry: the attribute that items expire by, in seconds since 1970.
    ///   - now: seconds since 1970.
    init(_ resolved: ResolvedSpec, rows: Int?, expiry: String?, now: Int64) {
        self.expiry = expiry.map { Array($0.utf8) }
        self.now = now
        let mapping = resolved.mapping
        let columnCount = resolved.columns.count
        tallies = [KeyTally](repeating: KeyTally(rows: rows), count: mapping.indexes.count + 1)
        entries = resolved.spec.indexes.enumerated().map { number, index in
            EntryEncoder(mapping, index: number, projection: index.projection, columnCount: columnCount)
        }
        encoder = ItemEncoder(mapping, columnCount: columnCount)
        chunk = ItemChunk(indexCount: mapping.indexes.count)
    }

    /// Reads a source in the order of the file.
    /// - Parameter progress: is told how many bytes have been read.
    /// - Throws: `SourceError`; `CancellationError` when the surrounding task is cancelled.
    mutating func read(_ source: RecordSource, progress: (UInt64) -> Void) throws {
        var batch = RowBatch(columnCount: source.columns.count)
        for range in source.ranges {
            let length = Double(max(range.end - range.start.offset, 1))
            var reader = try source.open(range)
            while try reader.read(into: &batch, maximumRows: 1_024, maximumBytes: 1 << 17) {
                try Task.checkCancellation()
                try add(batch) { Double($0.offset - range.start.offset) / length }
                progress(reader.progress)
            }
        }
    }

    /// Encodes rows as a load would.
    /// - Parameter part: how far in its range a row stands, from 0 to 1.
    mutating func add(_ batch: borrowing RowBatch, part: (RecordLocator) -> Double) throws(JSONError) {
        chunk.removeAll()
        faults.removeAll(keepingCapacity: true)
        encoder.encode(batch, into: &chunk, rejects: &faults)
        note(batch, faults)
        written += chunk.items.count
        if let expiry { try countExpired(chunk, by: expiry, now: now) }
        count(batch, part)
    }

    /// Makes this the measure of so many rows, of which those that were read are a sample.
    /// - Parameter neighbours: the most rows of the sample that stand together.
    mutating func scale(to rows: Int, neighbours: Int) {
        guard read > 0, rows > read else { return }
        let factor = Double(rows) / Double(read)
        rejected = rejected.mapValues { $0.scaled(by: factor) }
        superseded = superseded.scaled(by: factor)
        expired = expired.scaled(by: factor)
        written = max(rows - superseded - rejected.values.reduce(0, +), 0)
        read = rows
        for index in tallies.indices { tallies[index].scale(by: factor, neighbours: neighbours) }
    }

    private mutating func note(_ batch: borrowing RowBatch, _ faults: [RejectedRow]) {
        read += batch.records.count
        for record in batch.records.indices where batch.records[record].isSuperseded { superseded += 1 }
        for row in faults {
            rejected[row.fault.code, default: 0] += 1
            if firstRejects[row.fault.code] == nil {
                firstRejects[row.fault.code] = (batch.records[row.record].locator.line, row.fault.message)
            }
        }
    }

    private mutating func countExpired(_ chunk: ItemChunk, by attribute: [UInt8], now: Int64) throws(JSONError) {
        for item in chunk.items {
            let json = chunk.bytes.span.extracting(Int(item.offset)..<Int(item.offset + item.length))
            guard let token = try ItemAttribute.scalar(attribute.span, in: json) else { continue }
            if let time = Double(JSONScanner.value(of: token, in: json)), time < Double(now) { expired += 1 }
        }
    }

    private mutating func count(_ batch: borrowing RowBatch, _ part: (RecordLocator) -> Double) {
        for index in entries.indices { entries[index]?.measure(batch) }
        for position in chunk.items.indices {
            let item = chunk.items[position]
            let locator = batch.records[Int(item.record)].locator
            let part = part(locator)
            tallies[0].add(item.lane, size: Int(item.size), units: writeUnits(Int(item.size)), part: part, at: locator)
            for index in entries.indices where item.indexes >> UInt32(index) & 1 != 0 {
                let size = entries[index]?.sizes[Int(item.record)] ?? Int(item.size)
                let lane = chunk.indexLanes[position * chunk.indexCount + index]
                tallies[index + 1].add(lane, size: size, units: writeUnits(size), part: part, at: locator)
            }
        }
    }

    /// Text of the values that hot keys have, as they stand in the items.
    /// - Parameter reread: replaces a batch's content with one row.
    static func names(
        of hot: [KeyTally.Hot], attribute: String, _ resolved: ResolvedSpec, reread: (RecordLocator, inout RowBatch) throws -> Void
    ) throws -> [UInt64: String] {
        var encoder = ItemEncoder(resolved.mapping, columnCount: resolved.columns.count)
        var batch = RowBatch(columnCount: resolved.columns.count)
        var names: [UInt64: String] = [:]
        for key in hot {
            try reread(key.exemplar, &batch)
            var chunk = ItemChunk(indexCount: resolved.mapping.indexes.count)
            var faults: [RejectedRow] = []
            encoder.encode(batch, into: &chunk, rejects: &faults)
            guard let item = chunk.items.first else { continue }
            let json = chunk.bytes.span.extracting(Int(item.offset)..<Int(item.offset + item.length))
            names[key.lane] = try JSONValue(parsing: json)[attribute]?.members?.first?.value.string
        }
        return names
    }
}

/// Write units of an item or entry: one for each kilobyte begun (Amazon DynamoDB Developer Guide, "DynamoDB read and write operations").
func writeUnits(_ size: Int) -> Int { max((size + 1_023) / 1_024, 1) }
