import SaltmillDispatching
import SaltmillDynamoDB
import SaltmillItems
import SaltmillPartitions
import SaltmillSources

/// A row as far as a store's partitions are concerned.
struct SimulatedRow {
    var offer: Offer
    /// What its write draws, the table's units first.
    var charges: [Charge]
    /// Bytes that each of ``charges`` brings.
    var bytes: [Int]
}

/// The rows of a source, range by range, with the places that the embedded endpoint gives them among its partitions.
struct SimulatedRows: ~Copyable {
    private let source: RecordSource
    private var readers: [(any RangeReading)?]
    private var encoder: ItemEncoder
    private var entries: [EntryEncoder?]
    /// The table's first.
    private let places: [Places]
    private var batch: RowBatch
    private var chunk: ItemChunk
    private var faults: [RejectedRow] = []

    /// The positions of one table's or index's entries; a class, since a list cannot hold what is not to be copied.
    private final class Places {
        var positions: HashPositions
        init(_ key: KeyAttribute) { positions = HashPositions(key) }
    }

    init(_ source: RecordSource, _ resolved: ResolvedSpec) {
        self.source = source
        let (spec, mapping, columnCount) = (resolved.spec, resolved.mapping, resolved.columns.count)
        readers = Array(repeating: nil, count: source.ranges.count)
        encoder = ItemEncoder(mapping, columnCount: columnCount)
        entries = spec.indexes.enumerated().map {
            EntryEncoder(mapping, index: $0, projection: $1.projection, columnCount: columnCount)
        }
        places = ([spec.keySchema.hash] + spec.indexDefinitions.map(\.key.hash)).map(Places.init)
        batch = RowBatch(columnCount: columnCount)
        chunk = ItemChunk(indexCount: spec.indexes.count)
    }

    var rangeCount: Int { readers.count }

    /// The next rows of a range; nil at its end.
    mutating func read(range: Int) throws -> [SimulatedRow]? {
        var reader = try readers[range] ?? source.open(source.ranges[range])
        let hasRows = try reader.read(into: &batch, maximumRows: 256, maximumBytes: 1 << 16)
        readers[range] = reader
        guard hasRows else { return nil }
        chunk.removeAll()
        faults.removeAll(keepingCapacity: true)
        encoder.encode(batch, into: &chunk, rejects: &faults)
        for index in entries.indices { entries[index]?.measure(batch) }
        var rows: [SimulatedRow] = []
        rows.reserveCapacity(chunk.items.count)
        for position in chunk.items.indices { rows.append(try row(position, range: range)) }
        return rows
    }

    private func row(_ number: Int, range: Int) throws -> SimulatedRow {
        let item = chunk.items[number]
        let json = chunk.bytes.span.extracting(Int(item.offset)..<Int(item.offset + item.length))
        let size = Int(item.size)
        let units = UInt32(writeUnits(size))
        var row = SimulatedRow(
            offer: Offer(
                token: UInt64(range), key: item.key, lane: item.lane, units: units, indexes: item.indexes, bytes: item.length,
                size: item.size),
            charges: [Charge(.table, .write, position: try places[0].positions.position(of: json, lane: item.lane), units: Double(units))],
            bytes: [size])
        for index in entries.indices where item.indexes >> UInt32(index) & 1 != 0 {
            let lane = chunk.indexLanes[number * chunk.indexCount + index]
            let entry = entries[index]?.sizes[Int(item.record)] ?? size
            row.charges.append(
                Charge(
                    .index(index), .write, position: try places[index + 1].positions.position(of: json, lane: lane),
                    units: Double(writeUnits(entry))))
            row.bytes.append(entry)
        }
        return row
    }
}
