import SaltmillBytes

/// A reject file as a source: its rows are read as those of the source that they came from.
package struct RejectedRows: FileInput {
    /// How the rows are written.
    package enum Format: Sendable {
        /// As CSV, which rows of databases are too. Each line names the columns, unless the format does.
        case csv(CSVFormat)
        case jsonLines(JSONLinesFormat)
    }

    package var content: FileContent
    let format: Format
    package let columns: [String]
    package let firstRecord: RecordLocator

    /// Opens the file at `path`.
    /// - Throws: ``SourceError`` when it cannot be opened, has no rows, or does not say what their columns are.
    package init(path: String, format: Format) throws(SourceError) {
        content = try FileContent(path: path)
        self.format = format
        var window = FileWindow(content.reader(), at: 0, blockSize: 1 << 16)
        try window.slide(to: 0)
        firstRecord = RecordLocator(offset: UInt64(try window.endOfMark()), line: 1)
        var lines = RejectFileLines(content.reader(), at: firstRecord, blockSize: 1 << 16)
        guard let first = try lines.next(before: .max) else {
            throw SourceError(.header, "\(path) holds no rows, so there is nothing to load again")
        }
        switch format {
        case .jsonLines(let format): columns = format.columns
        case .csv(let format):
            guard let names = format.columns ?? first.line.columns else {
                throw SourceError(
                    .header,
                    "\(path):\(first.locator.line): the line does not name the columns; add them, e.g. `\"columns\": [\"id\", \"name\"]`")
            }
            guard Set(names).count == names.count else {
                throw SourceError(.header, "\(path):\(first.locator.line): a column is named twice; correct the names")
            }
            columns = names
        }
    }

    package var rowShape: String {
        let form =
            switch format {
            case .csv(let format): format.fingerprint
            case .jsonLines(let format): format.fingerprint
            }
        let value: JSONValue = ["rejected": .string(form), "columns": .array(columns.map { .string($0) })]
        return String(decoding: value.bytes, as: UTF8.self)
    }

    package func reader(of range: RowRange, duplicates: DuplicateCursor?, blockSize: Int) throws -> any RecordReading {
        RejectedRowReader(self, content.reader(), range, duplicates: duplicates, blockSize: blockSize)
    }

    package func surveyReader(_ tap: SurveyTap) throws -> any RecordReading {
        let reader = try content.surveyReader(from: firstRecord.offset, tap)
        let range = RowRange(start: firstRecord, end: .max)
        return RejectedRowReader(self, reader, range, duplicates: nil, blockSize: RecordSource.blockSize)
    }
}
