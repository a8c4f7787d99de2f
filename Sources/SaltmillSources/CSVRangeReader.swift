import SaltmillBytes

/// Reads the records of one range of a CSV file.
package struct CSVRangeReader: RangeReading {
    private let file: CSVFile
    private let end: UInt64
    private var window: FileWindow
    private var lexer: CSVLexer
    /// Where in the window the next record begins.
    private var position = 0
    private var line: UInt64
    private var duplicates: DuplicateCursor?

    /// - Parameters:
    ///   - duplicates: the records that another one of the same key makes void, if a survey looked for them.
    ///   - blockSize: how much is read at once, in bytes.
    init(_ file: CSVFile, _ range: RowRange, duplicates: DuplicateCursor?, blockSize: Int) {
        self.file = file
        self.duplicates = duplicates
        end = range.end
        line = range.start.line
        window = FileWindow(file.input, at: range.start.offset, blockSize: blockSize)
        lexer = CSVLexer(
            delimiter: file.format.delimiter, maximumCells: file.columns.count, maximumLength: file.format.maximumRecordLength)
    }

    package var frontier: RecordLocator { RecordLocator(offset: window.offset + UInt64(position), line: line) }

    package mutating func read(into batch: inout RowBatch, maximumRows: Int, maximumBytes: Int) throws -> Bool {
        try read(into: &batch, maximumRows: maximumRows, maximumBytes: maximumBytes) { _ in }
    }

    /// Reads as ``read(into:maximumRows:maximumBytes:)`` does and shows every block of the file once, as it comes.
    mutating func read(
        into batch: inout RowBatch, maximumRows: Int, maximumBytes: Int, showing show: (Span<UInt8>) -> Void
    ) throws -> Bool {
        batch.removeAll()
        try append(to: &batch, maximumRows: maximumRows, maximumBytes: maximumBytes, showing: show)
        return !batch.records.isEmpty
    }

    /// Appends the one record that begins at `locator`.
    mutating func appendRecord(at locator: RecordLocator, to batch: inout RowBatch) throws {
        if locator.offset >= window.offset, locator.offset <= window.offset + UInt64(window.count) {
            position = Int(locator.offset - window.offset)
        } else {
            window.jump(to: locator.offset)
            position = 0
        }
        line = locator.line
        try duplicates?.seek(to: locator.offset)
        try append(to: &batch, maximumRows: batch.records.count + 1, maximumBytes: .max) { _ in }
        guard batch.records.last?.locator == locator else {
            throw SourceError(
                .changed,
                "\(file.input.path) has no record at byte \(locator.offset), line \(locator.line); it is not the file that was read before")
        }
    }

    private mutating func append(
        to batch: inout RowBatch, maximumRows: Int, maximumBytes: Int, showing show: (Span<UInt8>) -> Void
    ) throws {
        precondition(batch.columnCount == file.columns.count, "a batch has the columns of its source")
        while true {
            switch try lexWindow(into: &batch, maximumRows: maximumRows, maximumBytes: maximumBytes) {
            case .done: return
            case .windowExhausted: try slide(show)
            case .recordCut: try skipRestOfLine(show)
            }
        }
    }

    private enum Pause { case done, windowExhausted, recordCut }

    /// Appends records out of the window, and their text in one piece.
    private mutating func lexWindow(into batch: inout RowBatch, maximumRows: Int, maximumBytes: Int) throws -> Pause {
        let buffer = window.buffer
        let bytes = buffer.span.extracting(first: window.count)
        let first = position
        let shift = batch.bytes.count - first
        let rangeEnd = end > window.offset ? Int(clamping: end - window.offset) : 0
        var textEnd = first
        defer { batch.bytes.append(contentsOf: buffer[first..<textEnd]) }

        while position < rangeEnd, batch.records.count < maximumRows, shift + position < maximumBytes {
            let start = position
            let extent: CSVExtent
            var fault: RowFault?
            switch lexer.next(bytes, from: start, isEnd: window.isAtEnd) {
            case .needsMore: return .windowExhausted
            case .end: return .done
            case .blank(let consumed):
                position += consumed
                line += 1
                continue
            case .record(let found):
                extent = found
                if lexer.cellCount != batch.columnCount { fault = .columns(found: lexer.cellCount, expected: batch.columnCount) }
            case .faulty(let kind, let found):
                extent = found
                fault = kind.rowFault(maximumLength: file.format.maximumRecordLength)
            }
            if fault == nil {
                appendCells(bytes, at: start, shift, to: &batch)
            } else {
                batch.cells.append(contentsOf: repeatElement(Cell(offset: 0, length: 0), count: batch.columnCount))
            }
            let locator = frontier
            let isDuplicate = try duplicates?.contains(locator.offset) ?? false
            if isDuplicate, duplicates?.isFault == true, fault == nil { fault = .duplicateKey }
            batch.records.append(
                Record(
                    locator: locator, raw: shift + start..<shift + start + extent.length, fault: fault,
                    isSuperseded: isDuplicate && fault == nil))
            position = start + extent.consumed
            textEnd = position
            line += UInt64(extent.lines)
            if extent.isCut { return .recordCut }
        }
        return .done
    }

    /// Appends the cells of the record just lexed.
    @inline(__always)
    private func appendCells(_ bytes: Span<UInt8>, at start: Int, _ shift: Int, to batch: inout RowBatch) {
        var cellStart = start
        for index in 0..<batch.columnCount {
            let end = lexer.cellEnds[index]
            let cellEnd = start + end.offset
            var flags: Cell.Flags = []
            var text = cellStart..<cellEnd
            if end.isQuoted {
                flags = end.isEscaped ? [.quoted, .escaped] : .quoted
                text = cellStart + 1..<cellEnd - 1
            } else if file.nulls.match(bytes, at: cellStart, length: text.count) {
                flags = .null
            }
            batch.cells.append(Cell(offset: UInt32(shift + text.lowerBound), length: UInt32(text.count), flags: flags))
            cellStart = cellEnd + 1
        }
    }

    private mutating func slide(_ show: (Span<UInt8>) -> Void) throws {
        let read = try window.slide(to: position)
        position = 0
        show(window.buffer.span.extracting(read))
    }

    /// Skips what is left of a record that was given up at the length limit.
    private mutating func skipRestOfLine(_ show: (Span<UInt8>) -> Void) throws {
        line += 1
        while true {
            if let next = CSVLexer.endOfLine(window.buffer.span.extracting(first: window.count), from: position) {
                position = next
                return
            }
            position = window.count
            if window.isAtEnd { return }
            try slide(show)
        }
    }
}

extension RowFault {
    fileprivate static func columns(found: Int, expected: Int) -> RowFault {
        RowFault("csv.columns", "the record has \(found) cells where \(expected) are expected; is a delimiter missing or too many?")
    }

    fileprivate static let duplicateKey = RowFault(
        "duplicate.key", "another record has the same primary key; keep one of them, or let `duplicates` choose the first or the last")
}
