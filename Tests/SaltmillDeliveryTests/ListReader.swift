import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillPacing
import SaltmillSources

/// A source in memory: record *n* begins at offset 10 × *n* on line *n* + 1 and becomes an item named after it.
struct ListReader: ChunkReader, Sendable {
    enum Kind: Sendable { case item, reject, superseded }

    var kinds: [Kind]
    var rangeCount: Int
    var chunkSize = 7
    /// Whether there is an index, in which every third record has the same value, `d`, of the hash key `day`; if so every record has a value of its own of
    /// the table's, otherwise every fifth has the same.
    var hasIndex = false
    private var positions: [Int]

    init(kinds: [Kind], ranges: Int, hasIndex: Bool = false, from checkpoint: Checkpoint? = nil) {
        self.kinds = kinds
        self.hasIndex = hasIndex
        rangeCount = ranges
        positions = (0..<ranges).map { $0 * kinds.count / ranges }
        if let checkpoint { positions = checkpoint.ranges.map { Int($0.frontier.offset) / 10 } }
    }

    /// The checkpoint of a job that has not begun.
    var start: Checkpoint { Checkpoint(ranges: positions.map { Checkpoint.Range(frontier: locator($0)) }, indexCount: hasIndex ? 1 : 0) }

    func locator(_ record: Int) -> RecordLocator { RecordLocator(offset: UInt64(record) * 10, line: UInt64(record) + 1) }

    mutating func read(range: Int) -> LoadedChunk? {
        let end = (range + 1) * kinds.count / rangeCount
        let first = positions[range]
        guard first < end else { return nil }
        let last = min(first + chunkSize, end)
        positions[range] = last
        return chunk(Array(first..<last))
    }

    func reread(_ locators: [RecordLocator]) -> LoadedChunk { chunk(locators.map { Int($0.offset) / 10 }) }

    func rejectLine(for locator: RecordLocator, code: String, reason: String) -> [UInt8] {
        Array("\(locator.offset / 10) \(code)\n".utf8)
    }

    private func chunk(_ records: [Int]) -> LoadedChunk {
        var items = ItemChunk(indexCount: hasIndex ? 1 : 0)
        var chunk = LoadedChunk(items: items, locators: records.map(locator), end: locator((records.last ?? 0) + 1))
        for (position, record) in records.enumerated() {
            switch kinds[record] {
            case .reject: chunk.rejects.append(.init(record: position, line: Array("\(record) bad\n".utf8), code: "bad"))
            case .superseded: chunk.superseded.append(position)
            case .item:
                let key = Array(#"{"id":{"N":"\#(record)"}"#.utf8)
                let rest = hasIndex ? #","day":{"S":"\#(Self.day(record))"}}"# : "}"
                let offset = items.bytes.count
                items.bytes += key + Array(rest.utf8)
                if hasIndex { items.indexLanes.append(Self.key(record.isMultiple(of: 3) ? 2_000_000 : 3_000_000 + record)) }
                items.items.append(
                    EncodedItem(
                        offset: UInt32(offset), length: UInt32(key.count + rest.utf8.count), size: 10, keyLength: UInt32(key.count),
                        key: Self.key(record),
                        lane: Self.key(hasIndex ? 4_000_000 + record : record % 5 + 1_000_000), indexes: hasIndex ? 1 : 0,
                        record: UInt32(position)))
            }
        }
        chunk.items = items
        return chunk
    }

    static func day(_ record: Int) -> String { record.isMultiple(of: 3) ? "d" : "d\(record)" }

    static func key(_ record: Int) -> UInt64 {
        var random = SplitMix64(seed: UInt64(record))
        return random.next()
    }
}

/// The numbers of the items in a request's body.
func records(in body: [UInt8]) -> [Int] {
    let text = String(decoding: body, as: UTF8.self)
    return text.split(separator: #"{"PutRequest":{"Item":{"id":{"N":""#).dropFirst().compactMap { part in Int(part.prefix { $0.isNumber }) }
}

let head = WriteHead.batch(BatchWriteHead(table: "t", capacity: .indexes))
