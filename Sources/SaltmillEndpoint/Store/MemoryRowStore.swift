import SaltmillBytes

/// Rows in memory: sorted blocks of rows, in order.
///
/// A row is found by two binary searches, and moved about with the few others of its block when one comes before it. Keys are compared by
/// their first 16 bytes, which lie side by side; as those hold most of a hash, the rest of a key is hardly ever looked at.
final class MemoryRowStore: RowStore {
    private struct Row {
        /// The key's first 16 bytes as a number.
        var prefix: UInt128
        /// The key, then the item.
        var bytes: [UInt8]
        var keyLength: Int32
        /// Size by the item-size rules.
        var size: Int32

        var key: ArraySlice<UInt8> { bytes[..<Int(keyLength)] }
    }

    /// Where a row lies, or would.
    private struct Place {
        var block: Int
        var row: Int
    }

    /// A block with more rows is cut in two.
    private static let maximumRows = 128

    /// None is empty, unless it is the only one.
    private var blocks: [[Row]] = [[]]
    /// The prefix of each block's first row.
    private var firsts: [UInt128] = [0]
    /// Counts what was written: places from before a change are none any more.
    private var changes = 0
    /// What undoes the transaction at hand, in reverse; nil outside of one.
    private var undo: [(key: RowKey, row: Row?)]?

    func use<Result>(_ body: () throws -> Result) throws -> Result { try body() }

    func transaction<Result>(_ body: () throws -> Result) throws -> Result {
        undo = []
        do {
            let result = try body()
            undo = nil
            return result
        } catch {
            let old = undo ?? []
            undo = nil
            for (key, row) in old.reversed() { set(row, at: key) }
            throw error
        }
    }

    // MARK: - Rows

    func size(_ key: RowKey) -> Int? {
        let (place, isThere) = find(key)
        return isThere ? Int(blocks[place.block][place.row].size) : nil
    }

    func row(_ key: RowKey) -> StoredRow? {
        let (place, isThere) = find(key)
        guard isThere else { return nil }
        let row = blocks[place.block][place.row]
        return StoredRow(size: Int(row.size), item: Array(row.bytes[Int(row.keyLength)...]))
    }

    func put(_ key: RowKey, size: Int, item: Span<UInt8>) {
        let bytes = [UInt8](unsafeUninitializedCapacity: key.bytes.count + item.count) { buffer, count in
            count = buffer.initialize(fromContentsOf: key.bytes)
            item.withUnsafeBufferPointer { count = buffer[count...].initialize(fromContentsOf: $0) }
        }
        set(Row(prefix: Self.prefix(key), bytes: bytes, keyLength: Int32(key.bytes.count), size: Int32(size)), at: key)
    }

    func delete(_ key: RowKey) { set(nil, at: key) }

    func scan(_ range: KeyRange, descending: Bool, _ body: (Span<UInt8>, Int, Span<UInt8>) throws -> Bool) throws {
        var place = find(descending ? range.upper : range.lower).place
        while true {
            if descending { guard stepBack(&place) else { return } } else { guard settle(&place) else { return } }
            let row = blocks[place.block][place.row]
            let isInside = descending ? !Self.precedes(row, range.lower) : Self.precedes(row, range.upper)
            guard isInside else { return }
            let before = changes
            let (key, item) = (row.bytes.span.extracting(..<Int(row.keyLength)), row.bytes.span.extracting(Int(row.keyLength)...))
            guard try body(key, Int(row.size), item) else { return }
            var isThere = true
            if changes != before { (place, isThere) = find(RowKey(bytes: Array(row.key))) }
            if !descending, isThere { place.row += 1 }
        }
    }

    func deleteAll(_ range: KeyRange) throws {
        var keys: [RowKey] = []
        try scan(range) { key, _, _ in
            keys.append(RowKey(bytes: key.array))
            return true
        }
        for key in keys { delete(key) }
    }

    // MARK: - Tables

    // What is known of tables lives as long as the engine that knows it.

    func setContents(_: Table.Contents, of _: UInt32) {}
    func contents() -> [UInt32: Table.Contents] { [:] }
    func records() -> [[UInt8]] { [] }
    func setRecord(_: [UInt8], of _: String) {}
    func removeRecord(of _: String, collections _: [UInt32]) {}
    func removeContents(of _: [UInt32]) {}
}

// MARK: - Order

extension MemoryRowStore {
    private static func prefix(_ key: RowKey) -> UInt128 {
        key.bytes.withUnsafeBytes { bytes in
            if bytes.count >= 16 { return UInt128(bigEndian: bytes.loadUnaligned(as: UInt128.self)) }
            return bytes.enumerated().reduce(0) { $0 | UInt128($1.element) << UInt128(120 - 8 * $1.offset) }
        }
    }

    /// Below 0 where a key comes before a row's of the same prefix, 0 where it is the row's, above 0 where it comes behind.
    private static func compare(_ key: RowKey, _ row: Row) -> Int {
        let length = Int(row.keyLength)
        return key.bytes.withUnsafeBufferPointer { key in
            row.bytes.withUnsafeBufferPointer { other in
                var index = 16
                while index < min(key.count, length) {
                    if key[index] != other[index] { return Int(key[index]) - Int(other[index]) }
                    index += 1
                }
                return key.count - length
            }
        }
    }

    private static func precedes(_ row: Row, _ key: RowKey) -> Bool { precedes(row, key, prefix(key)) }

    private static func precedes(_ row: Row, _ key: RowKey, _ prefix: UInt128) -> Bool {
        row.prefix == prefix ? compare(key, row) > 0 : row.prefix < prefix
    }

    /// Whether a block's first row comes behind a key.
    private func begins(_ block: Int, behind key: RowKey, _ prefix: UInt128) -> Bool {
        guard firsts[block] == prefix, let first = blocks[block].first else { return firsts[block] > prefix }
        return Self.compare(key, first) < 0
    }

    /// The place of the first row that does not come before a key, and whether it is the key's.
    private func find(_ key: RowKey) -> (place: Place, isThere: Bool) {
        let prefix = Self.prefix(key)
        let block = Self.boundary(1..<blocks.count) { begins($0, behind: key, prefix) } - 1
        let row = blocks[block].withUnsafeBufferPointer { rows in
            Self.boundary(0..<rows.count) { !Self.precedes(rows[$0], key, prefix) }
        }
        let isThere = row < blocks[block].count && blocks[block][row].prefix == prefix && Self.compare(key, blocks[block][row]) == 0
        return (Place(block: block, row: row), isThere)
    }

    /// The first position that meets a condition, which all behind it meet as well; the end where none does.
    private static func boundary(_ range: Range<Int>, _ isBehind: (Int) -> Bool) -> Int {
        var (lower, upper) = (range.lowerBound, range.upperBound)
        while lower < upper {
            let middle = (lower + upper) / 2
            if isBehind(middle) { upper = middle } else { lower = middle + 1 }
        }
        return lower
    }

    /// Goes on to the next block behind the last row of one; false behind the last row of all.
    private func settle(_ place: inout Place) -> Bool {
        while place.row >= blocks[place.block].count {
            guard place.block + 1 < blocks.count else { return false }
            place = Place(block: place.block + 1, row: 0)
        }
        return true
    }

    /// Goes to the row before; false before the first of all.
    private func stepBack(_ place: inout Place) -> Bool {
        while place.row == 0 {
            guard place.block > 0 else { return false }
            place = Place(block: place.block - 1, row: blocks[place.block - 1].count)
        }
        place.row -= 1
        return true
    }

    /// Puts a row into a key's place, or removes the one there.
    private func set(_ row: Row?, at key: RowKey) {
        let (place, isThere) = find(key)
        let block = place.block
        undo?.append((key, isThere ? blocks[block][place.row] : nil))
        changes += 1
        switch (row, isThere) {
        case (let row?, true): blocks[block][place.row] = row
        case (let row?, false):
            blocks[block].insert(row, at: place.row)
            if blocks[block].count > Self.maximumRows { split(block) }
        case (nil, true):
            blocks[block].remove(at: place.row)
            if blocks[block].isEmpty, blocks.count > 1 {
                blocks.remove(at: block)
                firsts.remove(at: block)
                return
            }
        case (nil, false): return
        }
        firsts[block] = blocks[block].first?.prefix ?? 0
    }

    /// Cuts a block in two.
    private func split(_ block: Int) {
        var upper: [Row] = []
        upper.reserveCapacity(Self.maximumRows + 1)
        let half = blocks[block].count / 2
        upper.append(contentsOf: blocks[block][half...])
        blocks[block].removeSubrange(half...)
        firsts.insert(upper[0].prefix, at: block + 1)
        blocks.insert(upper, at: block + 1)
    }
}
