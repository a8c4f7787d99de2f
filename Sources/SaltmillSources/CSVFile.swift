import SaltmillBytes

/// A CSV file that is open, with its columns known.
package struct CSVFile: FileInput {
    package var content: FileContent
    package let format: CSVFormat
    /// Names of the columns, in order: not empty, none twice.
    package let columns: [String]
    /// Where the records begin: behind a byte order mark and the header line.
    package let firstRecord: RecordLocator
    let nulls: NullMarkers

    /// Opens the file at `path` and reads its header line, unless the format names the columns.
    /// - Throws: ``SourceError`` when it cannot be opened, or its columns cannot be told or are empty or doubled.
    package init(path: String, format: CSVFormat = CSVFormat()) throws(SourceError) {
        let content = try FileContent(path: path)
        var window = FileWindow(content.reader(), at: 0, blockSize: 1 << 16)
        try window.slide(to: 0)
        let start = try window.endOfMark()

        let columns: [String]
        var firstRecord = RecordLocator(offset: UInt64(start), line: 1)
        if let given = format.columns {
            columns = given
        } else {
            columns = try Self.readHeader(&window, format, &firstRecord)
        }
        try Self.check(columns, in: path)
        self.content = content
        self.format = format
        self.columns = columns
        self.firstRecord = firstRecord
        nulls = NullMarkers(format.nulls)
    }

    /// Reads the record at `locator`, the names in it, and moves the locator behind it.
    private static func readHeader(_ window: inout FileWindow, _ format: CSVFormat, _ locator: inout RecordLocator) throws(SourceError)
        -> [String]
    {
        let path = window.content.path
        var lexer = CSVLexer(
            delimiter: format.delimiter, maximumCells: CSVFormat.maximumColumns, maximumLength: format.maximumRecordLength)
        while true {
            let start = Int(locator.offset - window.offset)
            let buffer = window.buffer
            let bytes = buffer.span.extracting(first: window.count)
            switch lexer.next(bytes, from: start, isEnd: window.isAtEnd) {
            case .needsMore: try window.slide(to: start)
            case .blank(let consumed):
                locator.offset += UInt64(consumed)
                locator.line += 1
            case .end:
                throw SourceError(.header, "\(path) has no header line; if it has rows but no header, name its columns")
            case .faulty(let fault, _):
                let reason = fault.rowFault(maximumLength: format.maximumRecordLength).message
                throw SourceError(.header, "\(path):\(locator.line): the header line is malformed: \(reason)")
            case .record(let extent):
                guard lexer.cellCount <= CSVFormat.maximumColumns else {
                    throw SourceError(
                        .header,
                        "\(path):\(locator.line): the header line has \(lexer.cellCount) columns, the limit is \(CSVFormat.maximumColumns)")
                }
                let names = try names(bytes, start, lexer, at: "\(path):\(locator.line)")
                locator.offset += UInt64(extent.consumed)
                locator.line += UInt64(extent.lines)
                return names
            }
        }
    }

    private static func names(_ bytes: Span<UInt8>, _ start: Int, _ lexer: CSVLexer, at place: String) throws(SourceError) -> [String] {
        var names: [String] = []
        var cellStart = start
        for end in lexer.cellEnds[..<lexer.cellCount] {
            let cell = end.isQuoted ? cellStart + 1..<start + end.offset - 1 : cellStart..<start + end.offset
            var text: [UInt8] = []
            var index = cell.lowerBound
            while index < cell.upperBound {
                text.append(bytes[index])
                index += end.isQuoted && bytes[index] == 0x22 ? 2 : 1
            }
            guard let name = String(validating: text, as: UTF8.self) else {
                throw SourceError(.header, "\(place): the name of column \(names.count + 1) is not valid UTF-8; convert the file to UTF-8")
            }
            guard !name.utf8.contains(0x0D) || end.isQuoted else {
                throw SourceError(.header, "\(place): the lines end in bare carriage returns; convert them to line feeds, e.g. with tr")
            }
            names.append(name)
            cellStart = start + end.offset + 1
        }
        return names
    }

    private static func check(_ columns: [String], in path: String) throws(SourceError) {
        guard !columns.isEmpty else { throw SourceError(.header, "\(path): no columns are named; name at least one") }
        var seen: Set<String> = []
        for (index, name) in columns.enumerated() {
            guard !name.isEmpty else {
                throw SourceError(.header, "\(path): column \(index + 1) of \(columns.count) has an empty name; give every column a name")
            }
            guard seen.insert(name).inserted else {
                throw SourceError(.header, "\(path): the column name \"\(name)\" occurs twice; give every column a name of its own")
            }
        }
    }
}

extension CSVFile {
    package var rowShape: String { format.fingerprint }

    package func reader(of range: RowRange, duplicates: DuplicateCursor?, blockSize: Int) throws -> any RecordReading {
        CSVRangeReader(self, content.reader(), range, duplicates: duplicates, blockSize: blockSize)
    }

    package func surveyReader(_ tap: SurveyTap) throws -> any RecordReading {
        let reader = try content.surveyReader(from: firstRecord.offset, tap)
        let range = RowRange(start: firstRecord, end: .max)
        return CSVRangeReader(self, reader, range, duplicates: nil, blockSize: RecordSource.blockSize)
    }
}
