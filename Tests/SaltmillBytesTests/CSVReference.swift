import SaltmillBytes

/// One record as a test sees it, whoever read it.
struct CSVParsedRecord: Equatable {
    var start: Int
    var length: Int
    var lines: Int
    /// The cells with their quotes resolved; empty for a malformed record.
    var cells: [CSVParsedCell] = []
    var fault: CSVFault?
}

struct CSVParsedCell: Equatable {
    var value: [UInt8]
    var isQuoted: Bool
}

/// A reader of CSV that is as plain and slow as can be: what the lexer is compared with.
struct CSVReference {
    let bytes: [UInt8]
    let delimiter: UInt8
    let limit: Int

    private static let quote: UInt8 = 0x22
    private static let lineFeed: UInt8 = 0x0A
    private static let carriageReturn: UInt8 = 0x0D

    func records() -> [CSVParsedRecord] {
        var records: [CSVParsedRecord] = []
        var start = 0
        while start < bytes.count {
            let rest = bytes[start...].prefix(2)
            if rest.first == Self.lineFeed {
                start += 1
            } else if rest.elementsEqual([Self.carriageReturn, Self.lineFeed]) || rest.elementsEqual([Self.carriageReturn]) {
                start += rest.count
            } else {
                let (record, next) = record(at: start)
                records.append(record)
                start = next
            }
        }
        return records
    }

    private enum Ending {
        case good(length: Int, consumed: Int)
        case wrong(CSVFault, at: Int)
        case openQuote
        case outOfSight
    }

    private func record(at start: Int) -> (CSVParsedRecord, next: Int) {
        let seen = Array(bytes[start...].prefix(limit))
        let isAll = start + seen.count == bytes.count
        let (cells, ending) = cells(seen, isAll)
        var record = CSVParsedRecord(start: start, length: 0, lines: 0)
        var consumed: Int?
        switch ending {
        case .good(let length, let taken):
            record.cells = cells
            record.length = length
            consumed = taken
        case .wrong(let fault, let position):
            record.fault = fault
            (record.length, consumed) = line(seen, from: position, isAll)
        case .openQuote:
            record.fault = isAll ? .unterminatedQuote : .tooLong(inQuotes: true)
            (record.length, consumed) = line(seen, from: 0, isAll)
        case .outOfSight:
            record.fault = .tooLong(inQuotes: false)
            record.length = limit
        }
        let next = consumed.map { start + $0 } ?? bytes[(start + limit)...].firstIndex(of: Self.lineFeed).map { $0 + 1 } ?? bytes.count
        record.lines = bytes[start..<next].count { $0 == Self.lineFeed }
        return (record, next)
    }

    /// Length up to the end of a line, and what it takes with its line end, as far as that is in sight.
    private func line(_ seen: [UInt8], from position: Int, _ isAll: Bool) -> (Int, Int?) {
        let feed = seen[position...].firstIndex(of: Self.lineFeed)
        guard let end = feed ?? (isAll ? seen.count : nil) else { return (limit, nil) }
        let hasReturn = end > 0 && seen[end - 1] == Self.carriageReturn
        return (hasReturn ? end - 1 : end, feed == nil ? end : end + 1)
    }

    private func cells(_ seen: [UInt8], _ isAll: Bool) -> ([CSVParsedCell], Ending) {
        var cells: [CSVParsedCell] = []
        var index = 0
        func byte(_ index: Int) -> UInt8? { index < seen.count ? seen[index] : nil }
        while true {
            var value: [UInt8] = []
            let isQuoted = byte(index) == Self.quote
            if isQuoted {
                index += 1
                while byte(index) != Self.quote || byte(index + 1) == Self.quote {
                    guard let next = byte(index) else { return ([], .openQuote) }
                    value.append(next)
                    index += next == Self.quote ? 2 : 1
                }
                index += 1
            } else {
                while let next = byte(index), next != delimiter, next != Self.lineFeed {
                    if next == Self.quote { return ([], .wrong(.quoteInsideCell, at: index)) }
                    value.append(next)
                    index += 1
                }
                if byte(index) != delimiter, value.last == Self.carriageReturn {
                    value.removeLast()
                    index -= 1
                }
            }
            cells.append(CSVParsedCell(value: value, isQuoted: isQuoted))
            let ends = [byte(index), byte(index + 1)]
            if ends[0] == delimiter {
                index += 1
            } else if ends[0] == Self.lineFeed {
                return (cells, .good(length: index, consumed: index + 1))
            } else if ends == [Self.carriageReturn, Self.lineFeed] {
                return (cells, .good(length: index, consumed: index + 2))
            } else if ends[0] == nil || ends == [Self.carriageReturn, nil] {
                return (cells, isAll ? .good(length: index, consumed: seen.count) : .outOfSight)
            } else {
                return ([], .wrong(.textBehindQuote, at: index))
            }
        }
    }
}

/// The lexer, fed piece by piece, with its records in the form of the reference's.
struct CSVFeed {
    let bytes: [UInt8]
    let delimiter: UInt8
    let limit: Int

    /// Reads everything from `start` on when at first `sight` bytes are there, and `step` more each time they do not suffice.
    func records(from start: Int = 0, sight: Int, step: Int) -> [CSVParsedRecord] {
        var lexer = CSVLexer(delimiter: delimiter, maximumCells: 100, maximumLength: limit)
        var records: [CSVParsedRecord] = []
        var position = start
        var sight = min(max(sight, start), bytes.count)
        while true {
            let seen = bytes.span.extracting(first: sight)
            switch lexer.next(seen, from: position, isEnd: sight == bytes.count) {
            case .needsMore:
                guard sight < bytes.count else {
                    records.append(CSVParsedRecord(start: -1, length: 0, lines: 0))  // the lexer must not ask for more than there is
                    return records
                }
                sight = min(bytes.count, sight + step)
            case .end: return records
            case .blank(let consumed): position += consumed
            case .record(let extent):
                records.append(
                    CSVParsedRecord(start: position, length: extent.length, lines: extent.lines, cells: cells(of: lexer, at: position)))
                position += extent.consumed
            case .faulty(let fault, let extent):
                var lines = extent.lines
                let start = position
                position += extent.consumed
                if extent.isCut {
                    let end = CSVLexer.endOfLine(bytes.span, from: position)
                    lines += end == nil ? 0 : 1
                    position = end ?? bytes.count
                    sight = max(sight, position)
                }
                records.append(CSVParsedRecord(start: start, length: extent.length, lines: lines, fault: fault))
            }
        }
    }

    private func cells(of lexer: CSVLexer, at start: Int) -> [CSVParsedCell] {
        var cellStart = start
        return lexer.cellEnds[..<lexer.cellCount].map { end in
            let cellEnd = start + end.offset
            defer { cellStart = cellEnd + 1 }
            guard end.isQuoted else { return CSVParsedCell(value: Array(bytes[cellStart..<cellEnd]), isQuoted: false) }
            var value: [UInt8] = []
            var isEscape = false
            for byte in bytes[(cellStart + 1)..<(cellEnd - 1)] {
                isEscape = byte == 0x22 && !isEscape
                if !(isEscape && end.isEscaped) { value.append(byte) }
            }
            return CSVParsedCell(value: value, isQuoted: true)
        }
    }
}

/// Random texts that are dense in everything CSV has special.
struct CSVNastyText {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    mutating func next(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }

    /// Up to `length` pieces: mostly well-formed cells and separators, now and then a byte that does not belong.
    mutating func text(pieces length: Int, delimiter: UInt8) -> [UInt8] {
        var text: [UInt8] = []
        let disorder = next(3)
        for _ in 0..<next(length) {
            switch next(12) {
            case 0...2: text.append(delimiter)
            case 3: text.append(0x0A)
            case 4: text += [0x0D, 0x0A]
            case 5: text += Array(repeating: 0x61, count: next(20))
            case 6: text += [[0x00], [0xFF], [0xC3, 0xA9], [0x20], [0x3B]][next(5)]
            case 7, 8: text += [0x22] + quoted(delimiter) + [0x22]
            case 9 where disorder > 0: text.append([0x22, 0x0D, 0x0A, delimiter][next(4)])
            case 10 where disorder > 1: text.append(0x22)
            default: text.append(UInt8(0x61 + next(26)))
            }
        }
        return text
    }

    private mutating func quoted(_ delimiter: UInt8) -> [UInt8] {
        (0..<next(8)).flatMap { _ in [[delimiter], [0x0A], [0x0D, 0x0A], [0x0D], [0x22, 0x22], [0x62], [0x63, 0x64], [0x00]][next(8)] }
    }
}
