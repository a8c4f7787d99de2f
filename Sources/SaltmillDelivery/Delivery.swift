package import SaltmillDispatching
import SaltmillDynamoDB
import SaltmillPacing
import SaltmillSources

/// Moves everything a reader brings to a store, at a limited rate, with a checkpoint that survives any kill.
package struct Delivery<Reader: ChunkReader & Sendable, Sender: BatchSending>: Sendable {
    package struct Options: Sendable {
        package var dispatcher = Dispatcher.Configuration()
        /// How often a checkpoint is written: what has been acknowledged since the last one is written again after a kill.
        package var checkpointInterval: Duration = .milliseconds(500)
        /// How long requests under way may take to come back when delivery is stopped.
        package var drainDeadline: Duration = .seconds(5)
        /// Delivery stops, resumable, after this time.
        package var runTime: Duration?
        /// The clock and the schedule.
        package var guidance = DeliveryEngine<Sender>.Guidance()
        /// Asks what the table, and then each global index, is provisioned with, in write units a second, nil where it does not say; nil when
        /// there was no answer. It is asked every minute, and soon after something was refused.
        package var capacity: (@Sendable () async -> [Double?]?)?
        /// Rows of the source, for whoever shows progress; nil while not known.
        package var totalRows: Int?
        /// Delivery stops when more rows than this are rejected; given the account so far.
        package var mayGoOn: @Sendable (Account) -> Bool = { _ in true }

        /// Key attributes whose values are not told.
        package var personal: PersonalKeys?

        package init() {}
    }

    package struct Result: Sendable {
        package var ending: Ending
        package var checkpoint: Checkpoint
        package var hotKeys: [HotKeyEntry]
    }

    let engine: DeliveryEngine<Sender>
    let reader: Reader
    let unsettled: [RecordLocator]
    let journal: CheckpointWriter
    let deferrals: DeferralFiles
    let deferred: [Checkpoint.Deferral]
    let options: Options
    let started: MonotonicTime

    /// - Parameters:
    ///   - head: what request bodies begin with.
    ///   - checkpoint: where to go on; it has been begun in the store already.
    ///   - indexes: the table's global indexes, in the order of the items' index bits.
    package init(
        reader: Reader, sender: Sender, head: WriteHead, checkpoint: Checkpoint, store: any StateStore, rejects: sending RejectFile,
        deferrals: DeferralFiles, indexes: [IndexKey], limits: [RateLimit], options: Options = Options()
    ) {
        let state = DeliveryState(
            head: head, checkpoint: checkpoint, indexes: indexes, limits: limits, configuration: options.dispatcher,
            personal: options.personal)
        engine = DeliveryEngine(state, sender: sender, guidance: options.guidance)
        started = options.guidance.clock.now()
        self.reader = reader
        unsettled = checkpoint.unsettled.sorted()
        journal = CheckpointWriter(store: store, rejects: rejects, deferrals: deferrals, reader: reader)
        self.deferrals = deferrals
        deferred = checkpoint.deferred
        self.options = options
    }

    /// A look at the running delivery.
    package func progress() -> DeliveryProgress {
        let (elapsed, saved, total) = (elapsed, journal.lastSaved, options.totalRows)
        let now = options.guidance.clock.now()
        return engine.read { DeliveryProgress($0, totalRows: total, elapsed: elapsed, lastCheckpoint: saved, now: now) }
    }

    /// How far each range of the source has been taken up.
    package func frontiers() -> [Checkpoint.Range] { engine.read { $0.frontiers } }

    private var elapsed: Double { (options.guidance.clock.now() - started).inSeconds }

    /// Has the pace looked at again, since it may have been changed.
    package func followPace() { engine.followPace() }

    /// Asks delivery to stop: requests under way may still come back, then a last checkpoint is written.
    package func end(_ ending: Ending) { engine.withState { $0.end(ending) } }

    /// Runs to the end.
    ///
    /// Cancelling the task interrupts delivery; the last checkpoint is written all the same.
    /// - Throws: when the last checkpoint cannot be written.
    package func run() async throws -> Result {
        engine.start()
        defer { engine.stop() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await read() }
            group.addTask { await keepCheckpoints() }
            group.addTask { await keepCapacity() }
            if let limit = options.runTime {
                group.addTask {
                    do { try await ContinuousClock().sleep(for: limit) } catch { return }
                    end(.runTime)
                }
            }
            await withTaskCancellationHandler {
                await waitForEnd()
            } onCancel: {
                end(.interrupted)
            }
            group.cancelAll()
        }
        let checkpoint = try await saveCheckpoint()
        let (ending, keys) = engine.read { ($0.ending ?? .interrupted, $0.hotKeys(20)) }
        return Result(ending: tooManyRejects(checkpoint.account) ?? ending, checkpoint: checkpoint, hotKeys: keys)
    }

    /// Returns when nothing is under way after an end, or when that takes too long.
    private func waitForEnd() async {
        while engine.read({ $0.ending == nil }) {
            await engine.ended.wait()
            if Task.isCancelled { break }
        }
        // Not a child of the cancelled task: an interrupted delivery still waits for its answers.
        let engine = engine
        let deadline = options.drainDeadline
        await Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    while engine.read({ $0.inFlight > 0 }), !Task.isCancelled { await engine.ended.wait() }
                }
                group.addTask { try? await ContinuousClock().sleep(for: deadline) }
                await group.next()
                group.cancelAll()
            }
        }.value
    }

    /// Reads for as long as there is anything to read.
    private func read() async {
        var reader = reader
        do {
            try recoverDeferred()
            var recovered = 0
            var recalled: [RecordLocator] = []
            while !Task.isCancelled {
                do {
                    if recovered < unsettled.count {
                        try recover(from: recovered, &reader)
                        recovered += Self.recoveredAtOnce
                    } else if recovered != .max {
                        // Nothing of an earlier run is missing any more; what is set aside from now on is counted by itself.
                        engine.withState { $0.exhausted(range: $0.recoveryRange) }
                        recovered = .max
                    } else if try !readNext(&reader, &recalled) {
                        await engine.demand.wait()
                    }
                    engine.read { $0.readingProblem = nil }
                } catch let error as DeferralError {
                    // A full disk is a pause: the rows are still in memory, and writing them again changes nothing else.
                    engine.read { $0.readingProblem = Wait(.disk, "waiting: \(error)") }
                    do { try await ContinuousClock().sleep(for: .seconds(2)) } catch { return }
                } catch let pause as SourcePause {
                    guard mayWait(pause) else { return }
                    engine.read { $0.readingProblem = Wait(.source, pause.description) }
                    do { try await ContinuousClock().sleep(for: .seconds(pause.retryAfter)) } catch { return }
                }
            }
        } catch {
            end(.failed("\(error)"))
        }
    }

    /// Whether a source that cannot be read now is waited for; before anything was written, delivery ends with the reason.
    private func mayWait(_ pause: SourcePause) -> Bool {
        guard pause.cause != .courtesy, pause.cause != .slow, !engine.read({ $0.hasAcknowledged }) else { return true }
        end(pause.cause == .refusal ? .failed(pause.description) : .temporary(pause.description))
        return false
    }

    /// Ends delivery when more rows are rejected than it may go on with.
    private func checkRejects() {
        let account = engine.read { $0.account }
        if let ending = tooManyRejects(account) { end(ending) }
    }

    private func tooManyRejects(_ account: Account) -> Ending? {
        options.mayGoOn(account)
            ? nil : .failed("\(account.rejected) rows were rejected, more than stop_after allows; see the reject file")
    }

    /// Takes up what an earlier run has set aside.
    private func recoverDeferred() throws {
        for segment in deferred {
            var counts: [UInt64: Int] = [:]
            for start in stride(from: segment.head, to: segment.tail, by: 4096) {
                let count = Int(min(segment.tail - start, 4096))
                for row in try deferrals.read(bucket: segment.bucket, at: start, count: count) { counts[row.lane, default: 0] += 1 }
            }
            let lanes = counts
            engine.withState { state in
                for (lane, count) in lanes { state.restoreDeferred(lane: lane, count: count) }
            }
        }
    }

    /// Records of an earlier run that are read again at once.
    private static var recoveredAtOnce: Int { 256 }

    /// Reads some of the records again that an earlier run left unsettled.
    private func recover(from start: Int, _ reader: inout Reader) throws {
        let chunk = try reader.reread(Array(unsettled[start..<min(start + Self.recoveredAtOnce, unsettled.count)]))
        engine.withState { $0.add(chunk, range: $0.recoveryRange) }
    }

    /// Does one thing that is to be done: writes rows set aside, reads some again, or reads on.
    /// - Parameter recalled: rows that were set aside and have been taken back, until they are read.
    /// - Returns: false when there was nothing to do.
    private func readNext(_ reader: inout Reader, _ recalled: inout [RecordLocator]) throws -> Bool {
        if let write = engine.read({ $0.deferralsToWrite }) {
            try deferrals.write(write.rows, bucket: write.bucket, at: write.at)
            engine.read { $0.wroteDeferrals(write.rows.count, bucket: write.bucket) }
            return true
        }
        if recalled.isEmpty, let recall = engine.read({ $0.recall() }) {
            let rows = recall.inFile > 0 ? try deferrals.read(bucket: recall.bucket, at: recall.head, count: recall.inFile) : []
            recalled = engine.read { $0.takeRecalled(rows, bucket: recall.bucket) }
        }
        if !recalled.isEmpty {
            let chunk = try reader.reread(recalled)
            recalled = []
            engine.withState { $0.add(chunk, range: $0.recoveryRange) }
            return true
        }
        guard let range = engine.read({ $0.demand() }) else { return false }
        if let chunk = try reader.read(range: range) {
            engine.withState { $0.add(chunk, range: range) }
        } else {
            engine.withState { $0.exhausted(range: range) }
        }
        checkRejects()
        return true
    }

    private func saveCheckpoint() async throws -> Checkpoint {
        try await journal.save {
            let status = (try? StateCoding.encode(progress())) ?? ""
            let (checkpoint, rejects) = engine.read { $0.checkpoint(elapsed: elapsed, takenAt: secondsSince1970()) }
            return (checkpoint, rejects, Array(status.utf8))
        }
    }

    private func keepCheckpoints() async {
        let clock = ContinuousClock()
        var next = clock.now
        while true {
            next = max(next + options.checkpointInterval, clock.now)
            do { try await clock.sleep(until: next) } catch { return }
            do {
                _ = try await saveCheckpoint()
                checkRejects()
                engine.withState { $0.hold(nil) }
            } catch {
                // A full disk is a pause, not an end: nothing is read or sent until a checkpoint can be written again.
                engine.withState { state in
                    state.hold(Wait(.disk, "waiting: \(error)"))
                    // Rows set aside, or keys noted, that may not be on the disk must not be counted by any checkpoint: the last one still has them.
                    if !state.hasAcknowledged || error is DeferralError || error is SourceError { state.end(.failed("\(error)")) }
                }
                next = clock.now + .seconds(2)
            }
        }
    }
}
