import SaltmillDelivery
import SaltmillPacing

/// Checkpoints and the end of a run, as ``Delivery`` and its checkpoint writer have them: rejects and rows set aside first, then the
/// checkpoint that counts them.
extension ChaosWorld {
    /// Does the next step of writing a checkpoint and schedules the one after it.
    func keepCheckpoint() throws {
        guard let run else { return }
        do {
            switch run.keeping {
            case .taking:
                guard !run.isStopping || run.isLast else {
                    run.keeping = .done
                    return try finishIfQuiet()
                }
                let (checkpoint, rejects) = run.state.checkpoint(elapsed: 1, takenAt: 0)
                run.checkpoint = checkpoint
                run.waitingLines += rejects.lines
                for reject in rejects.storeRejects {
                    run.waitingLines += run.reader.rejectLine(for: reject.locator, code: reject.code, reason: reject.reason)
                }
                run.keeping = .appending
            case .appending:
                try disk.append(rejects: run.waitingLines, &random)
                run.waitingLines = []
                run.checkpoint.rejectBytes = UInt64(disk.rejectLength)
                run.keeping = .syncing
            case .syncing:
                disk.sync()
                run.keeping = .saving
            case .saving:
                variant?.alter(&run.checkpoint)
                try disk.save(run.checkpoint)
                trace.note(now, 20, "checkpoint: \(run.checkpoint.account), \(run.checkpoint.unsettled.count) unsettled")
                try source.check(disk.checkpoint, disk: disk, rejected: disk.rejectedRows, store: store)
                return try saved(run)
            case .done: return
            }
            schedule(.checkpoint(run: run.number), after: shortly())
        } catch is ModelDisk.Full {
            trace.note(now, 21, "the disk is full")
            try failed(run)
        }
    }

    private func saved(_ run: Run) throws {
        if run.isLast { return over(run) }
        run.keeping = .taking
        schedule(.checkpoint(run: run.number), after: scenario.checkpointInterval)
        run.state.hold(nil)
        try turn()
    }

    private func failed(_ run: Run) throws {
        // Without its last checkpoint a process goes away with an error; the next one has the one before.
        if run.isLast { return restart() }
        run.keeping = .taking
        schedule(.checkpoint(run: run.number), after: .seconds(2))
        run.state.hold(Wait(.disk, "the disk is full"))
        if !run.state.hasAcknowledged { run.state.end(.failed("the disk is full")) }
        try turn()
    }

    /// Looks at what a checkpoint would be now, without taking it.
    func checkCheckpoint() throws {
        guard let run else { return }
        var copy = run.state
        let (checkpoint, rejects) = copy.checkpoint(elapsed: 1, takenAt: 0)
        let rejected =
            disk.rejectedRows + ModelDisk.rows(in: run.waitingLines + rejects.lines)
            + rejects.storeRejects.map { ModelSource.row($0.locator) }
        try source.check(checkpoint, disk: disk, rejected: rejected, store: store)
        try source.checkMemory(of: checkpoint)
    }

    // MARK: The end of a run

    /// The delivery has ended: what is under way is waited for, but not for long.
    func drain() throws {
        guard let run else { return }
        if !run.isDraining {
            trace.note(now, 22, "ends: \(String(describing: run.state.ending))")
            run.isDraining = true
            schedule(.drained(run: run.number), after: .seconds(5))
        }
        if run.state.inFlight == 0 { try finish() }
    }

    /// Nothing is waited for any more: the threads come to their ends.
    func finish() throws {
        guard let run, !run.isStopping else { return }
        run.isStopping = true
        signalDemand()
        if run.keeping == .taking { run.keeping = .done }
        try finishIfQuiet()
    }

    /// When the threads have come to their ends, the last checkpoint is written.
    func finishIfQuiet() throws {
        guard let run, run.isStopping, !run.isLast, run.keeping == .done, case .done = run.reading else { return }
        run.isLast = true
        run.keeping = .taking
        schedule(.checkpoint(run: run.number))
    }

    private func over(_ run: Run) {
        trace.note(now, 23, "run \(run.number) is over")
        guard run.state.ending == .finished else { return restart() }
        isComplete = true
        self.run = nil
    }
}
