import SaltmillItems
import SaltmillSources

/// Tells the rows' keys as a database with a case-insensitive, space-padding collation compares them: ASCII letters without case, spaces at the
/// end of a cell left out (MySQL Reference Manual, "The CHAR and VARCHAR Types", "PAD SPACE").
struct FoldedKeys: RowKeyReading {
    private var encoder: ItemEncoder
    /// The columns that string attributes of the primary key are made of.
    private let columns: [Int]

    /// - Returns: nil when no string is part of the key, so that there is nothing to fold.
    init?(_ mapping: ItemMapping, columnCount: Int) {
        let keys = mapping.attributes.prefix(mapping.hasRange ? 2 : 1).filter { $0.type == .S }
        columns = keys.flatMap { attribute -> [Int] in
            switch attribute.source {
            case .column(let column): return [column]
            case .constant: return []
            case .template(let parts):
                return parts.compactMap { part in
                    if case .column(let column, _) = part { return column }
                    return nil
                }
            }
        }
        guard !columns.isEmpty else { return nil }
        encoder = ItemEncoder(mapping, columnCount: columnCount)
    }

    mutating func readKeys(_ batch: borrowing RowBatch, into keys: inout [RowKey]) {
        var folded = copy batch
        for record in folded.records.indices where folded.records[record].fault == nil {
            for column in columns {
                let position = record * folded.columnCount + column
                var cell = folded.cells[position]
                let start = Int(cell.offset)
                while cell.length > 0, folded.bytes[start + Int(cell.length) - 1] == 0x20 { cell.length -= 1 }
                for index in start..<start + Int(cell.length) where (0x41...0x5A).contains(folded.bytes[index]) {
                    folded.bytes[index] |= 0x20
                }
                folded.cells[position] = cell
            }
        }
        encoder.readKeys(folded, into: &keys)
    }
}
