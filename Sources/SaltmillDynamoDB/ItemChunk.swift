/// One item, encoded and measured, inside an ``ItemChunk``.
package struct EncodedItem: Sendable {
    /// The item's DynamoDB JSON (`{"a":{"S":"x"},…}`) in ``ItemChunk/bytes``.
    package var offset: UInt32
    package var length: UInt32
    /// Size in bytes by the item-size rules (names and values, not JSON): what write units are counted from.
    package var size: UInt32
    /// Length of the leading part of the item's JSON that holds nothing but its primary key: the key attributes come first, and
    /// `bytes[offset ..< offset + keyLength]` is `{"pk":{…}` or `{"pk":{…},"sk":{…}` (no closing brace).
    package var keyLength: UInt32
    /// Hash of the primary key in canonical form (numbers normalised): equal keys have equal hashes.
    package var key: UInt64
    /// Hash of the physical partition key value in canonical form: what the item's lane is named by.
    package var lane: UInt64
    /// Bit *i* is set when the item has all key attributes of the table's *i*-th index, and so will be written to it.
    package var indexes: UInt32
    /// Position of the row's record in the batch that the chunk was made from.
    package var record: UInt32

    package init(
        offset: UInt32, length: UInt32, size: UInt32, keyLength: UInt32, key: UInt64, lane: UInt64, indexes: UInt32, record: UInt32
    ) {
        self.offset = offset
        self.length = length
        self.size = size
        self.keyLength = keyLength
        self.key = key
        self.lane = lane
        self.indexes = indexes
        self.record = record
    }
}

/// Items ready for the wire: their JSON in one buffer, written once, and the facts that sending them needs.
package struct ItemChunk: Sendable {
    package var bytes: [UInt8] = []
    package var items: [EncodedItem] = []
    /// For each item, `indexCount` lane hashes: the hash key value of each index, or 0 where the item is not in that index.
    package var indexLanes: [UInt64] = []
    package var indexCount: Int

    package init(indexCount: Int = 0) { self.indexCount = indexCount }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        items.removeAll(keepingCapacity: true)
        indexLanes.removeAll(keepingCapacity: true)
    }
}
