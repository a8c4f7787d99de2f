/// The rows of a live database's table or query, read in ranges of its key.
///
/// Every part is asked for by itself, in statements that end soon: nothing is kept open between two, so neither a consumer of fifty rows a second nor
/// an idle connection that the server closes disturbs anybody. The ranges' ends are fixed when the job begins; what is written behind the last one
/// later is not read, and a row that changes after it was read stays as it was.
package struct DatabaseSource: RowSource {
    package let identity: String
    package let ranges: [RowRange]
    /// When the ranges were fixed, in seconds since 1970: changes after that may be missed.
    package let begun: Int64
    let database: LiveDatabase
    let query: RowQuery
    let places: RowPlaces
    let gate: CourtesyGate
    let zone: [UInt8]
    private let ends: [RowQuery.KeyValues]

    /// Rows with given keys that are asked for in one statement.
    private static let rereadCount = 64

    init(_ input: DatabaseInput, folder: String) throws {
        let selection = input.selection
        (database, query) = (input.database, input.query)
        gate = CourtesyGate(selection.courtesy, source: database, options: selection.options)
        zone = Array(selection.zone.utf8)
        let file = folder + "/ranges.json"
        let known: DatabaseRanges
        if SystemFile.exists(file) {
            known = try DatabaseRanges(path: file, width: query.key.positions.count)
        } else {
            if case .query = selection.rows { try Self.checkKey(query, selection) }
            known = try DatabaseRanges(asking: database, query, count: selection.ranges)
            try known.write(to: file)
        }
        (ends, begun) = (known.ends, known.begun)
        ranges = ends.indices.map { RowRange(start: .beginning, end: UInt64($0)) }
        places = try RowPlaces(query.key, folder: folder + "/keys")
        // Not the host: a replica has the same rows.
        let url = selection.url
        identity = "\(url.kind.rawValue):\(url.database) by \(query.keyColumns.joined(separator: ", ")) in ranges \(known.digest)"
    }

    /// Of a query no catalog tells whether its key is one; all of it is read for that, once.
    private static func checkKey(_ query: RowQuery, _ selection: DatabaseSelection) throws {
        if let key = try query.key(query.faultyKey, LiveDatabase(selection.url, selection.options.patient)) {
            let text = key.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
            throw SourceError(
                .header,
                "\(selection.name): \(query.keyColumns.joined(separator: ", ")) does not tell the query's rows apart: \(text) is null or stands "
                    + "in several rows; name as `key` columns that do")
        }
    }

    package var columns: [String] { query.columns.map(\.name) }

    /// A row has the same locator in every job that reads it, not only in this one.
    package var hasLastingLocators: Bool { query.key.isInteger }

    package func open(_ range: RowRange) throws -> any RangeReading {
        let number = Int(range.end)
        let start: RowQuery.Start
        if range.start.isBeginning {
            start = number == 0 ? .beginning : .behind(ends[number - 1])
        } else {
            let key = try places.keys(at: [range.start])[0]
            start = range.start.isRow ? .at(key) : .behind(key)
        }
        return DatabaseRangeReader(self, from: start, upTo: ends[number], frontier: range.start)
    }

    /// Rows that are not there any more are marked as gone.
    package func reread(_ locators: [RecordLocator], into batch: inout RowBatch) throws {
        batch.removeAll()
        let locators = locators.sorted()
        for start in stride(from: 0, to: locators.count, by: Self.rereadCount) {
            let some = Array(locators[start..<min(start + Self.rereadCount, locators.count)])
            let keys = try places.keys(at: some)
            let (found, numbers) = try rows(at: keys)
            for (locator, key) in zip(some, keys) {
                if let number = numbers[key] {
                    batch.append(found, records: number..<number + 1)
                } else {
                    // By its own comparison the database may take the key for equal where the bytes are not.
                    let (row, _) = try rows(at: [key])
                    if row.records.isEmpty { batch.appendGone() } else { batch.append(row, records: 0..<1) }
                }
                batch.records[batch.records.count - 1].locator = locator
            }
        }
    }

    private func rows(at keys: [RowQuery.KeyValues]) throws -> (RowBatch, [RowQuery.KeyValues: Int]) {
        try database.ask { session in
            var batch = RowBatch(columnCount: query.columns.count)
            var numbers: [RowQuery.KeyValues: Int] = [:]
            _ = try session.read(query.rows(at: keys)) { row in
                numbers[query.keyValues(of: row)] = batch.records.count
                query.append(row, at: .beginning, zone: zone, to: &batch)
            }
            return (batch, numbers)
        }
    }

    package func sync() throws { try places.sync() }

    package func forget(frontiers: [RecordLocator], unsettled: [RecordLocator], deferred: () throws -> [RecordLocator]) rethrows {
        try places.forget(frontiers: frontiers, unsettled: unsettled, deferred: deferred)
    }
}

extension RowBatch {
    /// Appends a record that is not in the source any more.
    fileprivate mutating func appendGone() {
        for _ in 0..<columnCount { cells.append(Cell(offset: UInt32(bytes.count), length: 0, flags: .null)) }
        var record = Record(locator: .beginning, raw: bytes.count..<bytes.count)
        record.isGone = true
        records.append(record)
        bytes.append(0x0A)
    }
}
