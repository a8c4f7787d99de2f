import DequeModule
package import SaltmillSources

/// A row that was set aside because too many of its lane wait already.
package struct DeferredRow: Sendable, Equatable {
    package var locator: RecordLocator
    /// The lane in which it would have waited.
    package var lane: UInt64

    package init(locator: RecordLocator, lane: UInt64) {
        self.locator = locator
        self.lane = lane
    }
}

/// Queues of rows set aside: where they begin and end in their files, and what has not been written yet.
///
/// A lane's rows are in the queue of its number, so lanes that drain at different speeds rarely wait for each other. A file only grows during
/// a run: what an earlier checkpoint speaks of is never written over.
struct DeferralQueues: Sendable {
    static let bucketCount = 64
    /// Rows kept in memory before they are written, at most.
    private static let mostBuffered = 512

    private struct Bucket: Sendable {
        var head: UInt64 = 0
        var tail: UInt64 = 0
        var buffer: Deque<DeferredRow> = []
    }
    private var buckets = [Bucket](repeating: Bucket(), count: bucketCount)
    /// Rows in memory.
    private(set) var buffered = 0
    /// All rows set aside.
    private(set) var count = 0
    private let flushCount: Int

    /// - Parameters:
    ///   - segments: the parts of the files in use.
    ///   - window: of how many rows those in memory are to be a small part.
    init(_ segments: [Checkpoint.Deferral], window: Int) {
        flushCount = min(max(window / 8, 1), Self.mostBuffered)
        for segment in segments {
            buckets[segment.bucket].head = segment.head
            buckets[segment.bucket].tail = segment.tail
            count += Int(segment.tail - segment.head)
        }
    }

    static func bucket(of lane: UInt64) -> Int { Int(lane % UInt64(bucketCount)) }

    mutating func append(_ row: DeferredRow) {
        buckets[Self.bucket(of: row.lane)].buffer.append(row)
        buffered += 1
        count += 1
    }

    /// What is due to be written: a bucket's rows in memory, and where in its file they go.
    var toWrite: (bucket: Int, at: UInt64, rows: [DeferredRow])? {
        guard buffered >= flushCount else { return nil }
        guard let bucket = buckets.indices.max(by: { buckets[$0].buffer.count < buckets[$1].buffer.count }) else { return nil }
        return (bucket, buckets[bucket].tail, Array(buckets[bucket].buffer))
    }

    mutating func wrote(_ count: Int, bucket: Int) {
        buckets[bucket].buffer.removeFirst(count)
        buckets[bucket].tail += UInt64(count)
        buffered -= count
    }

    /// Where the next rows of a bucket are: in its file, or else in memory.
    func next(of bucket: Int, atMost limit: Int) -> (head: UInt64, inFile: Int, inMemory: Int) {
        let inFile = min(Int(buckets[bucket].tail - buckets[bucket].head), limit)
        return (buckets[bucket].head, inFile, inFile > 0 ? 0 : min(buckets[bucket].buffer.count, limit))
    }

    mutating func takeFromFile(_ count: Int, bucket: Int) {
        buckets[bucket].head += UInt64(count)
        self.count -= count
    }

    mutating func takeFromMemory(_ count: Int, bucket: Int) -> [DeferredRow] {
        let rows = Array(buckets[bucket].buffer.prefix(count))
        buckets[bucket].buffer.removeFirst(rows.count)
        buffered -= rows.count
        self.count -= rows.count
        return rows
    }

    /// What a checkpoint keeps: the parts of the files in use, and the rows in memory.
    var segments: [Checkpoint.Deferral] {
        buckets.enumerated().filter { $1.tail > $1.head }.map { Checkpoint.Deferral(bucket: $0, head: $1.head, tail: $1.tail) }
    }
    var rowsInMemory: [DeferredRow] { buckets.flatMap(\.buffer) }
}
