import SaltmillBytes

/// An item's entry in an index: its keys, the index's keys and what is projected.
struct IndexEntry {
    var key: RowKey
    /// Size by the item-size rules.
    var size: Int
    /// The entry as an item's JSON.
    var json: [UInt8]

    /// - Returns: nil where the item is not in the index.
    /// - Throws: a ValidationException where an index key has a wrong type or no value.
    init?(
        of item: ItemBuffer.Item, in buffer: ItemBuffer, _ index: IndexDefinition, _ tableKeys: KeySchema, place: RowKey
    ) throws {
        guard let key = try KeyReader.entryKey(of: item, in: buffer, index, place: place) else { return nil }
        self.key = key
        guard index.projection != .all else {
            size = item.size
            json = buffer.bytes.span.extracting(item.json).array
            return
        }
        var names = (tableKeys.attributes + index.keys.attributes).map(\.nameInJSON)
        if case .include(let attributes) = index.projection { names += attributes.map(\.nameInJSON) }
        size = 0
        json = [UInt8(ascii: "{")]
        for position in item.attributes {
            let attribute = buffer.attributes[position]
            guard names.contains(where: { buffer.span(attribute.name, equals: $0) }) else { continue }
            if json.count > 1 { json.append(UInt8(ascii: ",")) }
            json.append(buffer.bytes.span.extracting(attribute.json))
            size += attribute.size
        }
        json.append(UInt8(ascii: "}"))
    }
}

/// What a write does to one index (Developer Guide, "Write considerations for Global Secondary Indexes").
struct EntryChange {
    /// Position among the table's indexes.
    var index: Int
    var old: IndexEntry?
    var new: IndexEntry?

    /// The entry stays as it is, and costs nothing.
    var isIdle: Bool { old?.key == new?.key && old?.json == new?.json }

    /// The units that the change draws, and where.
    var draws: [(position: UInt64, units: Double)] {
        if isIdle { return [] }
        if let old, let new, old.key == new.key {
            return [(new.key.position, ConsumedCapacity.writeUnits(max(old.size, new.size)))]
        }
        return [old, new].compactMap { entry in entry.map { ($0.key.position, ConsumedCapacity.writeUnits($0.size)) } }
    }
}
