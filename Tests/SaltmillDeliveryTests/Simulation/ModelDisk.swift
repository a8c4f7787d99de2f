import SaltmillDelivery
import SaltmillPacing

/// What survives a kill: the last checkpoint, the reject file and the files of rows set aside, as they are on the disk.
struct ModelDisk {
    /// Writing failed.
    struct Full: Error {}

    var checkpoint: Checkpoint
    var isFull = false
    private(set) var rejects: [UInt8] = []
    /// Up to where the reject file is written and on the disk.
    private(set) var rejectLength = 0
    private var deferred: [Int: [DeferredRow]] = [:]
    private var synced: [Int: Int] = [:]

    init(_ checkpoint: Checkpoint) { self.checkpoint = checkpoint }

    /// Takes the files up as the checkpoint knows them.
    mutating func open(cutsRejects: Bool) throws(BrokenPromise) {
        let counted = Int(checkpoint.rejectBytes)
        guard counted <= rejects.count else { throw BrokenPromise("the reject file is shorter than the checkpoint counts") }
        if cutsRejects { rejects.removeLast(rejects.count - counted) }
        rejectLength = rejects.count
        var kept: [Int: [DeferredRow]] = [:]
        for segment in checkpoint.deferred {
            let rows = deferred[segment.bucket] ?? []
            guard rows.count >= Int(segment.tail) else { throw BrokenPromise("rows set aside that the checkpoint counts are gone") }
            kept[segment.bucket] = Array(rows[..<Int(segment.tail)])
        }
        deferred = kept
        synced = kept.mapValues(\.count)
    }

    /// The process died while it was writing these rejects.
    mutating func tear(_ lines: [UInt8], _ random: inout SplitMix64) { put(lines.prefix(random.int(0...lines.count))) }

    /// The power failed: what was not synced is gone, all or in part.
    mutating func lose(_ random: inout SplitMix64) {
        rejects.removeLast(random.int(0...rejects.count - rejectLength))
        for bucket in deferred.keys.sorted() {
            let count = deferred[bucket]?.count ?? 0
            deferred[bucket]?.removeLast(random.int(0...count - (synced[bucket] ?? 0)))
        }
    }

    private mutating func put(_ lines: some Collection<UInt8>) {
        rejects.replaceSubrange(rejectLength..<min(rejectLength + lines.count, rejects.count), with: lines)
    }

    mutating func append(rejects lines: [UInt8], _ random: inout SplitMix64) throws(Full) {
        guard !lines.isEmpty else { return }
        guard !isFull else {
            put(lines.prefix(random.int(0...lines.count)))
            throw Full()
        }
        put(lines)
        rejectLength += lines.count
    }

    mutating func write(_ rows: [DeferredRow], bucket: Int, at position: UInt64) throws {
        guard !isFull else { throw Full() }
        let count = deferred[bucket]?.count ?? 0
        guard Int(position) <= count else { throw BrokenPromise("a file of rows set aside has a gap") }
        guard Int(position) >= synced[bucket] ?? 0 else { throw BrokenPromise("rows set aside are written over") }
        deferred[bucket, default: []].removeLast(count - Int(position))
        deferred[bucket, default: []] += rows
    }

    func read(bucket: Int, at position: UInt64, count: Int) throws(BrokenPromise) -> [DeferredRow] {
        let rows = deferred[bucket] ?? []
        guard Int(position) + count <= rows.count else { throw BrokenPromise("rows set aside are read that were never written") }
        return Array(rows[Int(position)..<Int(position) + count])
    }

    /// Returns when all rows set aside are on the disk.
    mutating func sync() { synced = deferred.mapValues(\.count) }

    mutating func save(_ checkpoint: Checkpoint) throws(Full) {
        guard !isFull else { throw Full() }
        self.checkpoint = checkpoint
    }

    /// The rows that the reject file names.
    var rejectedRows: [Int] { Self.rows(in: rejects[..<rejectLength]) }

    /// The rows that lines of the reject file name.
    static func rows(in lines: some Collection<UInt8>) -> [Int] {
        lines.split(separator: UInt8(ascii: "\n")).map { line in
            line.prefix { $0 != UInt8(ascii: " ") }.reduce(0) { $0 * 10 + Int($1) - 48 }
        }
    }
}
