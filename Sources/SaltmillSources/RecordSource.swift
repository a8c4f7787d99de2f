/// The rows of an input.
package struct RecordSource: RowSource {
    private let input: any RecordInput
    private let duplicates: DuplicateCursor?
    package let identity: String
    package let ranges: [RowRange]

    /// How much is read at once, in bytes.
    static let blockSize = 1 << 17
    /// The same for single records.
    private static let rereadBlockSize = 1 << 14

    /// A source with what a survey of its input has found: ranges, and marks on the records that others of the same key make void.
    /// - Throws: ``SourceError`` when the input is not in the state that was surveyed.
    package init(_ input: any RecordInput, survey: Survey) throws(SourceError) {
        guard input.stamp == survey.stamp, input.rowShape == survey.rowShape else {
            throw SourceError(.changed, "\(input.name) was modified after it was surveyed; run the command again")
        }
        self.input = try input.knowing(survey)
        identity = "sha256:\(survey.digest)"
        ranges = survey.ranges
        duplicates = try survey.void.map { void throws(SourceError) in
            DuplicateCursor(try InputFile(path: void.path), isFault: survey.duplicates == .reject)
        }
    }

    /// A source without a survey: one range, duplicates unknown, known again only by its stamp.
    package init(unsurveyed input: any RecordInput) {
        self.input = input
        let stamp = input.stamp
        identity = "file:\(stamp.size).\(stamp.modified).\(stamp.inode)"
        ranges = [RowRange(start: input.firstRecord, end: input.end ?? .max)]
        duplicates = nil
    }

    package var columns: [String] { input.columns }

    package func open(_ range: RowRange) throws -> any RangeReading {
        var duplicates = duplicates
        try duplicates?.seek(to: range.start.offset)
        return try input.reader(of: range, duplicates: duplicates, blockSize: Self.blockSize)
    }

    package func reread(_ locators: [RecordLocator], into batch: inout RowBatch) throws {
        batch.removeAll()
        let locators = locators.sorted()
        guard let first = locators.first else { return }
        let range = RowRange(start: first, end: input.end ?? .max)
        var reader = try input.reader(of: range, duplicates: duplicates, blockSize: Self.rereadBlockSize)
        for locator in locators { try reader.appendRecord(at: locator, to: &batch) }
    }
}
