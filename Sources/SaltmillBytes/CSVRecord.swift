/// Where one cell of a record ends, and how it was written.
package struct CSVCellEnd: Sendable, Equatable {
    @usableFromInline var bits: UInt32

    /// Longest record whose cells can be told: offsets have 30 bits.
    package static let maximumOffset = 1 << 30 - 1

    init(offset: Int, flags: UInt32) { bits = UInt32(truncatingIfNeeded: offset) | flags }

    static let quoted: UInt32 = 1 << 31
    static let escaped: UInt32 = 1 << 30

    /// Offset of the byte behind the cell (a delimiter, a line end, or nothing), from the start of the record.
    @inlinable @inline(__always) package var offset: Int { Int(bits & 0x3FFF_FFFF) }
    /// The cell stands in quotes, which are part of its extent.
    @inlinable @inline(__always) package var isQuoted: Bool { bits & 0x8000_0000 != 0 }
    /// The cell holds doubled quotes.
    @inlinable @inline(__always) package var isEscaped: Bool { bits & 0x4000_0000 != 0 }
}

/// What is wrong with a record.
package enum CSVFault: Sendable, Equatable {
    /// Something other than a delimiter or a line end follows a closing quote.
    case textBehindQuote
    /// A quote stands inside a cell that does not begin with one.
    case quoteInsideCell
    /// The input ends inside quotes.
    case unterminatedQuote
    /// The record does not end within the limit; `inQuotes` when that is for want of a closing quote.
    case tooLong(inQuotes: Bool)
}

/// How much of the input a record takes.
package struct CSVExtent: Sendable, Equatable {
    /// Bytes of the record without its line end.
    package var length: Int
    /// Bytes up to where the next record begins.
    package var consumed: Int
    /// Line feeds among the consumed bytes.
    package var lines: Int
    /// The record was given up at the length limit: what is left of its last line, line feed included, must be skipped to come to
    /// the next record.
    package var isCut = false
}

/// What the lexer found.
package enum CSVStep: Sendable, Equatable {
    /// The record goes on behind the bytes given: call again with more of them.
    case needsMore
    /// Nothing is left.
    case end
    /// An empty line, which is not a record.
    case blank(consumed: Int)
    /// A well-formed record, whose cells are in ``CSVLexer/cellEnds``.
    case record(CSVExtent)
    /// A malformed record.
    case faulty(CSVFault, CSVExtent)
}
