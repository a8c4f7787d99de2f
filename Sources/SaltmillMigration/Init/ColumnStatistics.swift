import SaltmillSources

/// What a sample tells of a column.
struct ColumnStatistics: Sendable, Equatable {
    /// How many rows there were, and in how many of them the column was null.
    var rows = 0
    var nulls = 0
    /// How many different values there were.
    var distinct = 0
    /// The most frequent value and how often it came.
    var top: (value: String, count: Int)?

    /// Part of the rows that have the most frequent value.
    var topShare: Double { rows > 0 ? Double(top?.count ?? 0) / Double(rows) : 0 }

    /// The statistics of every column of a batch, in the order of its columns.
    static func all(_ batch: RowBatch) -> [ColumnStatistics] {
        (0..<batch.columnCount).map { column in
            var statistics = ColumnStatistics(rows: batch.records.count)
            var counts: [String: Int] = [:]
            for record in batch.records.indices {
                let cell = batch.cells[record * batch.columnCount + column]
                if cell.flags.contains(.null) {
                    statistics.nulls += 1
                } else {
                    counts[text(cell, batch), default: 0] += 1
                }
            }
            statistics.distinct = counts.count
            // Of values that come equally often the first in order, so that a draft is the same every time.
            statistics.top = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }.map { ($0.key, $0.value) }
            return statistics
        }
    }

    static func text(_ cell: Cell, _ batch: RowBatch) -> String {
        String(decoding: batch.bytes[Int(cell.offset)..<Int(cell.offset + cell.length)], as: UTF8.self)
    }

    static func == (a: Self, b: Self) -> Bool {
        (a.rows, a.nulls, a.distinct) == (b.rows, b.nulls, b.distinct) && a.top?.value == b.top?.value && a.top?.count == b.top?.count
    }
}
