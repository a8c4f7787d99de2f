/// Where a record of a file source begins, so that it can be read again on its own.
package struct RecordLocator: Hashable, Sendable, Comparable {
    /// Offset of the record's first byte from the start of the (uncompressed) input, in bytes.
    package var offset: UInt64
    /// Number of the physical line the record begins on, counted from 1.
    package var line: UInt64

    package init(offset: UInt64, line: UInt64) {
        self.offset = offset
        self.line = line
    }

    package static func < (a: Self, b: Self) -> Bool { a.offset < b.offset }
}

/// One cell of a row: a range of bytes in its batch, and what the lexer learnt about it.
package struct Cell: Sendable, Equatable {
    /// Offset of the first byte of the value in ``RowBatch/bytes``: behind the opening quote, if there is one.
    package var offset: UInt32
    /// Length of the value in bytes, doubled quotes and escapes still as they stand.
    package var length: UInt32
    package var flags: Flags

    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        /// The value stood in quotes.
        package static let quoted = Flags(rawValue: 1)
        /// The value holds doubled quotes (`""`), each of which means one quote.
        package static let escaped = Flags(rawValue: 2)
        /// The value is the source's null marker, or there is none.
        package static let null = Flags(rawValue: 4)
        /// The value is the inside of a JSON string with backslash escapes.
        package static let backslashes = Flags(rawValue: 8)
        /// The value is the well-formed text of a JSON array or object.
        package static let document = Flags(rawValue: 16)
        /// The document's inner values are in DynamoDB JSON (`{"S":"text"}`).
        package static let typed = Flags(rawValue: 32)
    }

    package init(offset: UInt32, length: UInt32, flags: Flags = []) {
        self.offset = offset
        self.length = length
        self.flags = flags
    }
}

/// One record of a batch.
package struct Record: Sendable {
    package var locator: RecordLocator
    /// The record's raw bytes in ``RowBatch/bytes``, without its line end: what goes to the reject file. Of a record over the length limit
    /// only its beginning.
    package var raw: Range<Int>
    /// Why the record is to be rejected, if it is. `columnCount` cells are there nevertheless; those of a malformed record, or of one with
    /// another number of cells, are empty and mean nothing.
    package var fault: RowFault?
    /// Another record of the input carries the same primary key and wins.
    package var isSuperseded: Bool
    /// The record was in the source when it was read first, and is not there any more. Its cells are null and mean nothing.
    package var isGone = false
    /// Only the beginning of the record is there, since it is over the length limit.
    package var isCut: Bool

    package init(locator: RecordLocator, raw: Range<Int>, fault: RowFault? = nil, isSuperseded: Bool = false, isCut: Bool = false) {
        self.locator = locator
        self.raw = raw
        self.fault = fault
        self.isSuperseded = isSuperseded
        self.isCut = isCut
    }
}

/// Consecutive records of one range of a source: the unit in which rows travel from source to item encoder.
///
/// The buffers are reused from one read to the next, so nothing is allocated per row.
package struct RowBatch: Sendable {
    /// The text of the records.
    package var bytes: [UInt8] = []
    /// `columnCount` cells for each record, row-major.
    package var cells: [Cell] = []
    package var records: [Record] = []
    package var columnCount: Int

    package init(columnCount: Int) { self.columnCount = columnCount }

    /// Forgets the records but keeps the memory.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        cells.removeAll(keepingCapacity: true)
        records.removeAll(keepingCapacity: true)
    }
}

/// A fault of one row that sends it to the reject file while the load goes on.
package struct RowFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// Short, stable, value-free name that reports count by, e.g. `csv.columns`, `number.range`, `key.empty`.
    package var code: String
    /// One sentence that names what is wrong and how to mend it, without naming the place (file and line are added by who knows them).
    package var message: String
    /// The column or attribute at fault, if it is one.
    package var attribute: String?

    package init(_ code: String, _ message: String, attribute: String? = nil) {
        self.code = code
        self.message = message
        self.attribute = attribute
    }

    package var description: String { message }
}
