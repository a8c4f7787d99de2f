import SaltmillBytes

/// Rows of a SQLite database, in the order of their rowids or of a query's key, which are their offsets.
///
/// Nothing is locked between two reads; what is written to the database meanwhile is noticed, as with a file.
package struct SQLiteInput: RecordInput {
    package let name: String
    package let columns: [String]
    package let rowShape: String
    package let stamp: FileStamp
    package let firstRecord: RecordLocator
    package let end: UInt64?
    private let database: SQLiteDatabase

    /// Opens the database at `path`, for reading alone.
    /// - Throws: ``SourceError`` when there is no such database, or its rows cannot be selected or told apart by a number.
    package init(path: String, _ selection: SQLiteSelection) throws(SourceError) {
        database = try SQLiteDatabase(path: path, selection)
        switch selection {
        case .table(let table): name = "\(path):\(table)"
        case .query: name = path
        }
        columns = database.columns
        rowShape = selection.shape(columns: columns)
        stamp = database.stamp
        let keys = try database.keys()
        firstRecord = RecordLocator(row: UInt64(keys?.lowerBound ?? 0))
        end = keys.map { UInt64($0.upperBound) + 1 } ?? 0
    }

    package func checkUnchanged() throws(SourceError) { try database.checkUnchanged() }

    package func digest() throws -> String {
        var reader = SQLiteReader(self, database, all, duplicates: nil, SurveyTap(folder: ""))
        var batch = RowBatch(columnCount: columns.count)
        while try reader.read(into: &batch, maximumRows: 1_024, maximumBytes: RecordSource.blockSize) { try Task.checkCancellation() }
        return try reader.tap?.finish().digest ?? ""
    }

    package func knowing(_ survey: Survey) -> SQLiteInput { self }

    package func reader(of range: RowRange, duplicates: DuplicateCursor?, blockSize: Int) -> any RecordReading {
        SQLiteReader(self, database, range, duplicates: duplicates, nil)
    }

    package func surveyReader(_ tap: SurveyTap) -> any RecordReading { SQLiteReader(self, database, all, duplicates: nil, tap) }

    private var all: RowRange { RowRange(start: firstRecord, end: end ?? 0) }

    /// How many bytes stand for the rows before `offset`.
    func progress(at offset: UInt64) -> UInt64 {
        let first = firstRecord.offset
        guard let end, end > first, offset > first else { return 0 }
        return UInt64(Double(offset - first) / Double(end - first) * Double(stamp.size))
    }
}

extension RecordLocator {
    /// Where a row with this number is.
    init(row: UInt64) { self.init(offset: row, line: row) }
}

/// Reads a range of rows by their numbers.
struct SQLiteReader: RecordReading {
    /// Sees every row as it comes.
    let tap: SurveyTap?
    private let input: SQLiteInput
    private let database: SQLiteDatabase
    private let end: UInt64
    private var next: UInt64
    private var duplicates: DuplicateCursor?

    init(_ input: SQLiteInput, _ database: SQLiteDatabase, _ range: RowRange, duplicates: DuplicateCursor?, _ tap: SurveyTap?) {
        self.input = input
        self.database = database
        self.duplicates = duplicates
        self.tap = tap
        end = min(range.end, input.end ?? 0)
        next = range.start.offset
    }

    var frontier: RecordLocator { RecordLocator(row: next) }
    var progress: UInt64 { input.progress(at: next) }

    mutating func read(into batch: inout RowBatch, maximumRows: Int, maximumBytes: Int) throws -> Bool {
        precondition(batch.columnCount == input.columns.count, "a batch has the columns of its source")
        batch.removeAll()
        guard next < end else { return false }
        try database.read(from: next, through: end - 1, into: &batch, maximumRows: maximumRows, maximumBytes: maximumBytes)
        guard let last = batch.records.last else { return false }
        next = last.locator.offset + 1
        try mark(&batch, from: 0)
        if let tap {
            for record in batch.records {
                tap.update([UInt8](String(record.locator.offset).utf8).span)
                tap.update(batch.bytes.span.extracting(record.raw))
                tap.update([UInt8(0x0A)].span)
            }
        }
        return true
    }

    mutating func appendRecord(at locator: RecordLocator, to batch: inout RowBatch) throws {
        let count = batch.records.count
        if locator.offset < input.end ?? 0 {
            try database.read(from: locator.offset, through: locator.offset, into: &batch, maximumRows: count + 1, maximumBytes: .max)
        }
        guard batch.records.count == count + 1 else {
            throw SourceError(.changed, "\(input.name) has no row \(locator.offset); it is not the database that was read before")
        }
        next = locator.offset + 1
        try duplicates?.seek(to: locator.offset)
        try mark(&batch, from: count)
    }

    /// Marks the records that others of the same key make void.
    private mutating func mark(_ batch: inout RowBatch, from first: Int) throws(SourceError) {
        guard duplicates != nil else { return }
        for index in first..<batch.records.count {
            guard try duplicates?.contains(batch.records[index].locator.offset) == true else { continue }
            if duplicates?.isFault == true {
                batch.records[index].fault = .duplicateKey
            } else {
                batch.records[index].isSuperseded = true
            }
        }
    }
}
