package import SaltmillDynamoDB
package import SaltmillSources

/// Consecutive records of one range, encoded: what a reader hands to delivery.
package struct LoadedChunk: Sendable {
    /// A row that never becomes an item.
    package struct Reject: Sendable {
        /// Position of its record in the chunk.
        package var record: Int
        /// Its line for the reject file, line end included.
        package var line: [UInt8]
        /// Its reason's code.
        package var code: String

        package init(record: Int, line: [UInt8], code: String) {
            self.record = record
            self.line = line
            self.code = code
        }
    }

    package var items: ItemChunk
    /// Where each record begins.
    package var locators: [RecordLocator]
    /// Where the record behind the last one begins.
    package var end: RecordLocator
    /// Ascending by record.
    package var rejects: [Reject]
    /// Positions of superseded records, ascending.
    package var superseded: [Int]
    /// Positions of records that are not in the source any more, ascending.
    package var gone: [Int]

    package init(
        items: ItemChunk, locators: [RecordLocator], end: RecordLocator, rejects: [Reject] = [], superseded: [Int] = [], gone: [Int] = []
    ) {
        self.items = items
        self.locators = locators
        self.end = end
        self.rejects = rejects
        self.superseded = superseded
        self.gone = gone
    }
}

/// What reads and encodes records for delivery.
///
/// Used by one task at a time.
package protocol ChunkReader {
    /// How many ranges there are.
    var rangeCount: Int { get }
    /// The next records of a range; nil at its end.
    mutating func read(range: Int) throws -> LoadedChunk?
    /// Given records once more, at most some hundred at a time.
    mutating func reread(_ locators: [RecordLocator]) throws -> LoadedChunk
    /// The line for the reject file of a row that the store refused.
    func rejectLine(for locator: RecordLocator, code: String, reason: String) throws -> [UInt8]
    /// Returns when whatever is needed to read records again is on the disk: before a checkpoint that lists them.
    func sync() throws
    /// Told after a checkpoint: records that it does not list need not be read again.
    /// - Parameter deferred: reads the list of those that the checkpoint has in files.
    func forget(_ checkpoint: Checkpoint, deferred: () throws -> [RecordLocator]) throws
}

extension ChunkReader {
    package func sync() {}
    package func forget(_ checkpoint: Checkpoint, deferred: () throws -> [RecordLocator]) {}
}
