/// Reads a range of a database's key, part by part.
struct DatabaseRangeReader: RangeReading {
    private let source: DatabaseSource
    private let end: RowQuery.KeyValues
    private var start: RowQuery.Start
    /// Rows that were fetched, and the next of them to hand on.
    private var fetched: RowBatch
    private var next = 0
    private var isExhausted = false
    private var size = ChunkSize()
    private(set) var frontier: RecordLocator
    private(set) var progress: UInt64 = 0

    init(_ source: DatabaseSource, from start: RowQuery.Start, upTo end: RowQuery.KeyValues, frontier: RecordLocator) {
        self.source = source
        self.start = start
        self.end = end
        self.frontier = frontier
        fetched = RowBatch(columnCount: source.query.columns.count)
    }

    mutating func read(into batch: inout RowBatch, maximumRows: Int, maximumBytes: Int) throws -> Bool {
        precondition(batch.columnCount == fetched.columnCount, "a batch has the columns of its source")
        batch.removeAll()
        if next == fetched.records.count {
            guard !isExhausted else { return false }
            try fetch()
        }
        guard next < fetched.records.count else { return false }
        let start = fetched.records[next].raw.lowerBound
        var last = next
        while last + 1 < fetched.records.count, last + 1 - next < maximumRows, fetched.records[last].raw.upperBound - start < maximumBytes {
            last += 1
        }
        batch.append(fetched, records: next..<last + 1)
        progress += UInt64(fetched.records[last].raw.upperBound - start)
        frontier = .behind(fetched.records[last].locator)
        next = last + 1
        return true
    }

    /// Fetches the next rows.
    private mutating func fetch() throws {
        try source.gate.check()
        let (source, limit, statement) = (source, size.rows, source.query.rows(from: start, upTo: end, limit: size.rows))
        let began = ContinuousClock.now
        let (rows, keys, isFull): (RowBatch, EncodedKeys, Bool)
        do {
            (rows, keys, isFull) = try source.database.ask { session in try Self.fetch(statement, source, session) }
        } catch let pause as SourcePause where pause.cause == .slow {
            size.shrink()
            throw pause
        }
        var fetched = rows
        if let last = keys.last {
            for (index, locator) in try source.places.locators(of: keys).enumerated() { fetched.records[index].locator = locator }
            start = .behind(last)
        } else if let last = rows.records.last {
            start = .behind(try source.places.keys(at: [last.locator])[0])
        }
        size.adapt(rows: rows.records.count, bytes: rows.bytes.count, seconds: (ContinuousClock.now - began) / .seconds(1))
        isExhausted = !isFull && rows.records.count < limit
        self.fetched = fetched
        next = 0
    }

    private static func fetch(
        _ statement: String, _ source: DatabaseSource, _ session: any DatabaseSession
    ) throws(DatabaseFailure) -> (RowBatch, EncodedKeys, isFull: Bool) {
        let query = source.query
        var rows = RowBatch(columnCount: query.columns.count)
        var keys = EncodedKeys()
        // Rows that are far larger than those before them are taken a few at a time; the next statement goes on behind the last one kept.
        var isFull = false
        _ = try session.read(statement) { row in
            guard rows.bytes.count < largestBatch else {
                isFull = true
                return
            }
            if let place = source.places.place(of: row) {
                query.append(row, at: .row(place), zone: source.zone, to: &rows)
            } else {
                keys.beginKey()
                for position in query.key.positions { keys.append(row[position] ?? RawValue(start: nil, count: 0)) }
                query.append(row, at: .beginning, zone: source.zone, to: &rows)
            }
        }
        return (rows, keys, isFull)
    }

    /// Bytes of rows from which on no further one is kept.
    private static let largestBatch = 16 << 20
}

/// How many rows to ask for at once: so many that a statement takes half a second, but no more than are good to keep in memory.
///
/// Half a second is what pt-online-schema-change takes for a chunk, too (`--chunk-time`).
struct ChunkSize: Sendable {
    static let target = 0.5
    static let byteLimit = 1 << 19
    static let rowLimit = 4_096
    private static let least = 16

    private(set) var rows = 64

    /// Learns from a statement that gave so many rows of so many bytes of text in so much time.
    mutating func adapt(rows count: Int, bytes: Int, seconds: Double) {
        guard count > 0 else { return }
        let byTime = Double(count) * Self.target / max(seconds, 1e-6)
        let bySize = Double(count) * Double(Self.byteLimit) / Double(max(bytes, 1))
        // Never more than twice as many as before, since the next rows may be others.
        let wanted = min(byTime, bySize, Double(rows) * 2, Double(Self.rowLimit))
        rows = max(Int(wanted), Self.least)
    }

    /// Asks for less, after a statement that took too long.
    mutating func shrink() { rows = max(rows / 4, Self.least) }
}
