package import SaltmillDelivery
package import SaltmillDynamoDB
package import SaltmillSources
import Synchronization

/// The items of a dumped table, for delivery: its parts in a few ranges that are read side by side, since a part holds items of one place of the
/// table mostly, and a table takes them fastest from many.
package struct DumpedItems: ChunkReader, Sendable {
    /// One chunk is no longer than this, in items and in bytes of JSON.
    private static let chunkItems = 128
    private static let chunkBytes = 1 << 15
    /// Ranges read side by side at most, and the bytes of items that all of them together may have read ahead.
    private static let maximumRanges = 16
    private static let readAhead = 8 << 20
    /// Cursors kept for items that are read again.
    private static let revisitCount = 4

    private struct State {
        var encoder: DumpedItemEncoder
        var transformed = TransformedItem()
        /// For each range, the cursor in the part that is being read, and the frontier.
        var cursors: [PartCursor?]
        var frontiers: [RecordLocator]
        /// For items that are read again, the last used first.
        var revisits: [PartCursor] = []
    }

    private final class Shared: Sendable {
        let state: Mutex<State>
        init(_ state: sending State) { self.state = Mutex(state) }
    }

    private let table: DumpedTable
    private let indexCount: Int
    private let transform: ItemTransform
    /// The parts of each range.
    private let ranges: [Range<Int>]
    private let shared: Shared

    /// - Parameters:
    ///   - frontiers: the next record of each range.
    ///   - target: what the items are for.
    package init(_ table: DumpedTable, for target: TableDescription, transform: ItemTransform, frontiers: [RecordLocator]) {
        self.table = table
        self.transform = transform
        indexCount = target.globalIndexes.count
        ranges = Self.ranges(of: table)
        shared = Shared(
            State(
                encoder: DumpedItemEncoder(for: target), cursors: [PartCursor?](repeating: nil, count: frontiers.count),
                frontiers: frontiers))
    }

    /// How long an item's JSON may be, as far as that is known without reading.
    static func itemBytes(of table: DumpedTable) -> Int {
        guard let items = table.expected.count, items > 0 else { return 1024 }
        // Compressed JSON is some ten times smaller.
        return max(table.parts.reduce(0) { $0 + Int($1.bytes) } * 10 / items, 1)
    }

    /// The parts of each range: as many ranges as keep what is read ahead small.
    static func ranges(of table: DumpedTable) -> [Range<Int>] {
        let count = table.parts.count
        guard count > 0 else { return [] }
        let fitting = readAhead / (2 * chunkItems * itemBytes(of: table))
        let number = max(1, min(maximumRanges, fitting, count))
        return (0..<number).map { (count * $0 / number)..<(count * ($0 + 1) / number) }
    }

    /// Where the ranges of a table begin.
    package static func starts(of table: DumpedTable) -> [RecordLocator] {
        ranges(of: table).map { DumpLocator.make(part: $0.lowerBound, offset: 0, item: 1) }
    }

    package var rangeCount: Int { ranges.count }

    package func read(range: Int) throws -> LoadedChunk? {
        try shared.state.withLock { state in
            while true {
                let part = DumpLocator.part(of: state.frontiers[range])
                guard part < ranges[range].upperBound else { return nil }
                if let chunk = try read(part, of: range, &state) { return chunk }
            }
        }
    }

    /// The next items of a part, and the frontier moved behind them; nil where the part has no more.
    private func read(_ part: Int, of range: Int, _ state: inout State) throws -> LoadedChunk? {
        var filler = ChunkFiller(indexCount: indexCount)
        let cursor: PartCursor
        var isAtItem = true
        if let open = state.cursors[range] {
            cursor = open
            isAtItem = try cursor.advance()
        } else {
            cursor = try PartCursor(table, part: part)
            isAtItem = try cursor.advance(to: DumpLocator.offset(of: state.frontiers[range]))
            state.cursors[range] = cursor
        }
        while isAtItem {
            add(cursor, to: &filler, &state)
            guard filler.count < Self.chunkItems, filler.bytes < Self.chunkBytes else { break }
            isAtItem = try cursor.advance()
        }
        if isAtItem {
            state.frontiers[range] = DumpLocator.make(part: part, offset: cursor.next, item: cursor.count + 1)
            cursor.trim()
        } else {
            state.frontiers[range] = DumpLocator.make(part: part + 1, offset: 0, item: 1)
            state.cursors[range] = nil
        }
        return filler.count > 0 ? filler.chunk(end: state.frontiers[range]) : nil
    }

    package func reread(_ locators: [RecordLocator]) throws -> LoadedChunk {
        try shared.state.withLock { state in
            var filler = ChunkFiller(indexCount: indexCount)
            for locator in locators {
                let cursor = try revisit(locator, &state)
                add(cursor, to: &filler, &state)
                cursor.trim()
            }
            return filler.chunk(end: locators.last ?? RecordLocator(offset: 0, line: 0))
        }
    }

    package func rejectLine(for locator: RecordLocator, code: String, reason: String) throws -> [UInt8] {
        try shared.state.withLock { state in
            let cursor = try revisit(locator, &state)
            return rejectLine(cursor, RowFault(code, reason))
        }
    }

    /// The cursor of some part, at the item that stands there.
    private func revisit(_ locator: RecordLocator, _ state: inout State) throws -> PartCursor {
        let (part, offset) = (DumpLocator.part(of: locator), DumpLocator.offset(of: locator))
        // The one that has the shortest way to go on.
        let near = state.revisits.indices.filter { state.revisits[$0].part == part && state.revisits[$0].next <= offset }
            .max { state.revisits[$0].next < state.revisits[$1].next }
        let cursor = try near.map { state.revisits.remove(at: $0) } ?? PartCursor(table, part: part)
        guard try cursor.advance(to: offset), cursor.current?.offset == offset else {
            throw DumpError(table.parts[part].file, at: offset, "no item stands where the checkpoint knows one; the file has changed")
        }
        state.revisits.insert(cursor, at: 0)
        if state.revisits.count > Self.revisitCount { state.revisits.removeLast() }
        return cursor
    }

    /// Adds a cursor's item: what is sent, or the reason why not.
    private func add(_ cursor: PartCursor, to filler: inout ChunkFiller, _ state: inout State) {
        guard let item = cursor.current, item.kind == .put else { return }
        let locator = DumpLocator.make(part: cursor.part, offset: item.offset, item: cursor.count)
        do throws(RowFault) {
            if let fault = item.fault { throw RowFault(fault) }
            try filler.add(locator) { record, chunk throws(RowFault) in
                try transform.encode(cursor, &state.encoder, state.transformed, record: record, into: &chunk)
            }
        } catch {
            filler.reject(locator, line: rejectLine(cursor, error), code: error.code)
        }
    }

    private func rejectLine(_ cursor: PartCursor, _ fault: RowFault) -> [UInt8] {
        let locator = DumpLocator.make(part: cursor.part, offset: cursor.current?.offset ?? 0, item: cursor.count)
        let item = cursor.withItem { item, _ in item.withUnsafeBufferPointer { Array($0) } }
        return RestoreReject.line(file: table.parts[cursor.part].file, locator: locator, fault: fault, item: item)
    }
}
