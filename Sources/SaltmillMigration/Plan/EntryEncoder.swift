import SaltmillDynamoDB
import SaltmillItems
import SaltmillSources

/// Measures the entries that rows have in an index which does not carry whole items: the same encoding, of the projected attributes only.
struct EntryEncoder {
    private var encoder: ItemEncoder
    private var chunk: ItemChunk
    private var faults: [RejectedRow] = []
    /// Sizes by record of the batch; 0 for a row that is none.
    private(set) var sizes: [Int] = []

    /// - Parameters:
    ///   - index: position of the index in the mapping.
    /// - Returns: nil for an index that carries whole items.
    init?(_ mapping: ItemMapping, index: Int, projection: Projection, columnCount: Int) {
        let definition = mapping.indexes[index]
        var names: Set<String> = [definition.hashAttribute]
        if let range = definition.rangeAttribute { names.insert(range) }
        switch projection {
        case .all: return nil
        case .keysOnly: break
        case .include(let included): names.formUnion(included)
        }
        let keyCount = mapping.hasRange ? 2 : 1
        // A salted hash key is made from an attribute that may not be carried: the size is then too large by that attribute.
        let kept = mapping.attributes.indices.filter {
            $0 < keyCount || names.contains(mapping.attributes[$0].name) || (definition.salt != nil && $0 == definition.hashSource)
        }
        guard let source = kept.firstIndex(of: definition.hashSource) else { return nil }
        var restricted = mapping
        restricted.attributes = kept.map { mapping.attributes[$0] }
        var own = definition
        own.hashSource = source
        own.salt?.by = definition.salt?.by.compactMap { kept.firstIndex(of: $0) } ?? []
        restricted.salt?.by = mapping.salt?.by.compactMap { kept.firstIndex(of: $0) } ?? []
        restricted.indexes = [own]
        encoder = ItemEncoder(restricted, columnCount: columnCount)
        chunk = ItemChunk(indexCount: 1)
    }

    mutating func measure(_ batch: borrowing RowBatch) {
        chunk.removeAll()
        faults.removeAll(keepingCapacity: true)
        sizes = [Int](repeating: 0, count: batch.records.count)
        encoder.encode(batch, into: &chunk, rejects: &faults)
        for item in chunk.items { sizes[Int(item.record)] = Int(item.size) }
    }
}
