import Glibc
import SaltmillBytes
import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillPacing
import SaltmillSources

/// One run of a verification, phase by phase, from wherever an earlier one was.
struct VerifyRun: Sendable {
    let client: DynamoDBClient
    let spec: ResolvedSpec
    /// Opens the source; it is asked for when the table has been read.
    let openRows: @Sendable () throws -> any RowSource
    let table: TableDescription
    let limits: VerifyLimits
    let store: VerifyStore
    let monitor: VerifyMonitor
    let options: VerifyJob.Options
    private let run: RunLimits
    private let began = MonotonicTime.now

    init(
        client: DynamoDBClient, spec: ResolvedSpec, openRows: @escaping @Sendable () throws -> any RowSource, table: TableDescription,
        limits: VerifyLimits, store: VerifyStore, monitor: VerifyMonitor, options: VerifyJob.Options
    ) {
        self.client = client
        self.spec = spec
        self.openRows = openRows
        self.table = table
        self.limits = limits
        self.store = store
        self.monitor = monitor
        self.options = options
        run = RunLimits(deadline: options.runTime.map { .now + $0 }, exitsAtWindow: options.exitsAtWindow)
    }

    private var folder: VerifyFolder { store.folder }

    /// - Throws: ``JobFailure``, `SourceError`.
    func run() async throws -> VerifyReport {
        var ending = Ending.finished
        do {
            ending = try await phases()
        } catch let stopped as Stopped {
            ending = stopped.ending
        } catch is CancellationError {
            ending = .interrupted
        }
        let seconds = (MonotonicTime.now - began).inSeconds
        store.change { $0.seconds += seconds }
        try store.save()
        return report(ending)
    }

    private func enter(_ phase: VerifyState.Phase) throws {
        store.change { $0.phase = phase }
        try store.save()
    }

    private func phases() async throws -> Ending {
        if store.now.phase == .target {
            let reading = TargetReading(
                client: client, table: table, limits: limits, run: run, isConsistent: options.isConsistent, store: store, monitor: monitor)
            let ending = try await reading.read()
            guard ending == .finished else { return ending }
            try enter(.source)
        }
        let source = try await patiently(run, waiting: { monitor.wait($0) }, openRows)
        if store.now.phase == .source {
            monitor.enter(.readingSource)
            let reading = SourceReading(
                source: source, resolved: spec, rate: options.sourceRate, run: run, store: store, monitor: monitor)
            if let sample = options.sample {
                try await reading.pick(sample)
                try enter(.confirming)
            } else {
                try await reading.read()
                try enter(.comparing)
            }
        }
        if store.now.phase == .comparing {
            monitor.enter(.comparing)
            let comparison = SideComparison()
            try comparison.run(source: store.source, target: store.target, into: store.suspects, scratch: folder.scratch)
            _ = try store.suspects.file.sync()
            store.change {
                $0.equal = comparison.equal
                $0.repeated = comparison.repeated
                $0.suspects = store.suspects.count
            }
            try enter(.confirming)
        }
        var reads = PointReads(client, table: table.name, limits, run, monitor)
        if store.now.phase == .confirming {
            try await confirm(store.suspects, source, \.found, output: folder.differences, confirmed: folder.confirmed, &reads)
            try await checkTable()
            let hasRepair = options.repairs || options.deletesExtra
            store.change { $0.hasRepair = hasRepair }
            try enter(hasRepair ? .repairing : .done)
        }
        if store.now.phase == .repairing {
            let ending = try await repair(source, &reads)
            guard ending == .finished else { return ending }
            try enter(.checkingAgain)
        }
        if store.now.phase == .checkingAgain {
            let confirmed = try confirmed()
            try await confirm(confirmed, source, \.left, output: folder.remaining, confirmed: folder.left, &reads)
            try enter(.done)
        }
        return .finished
    }

    /// The suspects that were confirmed.
    private func confirmed() throws -> SuspectList {
        SuspectList(file: try SpillFile(path: folder.confirmed, length: SuspectList.length(store.now.found.differences)))
    }

    private func confirm(
        _ suspects: SuspectList, _ source: any RowSource, _ findings: WritableKeyPath<VerifyState, VerifyState.Findings>, output: String,
        confirmed: String, _ reads: inout PointReads
    ) async throws {
        let found = store.now[keyPath: findings]
        var secret: [UInt8] = []
        for word in store.now.secret { secret.append(word: word) }
        let confirmation = Confirmation(
            spec: spec, source: source, run: run, store: store, monitor: monitor, findings: findings,
            output: try SpillFile(path: output, length: found.bytes),
            confirmed: SuspectList(file: try SpillFile(path: confirmed, length: SuspectList.length(found.differences))),
            line: DifferenceLine(spec.spec, secret: secret))
        try await confirmation.run(suspects, &reads)
    }

    private func repair(_ source: any RowSource, _ reads: inout PointReads) async throws -> Ending {
        let repair = TableRepair(
            client: client, spec: spec, source: source, table: table, store: store, run: run, limits: limits, monitor: monitor,
            confirmed: try confirmed())
        if options.repairs {
            let (ending, put) = try await repair.putRows()
            store.change { $0.put = put }
            guard ending == .finished else { return ending }
        }
        if options.deletesExtra { try await repair.deleteItems(&reads) }
        return .finished
    }

    /// - Throws: ``JobFailure`` when the table is not the one that was read any more.
    private func checkTable() async throws {
        let latest = try await client.explained("verifying \(table.name)") { try await client.describeTable(table.name) }
        guard latest.identity == table.identity else {
            throw JobFailure(
                .failed, "the table \(table.name) was deleted and made again while it was verified; give --restart to begin anew")
        }
    }

    private func report(_ ending: Ending) -> VerifyReport {
        let state = store.now
        return VerifyReport(
            job: spec.spec.job, table: table.name, endpoint: client.endpoint.url, ending: ending, sample: options.sample, seed: state.seed,
            began: state.began, runs: state.runs, seconds: state.seconds, units: state.units, rows: state.read,
            rejected: state.rejected + state.found.rejected, superseded: state.superseded + state.repeated, items: state.items,
            tombstones: state.tombstones, equal: state.equal + state.found.equal,
            settled: options.sample == nil ? state.found.equal : 0, found: .init(state.found),
            left: state.hasRepair && state.phase == .done ? .init(state.left) : nil, put: state.put, deleted: state.deleted,
            differencesFile: folder.differences, remainingFile: folder.remaining)
    }
}
