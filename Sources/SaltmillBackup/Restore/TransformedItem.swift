import SaltmillDynamoDB
import SaltmillItems
import SaltmillSources

/// What reading over a changed item found; kept for the next one.
final class TransformedItem {
    private var scanner = ItemScanner()

    /// Reads over an item and encodes it.
    func encode(_ item: [UInt8], _ encoder: inout DumpedItemEncoder, record: Int, into chunk: inout ItemChunk) throws(RowFault) {
        do throws(ItemFault) { try scanner.scan(item.span) } catch { throw RowFault(error) }
        try encoder.append(item.span, scanner, record: record, to: &chunk)
    }
}

extension ItemTransform {
    /// Encodes a cursor's item: as it stands, or changed.
    func encode(
        _ cursor: PartCursor, _ encoder: inout DumpedItemEncoder, _ transformed: TransformedItem, record: Int, into chunk: inout ItemChunk
    ) throws(RowFault) {
        let result: Result<[UInt8]?, RowFault> = cursor.withItem { item, scanned in
            do throws(RowFault) {
                guard isEmpty else { return .success(try apply(to: item)) }
                try encoder.append(item, scanned, record: record, to: &chunk)
                return .success(nil)
            } catch {
                return .failure(error)
            }
        }
        guard let changed = try result.get() else { return }
        try transformed.encode(changed, &encoder, record: record, into: &chunk)
    }
}
