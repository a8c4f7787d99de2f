import DequeModule
import SaltmillDynamoDB
import SaltmillSources

/// An encoded chunk that slots share.
final class SharedChunk: Sendable {
    let items: ItemChunk
    init(_ items: ItemChunk) { self.items = items }
}

/// What a range has read ahead, and how far it has been taken up.
struct RangeQueue: Sendable {
    /// What was passed while taking up records.
    struct Passed: Sendable {
        var records = 0
        var superseded = 0
        var gone = 0
        var rejects: [LoadedChunk.Reject] = []
    }

    private struct Open: Sendable {
        var chunk: LoadedChunk
        var shared: SharedChunk
        var nextItem = 0
        var nextRecord = 0
        var nextReject = 0
        var nextSuperseded = 0
        var nextGone = 0

        var isUsedUp: Bool { nextItem == shared.items.items.count }

        /// Counts the records before `record` as passed.
        mutating func pass(before record: Int, _ passed: inout Passed) {
            passed.records += record - nextRecord
            nextRecord = record
            while nextReject < chunk.rejects.count, chunk.rejects[nextReject].record < record {
                passed.rejects.append(chunk.rejects[nextReject])
                nextReject += 1
            }
            while nextSuperseded < chunk.superseded.count, chunk.superseded[nextSuperseded] < record {
                passed.superseded += 1
                nextSuperseded += 1
            }
            while nextGone < chunk.gone.count, chunk.gone[nextGone] < record {
                passed.gone += 1
                nextGone += 1
            }
        }
    }

    private var chunks: Deque<Open> = []
    /// The next record that has not been taken up.
    private(set) var frontier: RecordLocator
    /// No more chunks come.
    var isExhausted = false

    init(frontier: RecordLocator) { self.frontier = frontier }

    var isEmpty: Bool { chunks.isEmpty }
    /// Of the chunks' items, those that were taken up included.
    private(set) var bytes = 0

    mutating func append(_ chunk: LoadedChunk) -> Passed {
        bytes += chunk.items.bytes.count
        chunks.append(Open(chunk: chunk, shared: SharedChunk(chunk.items)))
        var passed = Passed()
        dropUsedUp(&passed)
        return passed
    }

    /// Takes up the next item, and with it the records before it that are none.
    mutating func takeNext() -> (chunk: SharedChunk, index: Int, locator: RecordLocator, passed: Passed)? {
        guard !chunks.isEmpty else { return nil }
        var passed = Passed()
        let index = chunks[0].nextItem
        let shared = chunks[0].shared
        let record = Int(shared.items.items[index].record)
        let locator = chunks[0].chunk.locators[record]
        chunks[0].pass(before: record + 1, &passed)
        chunks[0].nextItem += 1
        frontier = record + 1 < chunks[0].chunk.locators.count ? chunks[0].chunk.locators[record + 1] : chunks[0].chunk.end
        dropUsedUp(&passed)
        return (shared, index, locator, passed)
    }

    private mutating func dropUsedUp(_ passed: inout Passed) {
        while let first = chunks.first, first.isUsedUp {
            chunks[0].pass(before: first.chunk.locators.count, &passed)
            frontier = first.chunk.end
            bytes -= first.shared.items.bytes.count
            chunks.removeFirst()
        }
    }
}
