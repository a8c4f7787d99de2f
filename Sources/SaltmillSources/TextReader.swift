import SaltmillBytes

/// Reads the records of one range of a text file.
///
/// The work behind ``CSVRangeReader`` and ``JSONRangeReader``, which are types of their own so that the compiler makes it for each syntax.
struct TextReader<Lexer: RecordLexing>: Sendable {
    private let end: UInt64
    private var window: FileWindow
    private var lexer: Lexer
    /// Where in the window the next record begins.
    private var position = 0
    private var line: UInt64
    private var duplicates: DuplicateCursor?

    init(_ window: FileWindow, _ lexer: Lexer, _ range: RowRange, duplicates: DuplicateCursor?) {
        self.window = window
        self.lexer = lexer
        self.duplicates = duplicates
        end = range.end
        line = range.start.line
    }

    var frontier: RecordLocator { RecordLocator(offset: window.offset + UInt64(position), line: line) }

    var progress: UInt64 { window.content.progress(at: frontier.offset) }

    @inline(__always)
    mutating func read(into batch: inout RowBatch, maximumRows: Int, maximumBytes: Int) throws -> Bool {
        batch.removeAll()
        try append(to: &batch, maximumRows: maximumRows, maximumBytes: maximumBytes)
        return !batch.records.isEmpty
    }

    mutating func appendRecord(at locator: RecordLocator, to batch: inout RowBatch) throws {
        if locator.offset >= window.offset, locator.offset <= window.offset + UInt64(window.count) {
            position = Int(locator.offset - window.offset)
        } else {
            window.jump(to: locator.offset)
            position = 0
        }
        line = locator.line
        try duplicates?.seek(to: locator.offset)
        try append(to: &batch, maximumRows: batch.records.count + 1, maximumBytes: .max)
        guard batch.records.last?.locator == locator else {
            throw SourceError(
                .changed,
                "\(window.content.path) has no record at byte \(locator.offset), line \(locator.line); it is not the file that was read before"
            )
        }
    }

    private mutating func append(to batch: inout RowBatch, maximumRows: Int, maximumBytes: Int) throws {
        precondition(batch.columnCount == lexer.columnCount, "a batch has the columns of its source")
        while true {
            switch try lexWindow(into: &batch, maximumRows: maximumRows, maximumBytes: maximumBytes) {
            case .done: return
            case .windowExhausted: try slide()
            case .recordCut: try skipRestOfLine()
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
            let extent: RecordExtent
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
                lexer.appendCells(bytes, at: start, shift, to: &batch)
            case .faulty(let found):
                extent = found
                fault = lexer.fault()
                batch.cells.append(contentsOf: repeatElement(Cell(offset: 0, length: 0), count: batch.columnCount))
            }
            let locator = frontier
            let isDuplicate = try duplicates?.contains(locator.offset) ?? false
            if isDuplicate, duplicates?.isFault == true, fault == nil { fault = .duplicateKey }
            batch.records.append(
                Record(
                    locator: locator, raw: shift + start..<shift + start + extent.length, fault: fault,
                    isSuperseded: isDuplicate && fault == nil, isCut: extent.isCut))
            position = start + extent.consumed
            textEnd = position
            line += UInt64(extent.lines)
            if extent.isCut { return .recordCut }
        }
        return .done
    }

    private mutating func slide() throws {
        try window.slide(to: position)
        position = 0
    }

    /// Skips what is left of a record that was given up at the length limit.
    private mutating func skipRestOfLine() throws {
        line += 1
        while true {
            if let next = CSVLexer.endOfLine(window.buffer.span.extracting(first: window.count), from: position) {
                position = next
                return
            }
            position = window.count
            if window.isAtEnd { return }
            try slide()
        }
    }
}

extension RowFault {
    static let duplicateKey = RowFault(
        "duplicate.key", "another record has the same primary key; keep one of them, or let `duplicates` choose the first or the last")
}
