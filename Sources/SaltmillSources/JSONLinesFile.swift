import SaltmillBytes

/// A file of JSON Lines that is open: one object a line.
package struct JSONLinesFile: FileInput {
    package var content: FileContent
    package let format: JSONLinesFormat
    /// Where the records begin: behind a byte order mark.
    package let firstRecord: RecordLocator

    /// Opens the file at `path`.
    /// - Throws: ``SourceError`` when it cannot be opened, or is clearly something else.
    package init(path: String, format: JSONLinesFormat) throws(SourceError) {
        precondition(Set(format.columns).count == format.columns.count, "each column has a name of its own")
        content = try FileContent(path: path)
        var window = FileWindow(content.reader(), at: 0, blockSize: 1 << 16)
        try window.slide(to: 0)
        let start = try window.endOfMark()
        let first = window.buffer[start..<window.count].first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard first != UInt8(ascii: "[") else {
            throw SourceError(
                .header, "\(path) is one JSON array, where one object a line is wanted; convert it, e.g. with jq -c '.[]'")
        }
        self.format = format
        firstRecord = RecordLocator(offset: UInt64(start), line: 1)
    }

    package var columns: [String] { format.columns }
    package var rowShape: String { format.fingerprint }

    package func reader(of range: RowRange, duplicates: DuplicateCursor?, blockSize: Int) throws -> any RecordReading {
        JSONRangeReader(self, content.reader(), range, duplicates: duplicates, blockSize: blockSize)
    }

    package func surveyReader(_ tap: SurveyTap) throws -> any RecordReading {
        let reader = try content.surveyReader(from: firstRecord.offset, tap)
        let range = RowRange(start: firstRecord, end: .max)
        return JSONRangeReader(self, reader, range, duplicates: nil, blockSize: RecordSource.blockSize)
    }
}

/// Reads the records of one range of a file of JSON Lines.
package struct JSONRangeReader: RecordReading {
    private var reader: TextReader<JSONRecords>

    init(_ file: JSONLinesFile, _ content: any ContentReading, _ range: RowRange, duplicates: DuplicateCursor?, blockSize: Int) {
        let window = FileWindow(content, at: range.start.offset, blockSize: blockSize)
        reader = TextReader(window, JSONRecords(file.format), range, duplicates: duplicates)
    }

    package var frontier: RecordLocator { reader.frontier }
    package var progress: UInt64 { reader.progress }

    package mutating func read(into batch: inout RowBatch, maximumRows: Int, maximumBytes: Int) throws -> Bool {
        try reader.read(into: &batch, maximumRows: maximumRows, maximumBytes: maximumBytes)
    }

    package mutating func appendRecord(at locator: RecordLocator, to batch: inout RowBatch) throws {
        try reader.appendRecord(at: locator, to: &batch)
    }
}
