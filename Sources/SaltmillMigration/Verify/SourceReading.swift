import SaltmillBytes
import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillItems
import SaltmillPacing
import SaltmillSources

/// Reads the whole source once and notes the hashes of the items that its rows make; or picks a sample of them.
struct SourceReading: Sendable {
    let source: any RowSource
    let resolved: ResolvedSpec
    /// Rows a second; nil for no limit.
    let rate: Double?
    let run: RunLimits
    let store: VerifyStore
    let monitor: VerifyMonitor

    private static let saveInterval = Duration.seconds(1)

    /// Reads on from where an earlier run was.
    /// - Throws: ``Stopped``; `SourceError`; ``JobFailure``; `CancellationError`.
    func read() async throws {
        var pacer = RequestPacer(run) { _ in (rate ?? .infinity, nil) }
        let rows = RowHasher(resolved)
        let start = store.now.frontier
        var saved = MonotonicTime.now
        for number in source.ranges.indices where number >= start.range {
            var range = source.ranges[number]
            if number == start.range, let offset = start.offset, let line = start.line {
                range.start = RecordLocator(offset: offset, line: line)
            }
            var reader = try source.open(range)
            while let (taken, count) = try await patiently(run, waiting: { monitor.wait($0) }, { try rows.next(&reader) }) {
                if rate != nil { try await pacer.spend(Double(count)) { _ in } } else { try run.check() }
                let frontier = VerifyState.Frontier(range: number, offset: reader.frontier.offset, line: reader.frontier.line)
                try store.add(taken, frontier: frontier)
                guard MonotonicTime.now - saved >= Self.saveInterval else { continue }
                try source.sync()
                try store.save()
                saved = .now
            }
            store.change { $0.frontier = VerifyState.Frontier(range: number + 1) }
        }
        try source.sync()
        try store.save()
    }

    /// Picks rows at random, the same ones for the same seed, wherever they stand: those whose keys' hashes, mixed with the seed, are lowest.
    func pick(_ sample: VerifySample) async throws {
        var pacer = RequestPacer(run) { _ in (rate ?? .infinity, nil) }
        let rows = RowHasher(resolved)
        var picked = SampledRows(sample, seed: store.now.seed)
        for range in source.ranges {
            var reader = try source.open(range)
            while let (taken, count) = try await patiently(
                run, waiting: { monitor.wait($0) }, { try rows.next(&reader, pick: { picked.offer($0, at: $1) }) })
            {
                if rate != nil { try await pacer.spend(Double(count)) { _ in } } else { try run.check() }
                store.change {
                    $0.read += taken.read
                    $0.superseded += taken.superseded
                    $0.rejected += taken.rejected
                }
                for row in picked.takeSure() { try add(row) }
            }
        }
        for row in picked.takeRest() { try add(row) }
        store.change { $0.suspects = store.suspects.count }
        _ = try store.suspects.file.sync()
        try source.sync()
        try store.save()
    }

    private func add(_ row: SampledRows.Row) throws(JobFailure) {
        var record: [UInt8] = []
        SideLog.append(row.hashes, row.locator, to: &record)
        let place = try store.source.file.append(record)
        try store.suspects.append(Suspect(kind: .sampled, source: place, target: Suspect.nowhere))
    }
}

/// Makes records of rows.
private final class RowHasher {
    private var hasher: ItemHasher
    private var encoder: ItemEncoder
    private var batch: RowBatch
    private var chunk: ItemChunk
    private var faults: [RejectedRow] = []

    init(_ resolved: ResolvedSpec) {
        hasher = ItemHasher(resolved.spec.keySchema)
        encoder = ItemEncoder(resolved.mapping, columnCount: resolved.columns.count)
        batch = RowBatch(columnCount: resolved.columns.count)
        chunk = ItemChunk(indexCount: resolved.mapping.indexes.count)
    }

    /// The next rows of a range; nil at its end.
    /// - Parameter pick: is shown each row in the place of its being recorded.
    func next(
        _ reader: inout any RangeReading, pick: ((ItemHasher.Hashes, RecordLocator) -> Void)? = nil
    ) throws -> (rows: SourceRows, count: Int)? {
        guard try reader.read(into: &batch, maximumRows: 512, maximumBytes: 1 << 17) else { return nil }
        chunk.removeAll()
        faults.removeAll(keepingCapacity: true)
        encoder.encode(batch, into: &chunk, rejects: &faults)
        var rows = SourceRows()
        rows.read = batch.records.count
        rows.superseded = batch.records.reduce(0) { $0 + ($1.isSuperseded ? 1 : 0) }
        rows.rejected = faults.count
        let bytes = chunk.bytes
        for item in chunk.items {
            let hashes = try hasher.hash(bytes.span.extracting(Int(item.offset)..<Int(item.offset + item.length)))
            let locator = batch.records[Int(item.record)].locator
            if let pick { pick(hashes, locator) } else { SideLog.append(hashes, locator, to: &rows.records) }
        }
        return (rows, batch.records.count)
    }
}
