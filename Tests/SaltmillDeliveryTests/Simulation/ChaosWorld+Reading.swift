import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillSources

/// The reading thread, as ``Delivery`` has it.
extension ChaosWorld {
    /// Does the reading thread's next step and schedules the one after it.
    func read() throws {
        guard let run else { return }
        trace.note(now, 10, "reading: \(Self.name(run.reading))")
        try read(run)
        guard run === self.run else { return }
        switch run.reading {
        case .sleeping: break
        case .done: try finishIfQuiet()
        case .paused:
            run.reading = .looking
            schedule(.read(run: run.number), after: .seconds(2))
        default: schedule(.read(run: run.number), after: shortly())
        }
    }

    /// There may be something to read.
    func signalDemand() {
        guard let run else { return }
        if case .sleeping = run.reading {
            run.reading = .looking
            schedule(.read(run: run.number), after: shortly())
        } else {
            run.hasDemand = true
        }
    }

    private func read(_ run: Run) throws {
        switch run.reading {
        case .restoring(let part):
            guard part < run.start.deferred.count else {
                run.reading = .recovering(0)
                return
            }
            try restore(run.start.deferred[part], run)
            run.reading = .restoring(part + 1)
        case .recovering(let first):
            guard first < run.unsettled.count else {
                run.state.exhausted(range: run.state.recoveryRange)
                run.reading = .looking
                return try turn()
            }
            let next = min(first + 16, run.unsettled.count)
            run.reading = .recovered(learn(run.reader.reread(Array(run.unsettled[first..<next]))), next: next)
        case .recovered(let chunk, let next):
            run.reading = .recovering(next)
            try add(chunk, range: run.state.recoveryRange)
        case .looking: try look(run)
        case .wroteDeferred(let count, let bucket):
            run.state.wroteDeferrals(count, bucket: bucket)
            run.reading = .looking
        case .recalling(let rows, let bucket):
            let locators = run.state.takeRecalled(rows, bucket: bucket)
            run.reading = .recalled(learn(run.reader.reread(locators)))
        case .recalled(let chunk):
            run.reading = .looking
            try add(chunk, range: run.state.recoveryRange)
        case .handingOver(let chunk, let range):
            run.reading = .looking
            if let chunk { return try add(chunk, range: range) }
            run.state.exhausted(range: range)
            try turn()
        case .sleeping, .paused, .done: break
        }
    }

    private func restore(_ segment: Checkpoint.Deferral, _ run: Run) throws {
        let rows = try disk.read(bucket: segment.bucket, at: segment.head, count: Int(segment.tail - segment.head))
        for (lane, group) in Dictionary(grouping: rows, by: \.lane).sorted(by: { $0.key < $1.key }) {
            run.state.restoreDeferred(lane: lane, count: group.count)
        }
        try turn()
    }

    /// Looks for something to do.
    private func look(_ run: Run) throws {
        guard !run.isStopping else {
            run.reading = .done
            return
        }
        if let write = run.state.deferralsToWrite {
            do {
                try disk.write(write.rows, bucket: write.bucket, at: write.at)
                run.reading = .wroteDeferred(write.rows.count, bucket: write.bucket)
            } catch is ModelDisk.Full {
                run.reading = .paused
            }
        } else if let recall = run.state.recall() {
            let rows = recall.inFile > 0 ? try disk.read(bucket: recall.bucket, at: recall.head, count: recall.inFile) : []
            run.reading = .recalling(rows, bucket: recall.bucket)
        } else if let range = run.state.demand() {
            lastNews = now
            let chunk = run.reader.read(range: range)
            run.reading = .handingOver(chunk.map(learn), range: range)
        } else if run.hasDemand {
            run.hasDemand = false
        } else {
            run.reading = .sleeping
        }
    }

    private func add(_ chunk: LoadedChunk, range: Int) throws {
        run?.state.add(chunk, range: range)
        try turn()
    }

    /// The store charges what the items' sizes come to.
    private func learn(_ chunk: LoadedChunk) -> LoadedChunk {
        for item in chunk.items.items {
            let row = ModelSource.row(chunk.locators[Int(item.record)])
            store.units[row] = Double((item.size + 1023) / 1024)
            store.sizes[row] = Double(item.size)
        }
        return chunk
    }

    private static func name(_ step: Run.Reading) -> String {
        switch step {
        case .restoring(let part): "part \(part) of what was set aside"
        case .recovering(let first): "what was unsettled, from \(first) on"
        case .recovered(let chunk, _), .recalled(let chunk): "\(chunk.locators.count) records again"
        case .looking: "what now?"
        case .sleeping: "nothing"
        case .paused: "the disk is full"
        case .wroteDeferred(let count, let bucket): "wrote \(count) rows set aside, bucket \(bucket)"
        case .recalling(let rows, let bucket): "recalls \(rows.count) rows from the file of bucket \(bucket)"
        case .handingOver(let chunk, let range): "\(chunk?.locators.count ?? 0) records of range \(range)"
        case .done: "stops"
        }
    }
}
