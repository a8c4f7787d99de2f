import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillSources

/// A chunk in the making.
struct ChunkFiller {
    private var items: ItemChunk
    private var locators: [RecordLocator] = []
    private var rejects: [LoadedChunk.Reject] = []

    init(indexCount: Int) { items = ItemChunk(indexCount: indexCount) }

    /// Records so far.
    var count: Int { locators.count }
    /// Bytes of items so far.
    var bytes: Int { items.bytes.count }

    /// Adds a record that `encode` appends as an item.
    /// - Throws: what `encode` throws; nothing is added then.
    mutating func add(_ locator: RecordLocator, _ encode: (Int, inout ItemChunk) throws(RowFault) -> Void) throws(RowFault) {
        try encode(locators.count, &items)
        locators.append(locator)
    }

    /// Adds a record that becomes no item.
    mutating func reject(_ locator: RecordLocator, line: [UInt8], code: String) {
        rejects.append(LoadedChunk.Reject(record: locators.count, line: line, code: code))
        locators.append(locator)
    }

    /// - Parameter end: where the record behind the last one begins.
    consuming func chunk(end: RecordLocator) -> LoadedChunk {
        LoadedChunk(items: items, locators: locators, end: end, rejects: rejects)
    }
}
