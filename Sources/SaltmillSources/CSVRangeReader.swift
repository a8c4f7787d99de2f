/// Reads the records of one range of a CSV file.
package struct CSVRangeReader: RecordReading {
    private var reader: TextReader<CSVRecords>

    init(_ file: CSVFile, _ content: any ContentReading, _ range: RowRange, duplicates: DuplicateCursor?, blockSize: Int) {
        let window = FileWindow(content, at: range.start.offset, blockSize: blockSize)
        reader = TextReader(window, CSVRecords(file), range, duplicates: duplicates)
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
