/// Finds the records of CSV text and their cells.
///
/// The grammar is that of RFC 4180, with these points settled:
/// - A record ends at a line feed outside of quotes; one carriage return before it belongs to the line end. At the end of the input the
///   line end may be missing. A carriage return anywhere else is text.
/// - An empty line is no record. So in a file of one column an empty cell can only be written `""`.
/// - A cell is quoted when a quote is its very first byte. In it `""` means one quote; delimiters and line ends are text.
/// - Every other byte is text, NUL and invalid UTF-8 included. A byte order mark is the caller's to skip.
///
/// Where the next record begins depends on nothing but the bytes from the record's start on, so that reading may begin at any record:
/// - Text behind a closing quote, or a quote inside an unquoted cell: the record ends with the line on which that stands.
/// - No closing quote up to the end of the input or up to the length limit: the record is its first line, and the lines behind that are
///   read as records of their own.
/// - Over the length limit outside of quotes: the record ends with the line on which it passes the limit.
///
/// The bytes are passed to every call rather than stored. When they end inside a record the lexer keeps its place, relative to the
/// record's start, and goes on from there once it is given the same bytes and more.
package struct CSVLexer: Sendable {
    /// Ends of the last record's cells; only the first ``cellCount`` of them count, and no more than were asked for are kept.
    package private(set) var cellEnds: [CSVCellEnd]
    /// How many cells the last record has, which may be more than are kept.
    package private(set) var cellCount = 0

    private let scan: CSVScan
    private let delimiter: UInt8
    private let maximumLength: Int

    private enum Phase: Equatable {
        /// In an unquoted cell, or before a cell.
        case plain
        case quoted
        /// Behind a quote in a quoted cell.
        case closed
        /// Behind a fault, on the way to the end of its line.
        case faulty(CSVFault)
    }

    // The place inside an unfinished record, relative to its start.
    private var phase = Phase.plain
    private var index = 0
    private var cellStart = 0
    private var cellFlags: UInt32 = 0
    private var sawQuote = false

    /// - Parameters:
    ///   - delimiter: any byte but a quote, CR, LF and NUL.
    ///   - maximumCells: how many cells of a record are kept; more are only counted.
    ///   - maximumLength: longest record in bytes, line end included; 16 to 2^30 - 1.
    package init(delimiter: UInt8, maximumCells: Int, maximumLength: Int) {
        precondition(![0x00, 0x0A, 0x0D, 0x22].contains(delimiter), "a quote, a line end and NUL cannot be delimiters")
        precondition((16...CSVCellEnd.maximumOffset).contains(maximumLength), "a record's limit is 16 bytes to 2^30 - 1")
        self.delimiter = delimiter
        self.maximumLength = maximumLength
        scan = CSVScan(delimiter: delimiter)
        cellEnds = Array(repeating: CSVCellEnd(offset: 0, flags: 0), count: maximumCells)
    }

    /// Reads the record that begins at `start`.
    /// - Parameter isEnd: the input ends where `bytes` end.
    package mutating func next(_ bytes: Span<UInt8>, from start: Int, isEnd: Bool) -> CSVStep {
        if index == 0 {
            guard start < bytes.count else { return isEnd ? .end : .needsMore }
            if bytes[start] == 0x0A { return .blank(consumed: 1) }
            if bytes[start] == 0x0D {
                guard start + 1 < bytes.count else { return isEnd ? .blank(consumed: 1) : .needsMore }
                if bytes[start + 1] == 0x0A { return .blank(consumed: 2) }
            }
            phase = .plain
            cellStart = 0
            cellFlags = 0
            cellCount = 0
            sawQuote = false
        }
        let reach = min(bytes.count, start + maximumLength)
        let lineFeed = scanUnquoted(bytes, from: start, reach: reach) ?? scanLine(bytes, from: start, reach: reach)
        if let lineFeed {
            return finish(bytes, start, contentEnd: lineFeed, next: lineFeed + 1)
        }
        if isEnd, reach == bytes.count {
            guard phase != .quoted else { return finishFirstLine(bytes, start, reach, .unterminatedQuote) }
            return finish(bytes, start, contentEnd: reach, next: reach)
        }
        guard reach - start == maximumLength else { return .needsMore }
        if phase == .quoted { return finishFirstLine(bytes, start, reach, .tooLong(inQuotes: true)) }
        return cut(bytes, start, reach)
    }

    /// Scans on from the place kept, storing cells, up to the line feed that ends the record; nil when `reach` comes first, or a quote, or the place
    /// is not in an unquoted cell. The place kept is then where ``scanLine(_:from:reach:)`` goes on.
    @inline(__always)
    private mutating func scanUnquoted(_ bytes: Span<UInt8>, from start: Int, reach: Int) -> Int? {
        guard case .plain = phase, cellFlags == 0 else { return nil }
        let scan = scan
        let delimiter = delimiter
        var position = start + index
        var count = cellCount
        var begin = cellStart
        var lineFeed: Int?
        var ends = cellEnds.mutableSpan
        search: while position < reach {
            var (mask, second) = scan.specialsOfTwo(bytes, at: position, end: reach)
            var word = position
            while mask | second != 0 {
                if mask == 0 {
                    (mask, second) = (second, 0)
                    word += 8
                }
                let found = word + mask.trailingZeroBitCount >> 3
                mask &= mask &- 1
                let byte = bytes[found]
                guard byte == delimiter else {
                    if byte == 0x0A { lineFeed = found }
                    position = found
                    break search
                }
                if count < ends.count { ends[count] = CSVCellEnd(offset: found - start, flags: 0) }
                count += 1
                begin = found - start + 1
            }
            position += 16
        }
        index = min(position, reach) - start
        cellCount = count
        cellStart = begin
        return lineFeed
    }

    /// Scans on from the place kept, storing cells, up to the line feed that ends the record; nil when `reach` comes first.
    private mutating func scanLine(_ bytes: Span<UInt8>, from start: Int, reach: Int) -> Int? {
        var position = start + index
        var wordStart = position
        var mask: UInt64 = 0
        while true {
            switch phase {
            case .plain:
                while mask == 0 {
                    guard position < reach else {
                        index = reach - start
                        return nil
                    }
                    wordStart = position
                    mask = scan.specials(bytes, at: position, end: reach)
                    position += 8
                }
                let found = wordStart + mask.trailingZeroBitCount >> 3
                mask &= mask &- 1
                switch bytes[found] {
                case delimiter: endCell(at: found - start)
                case 0x0A: return found
                default:
                    if found - start == cellStart {
                        phase = .quoted
                        cellFlags = CSVCellEnd.quoted
                        sawQuote = true
                    } else {
                        phase = .faulty(.quoteInsideCell)
                    }
                    position = found + 1
                }
            case .quoted:
                position = CSVScan.firstQuote(bytes, from: position, end: reach)
                guard position < reach else {
                    index = reach - start
                    return nil
                }
                position += 1
                phase = .closed
            case .closed:
                guard position < reach else {
                    index = reach - start
                    return nil
                }
                switch bytes[position] {
                case 0x22:
                    cellFlags |= CSVCellEnd.escaped
                    phase = .quoted
                case delimiter:
                    endCell(at: position - start)
                    phase = .plain
                    mask = 0
                case 0x0A: return position
                case 0x0D where position + 1 == reach:
                    index = position - start
                    return nil
                case 0x0D where bytes[position + 1] == 0x0A: return position + 1
                default: phase = .faulty(.textBehindQuote)
                }
                position += 1
            case .faulty:
                let lineFeed = CSVScan.firstLineFeed(bytes, from: position, end: reach)
                index = reach - start
                return lineFeed < reach ? lineFeed : nil
            }
        }
    }

    @inline(__always)
    private mutating func endCell(at offset: Int) {
        if cellCount < cellEnds.count { cellEnds[cellCount] = CSVCellEnd(offset: offset, flags: cellFlags) }
        cellCount += 1
        cellStart = offset + 1
        cellFlags = 0
    }

    /// Ends the record at a line feed or at the end of the input.
    private mutating func finish(_ bytes: Span<UInt8>, _ start: Int, contentEnd: Int, next: Int) -> CSVStep {
        index = 0
        var contentEnd = contentEnd
        // A line end's carriage return lies behind the quote of a quoted cell, and at least behind the delimiter before an unquoted one.
        if contentEnd > start + cellStart, bytes[contentEnd - 1] == 0x0D { contentEnd -= 1 }
        let lines = sawQuote ? CSVScan.countLineFeeds(bytes, in: start..<next) : bytes[next - 1] == 0x0A ? 1 : 0
        let extent = CSVExtent(length: contentEnd - start, consumed: next - start, lines: lines)
        if case .faulty(let fault) = phase { return .faulty(fault, extent) }
        endCell(at: extent.length)
        return .record(extent)
    }

    /// Ends a record that lacks a closing quote with its first line.
    private mutating func finishFirstLine(_ bytes: Span<UInt8>, _ start: Int, _ reach: Int, _ fault: CSVFault) -> CSVStep {
        let lineFeed = CSVScan.firstLineFeed(bytes, from: start, end: reach)
        phase = .faulty(fault)
        cellStart = 0
        if lineFeed < reach { return finish(bytes, start, contentEnd: lineFeed, next: lineFeed + 1) }
        return fault == .unterminatedQuote ? finish(bytes, start, contentEnd: reach, next: reach) : cut(bytes, start, reach)
    }

    /// Gives a record up at the length limit.
    private mutating func cut(_ bytes: Span<UInt8>, _ start: Int, _ reach: Int) -> CSVStep {
        index = 0
        let lines = CSVScan.countLineFeeds(bytes, in: start..<reach)
        let extent = CSVExtent(length: maximumLength, consumed: maximumLength, lines: lines, isCut: true)
        if case .faulty(let fault) = phase { return .faulty(fault, extent) }
        return .faulty(.tooLong(inQuotes: false), extent)
    }

    /// Position behind the next line feed, or nil where there is none: for skipping what is left of a record that was cut.
    package static func endOfLine(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        let lineFeed = CSVScan.firstLineFeed(bytes, from: start, end: bytes.count)
        return lineFeed < bytes.count ? lineFeed + 1 : nil
    }
}
