/// An input that is cut into records, each of which stands at an offset: what can be surveyed, read in ranges and read again.
package protocol RecordInput: Sendable {
    /// What messages call it.
    var name: String { get }
    /// Names of the columns, in the order of a batch's cells.
    var columns: [String] { get }
    /// Everything but the content that shapes rows: equal texts mean equal rows from equal content.
    var rowShape: String { get }
    /// The state that the input was in when it was opened.
    var stamp: FileStamp { get }
    /// Where the records begin.
    var firstRecord: RecordLocator { get }
    /// Offset behind the last record, where that is known without reading; never too low.
    var end: UInt64? { get }

    /// - Throws: ``SourceError`` when the input was modified since it was opened.
    func checkUnchanged() throws(SourceError)

    /// Reads everything for what a survey of it would give as ``Survey/digest``.
    func digest() throws -> String

    /// The input with what a survey of it knows of how to read it in parts.
    func knowing(_ survey: Survey) throws(SourceError) -> Self

    /// Begins to read a range.
    /// - Parameters:
    ///   - duplicates: the records that another one of the same key makes void, if a survey looked for them.
    ///   - blockSize: how much is read at once, in bytes.
    func reader(of range: RowRange, duplicates: DuplicateCursor?, blockSize: Int) throws -> any RecordReading

    /// Begins to read all records, and shows what the content's digest is of.
    func surveyReader(_ tap: SurveyTap) throws -> any RecordReading
}

/// One range of an input being read.
package protocol RecordReading: RangeReading {
    /// Appends the one record that begins at `locator`.
    /// - Throws: ``SourceError`` when there is none.
    mutating func appendRecord(at locator: RecordLocator, to batch: inout RowBatch) throws
}
