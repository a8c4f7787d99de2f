import SaltmillBytes

/// Reads the rows in one range of a reject file.
struct RejectedRowReader: RecordReading {
    /// How the cells of a line's record become those of the columns.
    private struct Layout {
        var names: [String]
        var lexer: any RecordLexing
        /// For each column its place among the record's cells; nil where they are in order.
        var places: [Int]?
    }

    private let path: String
    private let columns: [String]
    private let format: RejectedRows.Format
    private let end: UInt64
    private var lines: RejectFileLines
    private var layout: Layout
    private var duplicates: DuplicateCursor?

    init(_ file: RejectedRows, _ content: any ContentReading, _ range: RowRange, duplicates: DuplicateCursor?, blockSize: Int) {
        path = file.name
        columns = file.columns
        format = file.format
        end = range.end
        lines = RejectFileLines(content, at: range.start, blockSize: blockSize)
        layout = Self.layout(file.columns, of: file.columns, format)
        self.duplicates = duplicates
    }

    var frontier: RecordLocator { lines.locator }
    var progress: UInt64 { lines.progress }

    mutating func read(into batch: inout RowBatch, maximumRows: Int, maximumBytes: Int) throws -> Bool {
        batch.removeAll()
        while batch.records.count < maximumRows, batch.bytes.count < maximumBytes, let next = try lines.next(before: end) {
            try append(next.line, at: next.locator, to: &batch)
        }
        return !batch.records.isEmpty
    }

    mutating func appendRecord(at locator: RecordLocator, to batch: inout RowBatch) throws {
        lines.jump(to: locator)
        try duplicates?.seek(to: locator.offset)
        guard let next = try lines.next(before: .max), next.locator == locator else {
            throw SourceError(
                .changed, "\(path) has no row at byte \(locator.offset), line \(locator.line); it is not the file that was read before")
        }
        try append(next.line, at: locator, to: &batch)
    }

    private mutating func append(_ line: RejectLine, at locator: RecordLocator, to batch: inout RowBatch) throws(SourceError) {
        precondition(batch.columnCount == columns.count, "a batch has the columns of its source")
        let start = batch.bytes.count
        let cellCount = batch.cells.count
        batch.bytes += line.record
        var fault = fault(in: line, at: start, to: &batch)
        if fault != nil {
            batch.cells.removeSubrange(cellCount...)
            batch.cells.append(contentsOf: repeatElement(Cell(offset: 0, length: 0), count: columns.count))
        }
        let isDuplicate = try duplicates?.contains(locator.offset) ?? false
        if isDuplicate, duplicates?.isFault == true, fault == nil { fault = .duplicateKey }
        batch.records.append(
            Record(
                locator: locator, raw: start..<batch.bytes.count, fault: fault, isSuperseded: isDuplicate && fault == nil, isCut: line.isCut
            ))
    }

    /// Appends the cells of a line's record, or tells what is wrong with it.
    private mutating func fault(in line: RejectLine, at start: Int, to batch: inout RowBatch) -> RowFault? {
        guard !line.isCut else {
            return RowFault(
                "retry.truncated",
                "only the beginning of the row is here, since it was over the length limit; complete it and take out `truncated`, or correct the source"
            )
        }
        if case .csv(let format) = format, format.columns == nil, let names = line.columns, names != layout.names {
            guard names.count == columns.count, Set(names) == Set(columns) else {
                return RowFault(
                    "retry.columns", "the line names other columns than the first line of the file; load such rows from a file of their own"
                )
            }
            layout = Self.layout(names, of: columns, self.format)
        }
        let text = line.record
        switch layout.lexer.next(text.span, from: 0, isEnd: true) {
        case .faulty: return layout.lexer.fault()
        case .needsMore, .end, .blank: return RowFault("retry.record", "the row is empty; write it out or take the line out")
        case .record(let extent):
            guard extent.consumed == text.count else {
                return RowFault("retry.record", "more than one row stands here; give each a line of its own")
            }
            let first = batch.cells.count
            layout.lexer.appendCells(text.span, at: 0, start, to: &batch)
            if let places = layout.places {
                let cells = Array(batch.cells[first...])
                for (column, place) in places.enumerated() { batch.cells[first + column] = cells[place] }
            }
            return nil
        }
    }

    /// - Parameters:
    ///   - names: of the record's cells.
    ///   - columns: the same names, in the order wanted.
    private static func layout(_ names: [String], of columns: [String], _ format: RejectedRows.Format) -> Layout {
        switch format {
        case .jsonLines(let format): return Layout(names: names, lexer: JSONRecords(format), places: nil)
        case .csv(let format):
            let lexer = CSVRecords(format, NullMarkers(format.nulls), columnCount: columns.count)
            let places = names == columns ? nil : columns.map { names.firstIndex(of: $0) ?? 0 }
            return Layout(names: names, lexer: lexer, places: places)
        }
    }
}
