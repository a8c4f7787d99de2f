/// A part of a source that is read on its own: the records that begin in it.
package struct RowRange: Sendable, Equatable {
    /// The first record; when reading is resumed, the frontier it had come to.
    package var start: RecordLocator
    /// Offset of the first record that is no longer part of the range; of a database, the range's number.
    package var end: UInt64

    package init(start: RecordLocator, end: UInt64) {
        self.start = start
        self.end = end
    }

    /// How much of the range lies before a record, of 1; nil where its end is not known. Not for ranges of a database.
    package func share(before record: RecordLocator) -> Double? {
        guard end != .max, end > start.offset else { return nil }
        return min(max((Double(record.offset) - Double(start.offset)) / Double(end - start.offset), 0), 1)
    }
}

/// Where rows come from: a table-like input of which parts can be read independently, and single records again.
package protocol RowSource: Sendable {
    /// Names of the columns, in the order of a batch's cells.
    var columns: [String] { get }
    /// What the source holds, for telling whether a checkpoint belongs to it: equal texts mean equal content.
    var identity: String { get }
    /// The whole source, cut into ranges in ascending order.
    var ranges: [RowRange] { get }

    /// Begins to read a range.
    func open(_ range: RowRange) throws -> any RangeReading

    /// Replaces the content of `batch` with exactly the records at `locators`, in ascending order.
    func reread(_ locators: [RecordLocator], into batch: inout RowBatch) throws

    /// Returns when whatever is needed to find the rows again that were read so far is on the disk: before a checkpoint that speaks of them.
    func sync() throws

    /// Told after a checkpoint: rows that it does not speak of need not be found again.
    /// - Parameters:
    ///   - frontiers: those of the ranges that are not done.
    ///   - unsettled: the records to be read again that the checkpoint lists.
    ///   - deferred: reads the list of those that it does not list itself.
    func forget(frontiers: [RecordLocator], unsettled: [RecordLocator], deferred: () throws -> [RecordLocator]) throws
}

extension RowSource {
    // Records of a file are found again by themselves.
    package func sync() {}
    package func forget(frontiers: [RecordLocator], unsettled: [RecordLocator], deferred: () throws -> [RecordLocator]) {}
}

/// One range of a source being read.
package protocol RangeReading: Sendable {
    /// The record that will be read next: where a resume begins. At the end of the range, where the next range begins.
    var frontier: RecordLocator { get }
    /// How much has been read, in bytes of which the whole input has as many as its stamp says.
    var progress: UInt64 { get }

    /// Replaces the content of `batch` with the next records.
    ///
    /// It ends behind the record with which it comes to `maximumRows` records or `maximumBytes` bytes of text.
    /// - Returns: false when no record was left in the range; the batch is then empty.
    mutating func read(into batch: inout RowBatch, maximumRows: Int, maximumBytes: Int) throws -> Bool
}
