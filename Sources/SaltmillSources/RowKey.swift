/// What the survey learns of one row's primary key: hashes of its canonical form, never the key itself.
package struct RowKey: Sendable, Hashable {
    /// The row has a usable primary key. Rows without one are rejected by the load, so they neither supersede others nor are superseded.
    package var isValid: Bool
    /// Upper half of a 128-bit hash of the primary key in canonical form (1000 equals 1e3): equal keys have equal hashes.
    package var high: UInt64
    /// Lower half of the same hash.
    package var low: UInt64
    /// Hash of the partition key's value in canonical form, before any salt: what heavy hitters are counted by.
    package var lane: UInt64

    package init(isValid: Bool, high: UInt64, low: UInt64, lane: UInt64) {
        self.isValid = isValid
        self.high = high
        self.low = low
        self.lane = lane
    }

    /// A row without a usable key.
    package static let invalid = RowKey(isValid: false, high: 0, low: 0, lane: 0)
}

/// Whoever knows how a row's target key is made from its cells.
package protocol RowKeyReading {
    /// Replaces the content of `keys` with one key for each record of `batch`, in order; ``RowKey/invalid`` for a record with a fault
    /// and for a row whose key cannot be made.
    mutating func readKeys(_ batch: borrowing RowBatch, into keys: inout [RowKey])
}
