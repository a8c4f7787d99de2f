import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillSources

/// Deliveries that are wrong on purpose: if the simulation does not catch them, it checks nothing.
enum WrongVariant: String, CaseIterable, Sendable {
    /// A row that is read again gets another shard.
    case randomSalts
    /// A checkpoint keeps how far was read, not what is still to be settled.
    case watermarkOnly
    /// The items that came back are taken to be the last of the request.
    case refusalsByPosition
    /// What is refused is tried again in one queue with everything else.
    case noLanes
    /// The reject file is not cut to what the checkpoint counts.
    case rejectsNotCut
    /// Rows of one key are taken for rows of different keys.
    case sharedKeys
    /// A request without an answer is taken for done.
    case lostIsDone
    /// What a write has cost is given back once it is done.
    case chargesReturned

    /// The attributes that shards are made from, one list chosen for each reading; nil where it is always the same.
    var saltIdentities: [[Int]]? { self == .randomSalts ? [[1], [0, 1], [1, 0], [1, 1]] : nil }

    func alter(_ chunk: LoadedChunk) -> LoadedChunk? {
        var chunk = chunk
        switch self {
        case .noLanes:
            for index in chunk.items.items.indices { chunk.items.items[index].lane = chunk.items.items[index].key }
            for index in chunk.items.indexLanes.indices { chunk.items.indexLanes[index] = UInt64(index) &+ chunk.locators[0].offset }
        case .sharedKeys:
            for index in chunk.items.items.indices {
                let row = ModelSource.row(chunk.locators[Int(chunk.items.items[index].record)])
                chunk.items.items[index].key = Self.unshared(chunk.items.items[index].key, row: row)
            }
        default: return nil
        }
        return chunk
    }

    func alter(_ checkpoint: inout Checkpoint) {
        guard self == .watermarkOnly else { return }
        checkpoint.account.written += checkpoint.unsettled.count
        checkpoint.unsettled = []
    }

    func alter(_ reply: Reply, to sent: [SentItem]) -> Reply {
        switch (self, reply) {
        case (.refusalsByPosition, .answered(let refused, let consumed)):
            return .answered(refused: sent.suffix(refused.count).map(\.key), consumed: consumed)
        case (.sharedKeys, .answered(let refused, let consumed)):
            let back = sent.filter { refused.contains($0.key) }.map { Self.unshared($0.key, row: $0.row) }
            return .answered(refused: back, consumed: consumed)
        case (.lostIsDone, .failed): return .answered(refused: [], consumed: nil)
        case (.chargesReturned, .answered(let refused, let consumed)):
            return .answered(refused: refused, consumed: consumed?.map { _ in 0 })
        default: return reply
        }
    }

    private static func unshared(_ key: UInt64, row: Int) -> UInt64 { key ^ UInt64(row + 1) &* 0x9E37_79B9_7F4A_7C15 }
}
