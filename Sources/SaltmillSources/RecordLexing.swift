/// How a text is cut into records, and these into cells.
protocol RecordLexing: Sendable {
    var columnCount: Int { get }

    /// Takes the record that begins at `start`. After ``RecordStep/needsMore`` it is called again with the same record and more bytes.
    /// - Parameter isEnd: nothing follows the bytes.
    mutating func next(_ bytes: Span<UInt8>, from start: Int, isEnd: Bool) -> RecordStep

    /// Appends the cells of the record that was just taken.
    /// - Parameters:
    ///   - start: where the record begins.
    ///   - shift: what to add to positions in `bytes` for positions in the batch.
    func appendCells(_ bytes: Span<UInt8>, at start: Int, _ shift: Int, to batch: inout RowBatch)

    /// Why the record that was just taken is faulty.
    func fault() -> RowFault
}

/// What was found at the start of a record.
enum RecordStep {
    /// The record goes on behind the bytes given.
    case needsMore
    /// Nothing is left.
    case end
    /// An empty line, which is not a record.
    case blank(consumed: Int)
    /// A record with as many cells as there are columns.
    case record(RecordExtent)
    case faulty(RecordExtent)
}

/// How much of a text a record takes.
struct RecordExtent {
    /// Bytes of the record without its line end.
    var length: Int
    /// Bytes up to where the next record begins.
    var consumed: Int
    /// Line feeds among the consumed bytes.
    var lines: Int
    /// The record was given up at the length limit: what is left of its last line must be skipped to come to the next record.
    var isCut = false
}
