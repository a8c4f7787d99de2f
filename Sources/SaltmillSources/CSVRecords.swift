import SaltmillBytes

/// The records of a CSV text.
struct CSVRecords: RecordLexing {
    let columnCount: Int
    // The flags' bits, at hand: an option set is put together at run time, for each cell.
    private let null = Cell.Flags.null.rawValue
    private let quoted = Cell.Flags.quoted.rawValue
    private let quotedAndEscaped = Cell.Flags([.quoted, .escaped]).rawValue

    private let nulls: NullMarkers
    private let maximumLength: Int
    private var lexer: CSVLexer
    /// What is wrong with the last record; nil where only its number of cells is.
    private var malformation: CSVFault?

    init(_ file: CSVFile) { self.init(file.format, file.nulls, columnCount: file.columns.count) }

    init(_ format: CSVFormat, _ nulls: NullMarkers, columnCount: Int) {
        self.columnCount = columnCount
        self.nulls = nulls
        maximumLength = format.maximumRecordLength
        lexer = CSVLexer(delimiter: format.delimiter, maximumCells: columnCount, maximumLength: maximumLength)
    }

    @inline(__always)
    mutating func next(_ bytes: Span<UInt8>, from start: Int, isEnd: Bool) -> RecordStep {
        switch lexer.next(bytes, from: start, isEnd: isEnd) {
        case .needsMore: return .needsMore
        case .end: return .end
        case .blank(let consumed): return .blank(consumed: consumed)
        case .record(let extent):
            if lexer.cellCount == columnCount { return .record(RecordExtent(extent)) }
            malformation = nil
            return .faulty(RecordExtent(extent))
        case .faulty(let kind, let extent):
            malformation = kind
            return .faulty(RecordExtent(extent))
        }
    }

    @inline(__always)
    func appendCells(_ bytes: Span<UInt8>, at start: Int, _ shift: Int, to batch: inout RowBatch) {
        let ends = lexer.cellEnds.span.extracting(first: columnCount)
        var cellStart = start
        // Named one by one: the closure would have the whole lexer copied.
        let (nulls, null, quoted, quotedAndEscaped) = (nulls, null, quoted, quotedAndEscaped)
        batch.cells.append(addingCapacity: columnCount) { cells in
            for index in ends.indices {
                let end = ends[index]
                let cellEnd = start + end.offset
                var flags: UInt8 = 0
                var first = cellStart
                var length = cellEnd - cellStart
                if end.isQuoted {
                    flags = end.isEscaped ? quotedAndEscaped : quoted
                    first += 1
                    length -= 2
                } else if nulls.match(bytes, at: cellStart, length: length) {
                    flags = null
                }
                cells.append(
                    Cell(
                        offset: UInt32(truncatingIfNeeded: shift + first), length: UInt32(truncatingIfNeeded: length),
                        flags: Cell.Flags(rawValue: flags)))
                cellStart = cellEnd + 1
            }
        }
    }

    func fault() -> RowFault {
        malformation?.rowFault(maximumLength: maximumLength) ?? .columns(found: lexer.cellCount, expected: columnCount)
    }
}

extension RecordExtent {
    @inline(__always)
    fileprivate init(_ extent: CSVExtent) {
        self.init(length: extent.length, consumed: extent.consumed, lines: extent.lines, isCut: extent.isCut)
    }
}

extension RowFault {
    fileprivate static func columns(found: Int, expected: Int) -> RowFault {
        RowFault("csv.columns", "the record has \(found) cells where \(expected) are expected; is a delimiter missing or too many?")
    }
}
