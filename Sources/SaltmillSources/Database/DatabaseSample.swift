/// Rows of a live database, taken at places spread over the range of its key, to tell what all of them are like.
///
/// It is no random sample: of keys that stand in clumps, sparse parts are over-represented.
package struct DatabaseSample: Sendable {
    /// The rows are those at places all over the key's range; otherwise they are the first ones by key.
    package let isSpread: Bool
    private let input: DatabaseInput
    private let places: [[UInt8]]
    private let limit: Int
    /// Keys of the rows that were read, by number.
    private var keys: [RowQuery.KeyValues] = []

    /// Rows that are asked for in one statement where they are read one after the other.
    private static let runLength = 250

    /// Looks for places.
    /// - Parameters:
    ///   - rows: how many to take at most.
    ///   - total: how many there are; where that is no more, all are taken.
    /// - Throws: ``SourceError``, ``SourcePause``.
    package init(_ input: DatabaseInput, rows: Int, of total: Int) throws {
        self.input = input
        limit = rows
        let found = try input.query.places(rows < total ? KeySpace.points(for: rows) : 1, in: input.database)
        isSpread = found.count > 1
        // One place is come back to, behind the last row each time.
        places = found.count == 1 ? Array(repeating: found[0], count: (rows + Self.runLength - 1) / Self.runLength) : found
    }

    /// How many rows were read.
    package var count: Int { keys.count }
    /// The most rows that were taken at one place: so many may be alike only because they are neighbours.
    package var mostNeighbours: Int { isSpread ? (limit + places.count - 1) / places.count : 0 }

    /// Reads the rows; each one's locator has its number for an offset.
    /// - Parameter body: is given some rows, and how far in their range they stand, from 0 to 1: a load reads all ranges at once.
    /// - Throws: ``SourceError``, ``SourcePause``, and what `body` throws.
    package mutating func read(_ body: (borrowing RowBatch, _ part: Double) throws -> Void) throws {
        let zone = Array(input.selection.zone.utf8)
        for (number, place) in places.enumerated() {
            let (rows, found) = try input.query.sample(
                at: place, behind: keys.last, limit: KeySpace.rows(at: number, of: places.count, in: limit), numbered: count, zone: zone,
                from: input.database)
            keys += found
            let turns = Double(number * input.selection.ranges) / Double(places.count)
            try body(rows, turns - turns.rounded(.down))
        }
    }

    /// Reads one of the rows again; the batch is empty when it is there no more.
    /// - Throws: ``SourceError``, ``SourcePause``.
    package func reread(_ locator: RecordLocator, into batch: inout RowBatch) throws {
        let key = keys[Int(locator.offset)]
        let zone = Array(input.selection.zone.utf8)
        batch = try input.database.ask { session in
            var found = RowBatch(columnCount: input.query.columns.count)
            _ = try session.read(input.query.rows(at: [key])) { input.query.append($0, at: locator, zone: zone, to: &found) }
            return found
        }
    }
}
