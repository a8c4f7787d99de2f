import SaltmillDelivery
import SaltmillSources

/// What was read of one side, one record for each row: the hashes of key and content, and what the row is found by again.
///
/// A record is the key's hash (16 bytes), the content's (8), the length of the rest (2), and the rest: of a source's row where it stands, of an
/// item its key's JSON.
struct SideLog: Sendable {
    private static let headerSize = 26
    let file: SpillFile

    static func append(_ hashes: ItemHasher.Hashes, _ rest: some Collection<UInt8>, to output: inout [UInt8]) {
        output.append(word: hashes.high)
        output.append(word: hashes.low)
        output.append(word: hashes.content)
        output.append(UInt8(truncatingIfNeeded: rest.count))
        output.append(UInt8(truncatingIfNeeded: rest.count >> 8))
        output.append(contentsOf: rest)
    }

    static func append(_ hashes: ItemHasher.Hashes, _ locator: RecordLocator, to output: inout [UInt8]) {
        var rest: [UInt8] = []
        rest.append(word: locator.offset)
        rest.append(word: locator.line)
        append(hashes, rest, to: &output)
    }

    /// Shows every record: its hashes, and where it begins.
    func forEach(_ body: (_ high: UInt64, _ low: UInt64, _ content: UInt64, _ place: UInt64) throws -> Void) throws {
        var place: UInt64 = 0
        var block: [UInt8] = []
        var next = 0
        let end = file.length
        while place < end {
            let isWhole = block.count - next >= Self.headerSize && block.count - next >= Self.size(block, next)
            if !isWhole {
                block = try file.read(at: place, count: 1 << 18)
                next = 0
                guard block.count >= Self.headerSize, block.count >= Self.size(block, 0) else {
                    throw JobFailure(.failed, "\(file.path) is damaged; give --restart to begin anew")
                }
            }
            try body(block.word(at: next), block.word(at: next + 8), block.word(at: next + 16), place)
            let size = Self.size(block, next)
            next += size
            place += UInt64(size)
        }
    }

    private static func size(_ block: [UInt8], _ start: Int) -> Int { headerSize + Int(block[start + 24]) + Int(block[start + 25]) << 8 }

    /// What a row is found by again.
    func rest(at place: UInt64) throws(JobFailure) -> [UInt8] {
        // A key in JSON is rarely longer; what is missing is read once more.
        var record = try file.read(at: place, count: 512)
        guard record.count >= Self.headerSize else { throw JobFailure(.failed, "\(file.path) is damaged; give --restart to begin anew") }
        let size = Self.size(record, 0)
        if record.count < size { record = try file.read(at: place, count: size) }
        return Array(record[Self.headerSize..<min(size, record.count)])
    }

    /// Where a source's row stands.
    func locator(at place: UInt64) throws(JobFailure) -> RecordLocator {
        let rest = try rest(at: place)
        guard rest.count == 16 else { throw JobFailure(.failed, "\(file.path) is damaged; give --restart to begin anew") }
        return RecordLocator(offset: rest.word(at: 0), line: rest.word(at: 8))
    }
}
