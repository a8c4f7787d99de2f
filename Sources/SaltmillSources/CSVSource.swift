/// The rows of a CSV file.
package struct CSVSource: RowSource {
    private let file: CSVFile
    private let duplicates: DuplicateCursor?
    package let identity: String
    package let ranges: [RowRange]

    /// How much is read at once, in bytes.
    static let blockSize = 1 << 17
    /// The same for single records.
    private static let rereadBlockSize = 1 << 14

    /// A source with what a survey of its file has found: ranges, and marks on the records that others of the same key make void.
    /// - Throws: ``SourceError`` when the file is not in the state that was surveyed.
    package init(_ file: CSVFile, survey: Survey) throws(SourceError) {
        guard file.input.stamp == survey.stamp, file.format.fingerprint == survey.format else {
            throw SourceError(.changed, "\(file.input.path) was modified after it was surveyed; run the command again")
        }
        self.file = file
        identity = "sha256:\(survey.digest)"
        ranges = survey.ranges
        duplicates = try survey.void.map { void throws(SourceError) in
            DuplicateCursor(try InputFile(path: void.path), isFault: survey.duplicates == .reject)
        }
    }

    /// A source without a survey: one range, duplicates unknown, known again only by its stamp.
    package init(unsurveyed file: CSVFile) {
        self.file = file
        let stamp = file.input.stamp
        identity = "file:\(stamp.size).\(stamp.modified).\(stamp.inode)"
        ranges = [RowRange(start: file.firstRecord, end: stamp.size)]
        duplicates = nil
    }

    package var columns: [String] { file.columns }

    package func open(_ range: RowRange) throws -> any RangeReading {
        var duplicates = duplicates
        try duplicates?.seek(to: range.start.offset)
        return CSVRangeReader(file, range, duplicates: duplicates, blockSize: Self.blockSize)
    }

    package func reread(_ locators: [RecordLocator], into batch: inout RowBatch) throws {
        batch.removeAll()
        let locators = locators.sorted()
        guard let first = locators.first else { return }
        var reader = CSVRangeReader(
            file, RowRange(start: first, end: file.input.stamp.size), duplicates: duplicates, blockSize: Self.rereadBlockSize)
        for locator in locators { try reader.appendRecord(at: locator, to: &batch) }
    }
}
