import SaltmillItems

/// A place in one part of a dump that has been checked, from where its items are read on.
final class PartCursor {
    let part: Int
    private var reader: PartReader
    /// How many items of the part have been read, the current one included.
    private(set) var count: UInt64 = 0
    /// Where the part's next item stands at the earliest.
    private(set) var next: UInt64 = 0
    private(set) var current: DumpedItem?

    init(_ table: DumpedTable, part: Int) throws(DumpError) {
        self.part = part
        reader = try table.open(part, isDigested: false)
    }

    /// Goes to the next item; false at the part's end.
    func advance() throws(DumpError) -> Bool {
        current = try reader.next()
        guard let current else { return false }
        count += 1
        next = current.offset + 1
        return true
    }

    /// Gives back the room that a large item took; there is no current item then.
    func trim() {
        current = nil
        reader.trim()
    }

    /// Goes to the first item that stands at `offset` or behind it; false where there is none.
    func advance(to offset: UInt64) throws(DumpError) -> Bool {
        repeat { guard try advance() else { return false } } while next <= offset
        return true
    }

    /// Lends the current item: its compact JSON, and what reading over it has found.
    func withItem<Result>(_ body: (Span<UInt8>, borrowing ItemScanner) -> Result) -> Result {
        reader.withItem { body($0, reader.scanner) }
    }
}
