import SaltmillPacing
import Synchronization

/// Writes rejects and rows set aside, and then the checkpoint that counts them, in that order.
actor CheckpointWriter {
    private let store: any StateStore
    private let rejects: RejectFile
    private let deferrals: DeferralFiles
    private let reader: any ChunkReader & Sendable
    /// Rejects the state has handed over and that are not in the file yet.
    private var waiting = DeliveryState.Rejects()
    private let saved = Mutex<MonotonicTime?>(nil)

    /// - Parameter reader: makes the lines for the reject file of rows that the store refused.
    init(store: any StateStore, rejects: sending RejectFile, deferrals: DeferralFiles, reader: any ChunkReader & Sendable) {
        self.store = store
        self.rejects = rejects
        self.deferrals = deferrals
        self.reader = reader
    }

    /// When the last checkpoint was written.
    nonisolated var lastSaved: MonotonicTime? { saved.withLock { $0 } }

    /// Takes the state and writes it down.
    /// - Parameter take: takes the state's checkpoint, its unwritten rejects and its status as JSON.
    /// - Returns: the checkpoint as written.
    func save(_ take: @Sendable () -> (Checkpoint, DeliveryState.Rejects, [UInt8])) throws -> Checkpoint {
        var (checkpoint, new, status) = take()
        waiting.lines += new.lines
        waiting.storeRejects += new.storeRejects
        while let reject = waiting.storeRejects.first {
            waiting.lines += try reader.rejectLine(for: reject.locator, code: reject.code, reason: reject.reason)
            waiting.storeRejects.removeFirst()
        }
        try rejects.append(waiting.lines)
        waiting.lines = []
        checkpoint.rejectBytes = rejects.length
        try deferrals.sync()
        try reader.sync()
        try store.save(checkpoint, status: status)
        saved.withLock { $0 = .now }
        try reader.forget(checkpoint) { try deferrals.locators(checkpoint.deferred) }
        return checkpoint
    }
}
