import SaltmillDelivery
import SaltmillItems
import SaltmillSources

/// What a plan has read of its source: all of a file, or a sample of a live database.
struct PlanReading {
    /// What is known of a live database.
    struct Evidence {
        var input: DatabaseInput
        var sample: LoadPlan.Sample
        /// Rows of the sample whose key another one has, too.
        var sameKeys: Int
        /// Columns by which rows are told apart there and not in the target.
        var missingKeyColumns: [String]?
    }

    let resolved: ResolvedSpec
    let measure: SourceMeasure
    /// Distinct keys that a collation would take for one, among the rows that were read.
    let collisions: Int
    /// The file's rows; nil for a live database.
    private(set) var records: RecordSource?
    private(set) var evidence: Evidence?
    /// What the user should know of how this was found out.
    private(set) var notes: [String] = []
    /// Replaces a batch's content with one row that was read.
    let reread: (RecordLocator, inout RowBatch) throws -> Void

    init(records: RecordSource, _ resolved: ResolvedSpec, _ measure: SourceMeasure, collisions: Int) {
        self.resolved = resolved
        self.measure = measure
        self.collisions = collisions
        self.records = records
        reread = { try records.reread([$0], into: &$1) }
    }

    /// Reads a sample, and counts the rows where that is asked for, or the database has no idea of them or thinks that they are few.
    /// - Throws: ``JobFailure``, ``SpecError``, `SourceError`; `CancellationError` when the surrounding task is cancelled.
    init(
        _ input: DatabaseInput, _ spec: MigrationSpec, _ options: LoadPlanner.Options, expiry: String?, progress: (Int, Int) -> Void
    ) throws {
        do {
            try self.init(sampling: input, spec, options, expiry: expiry, progress: progress)
        } catch let pause as SourcePause {
            throw JobFailure(pause)
        }
    }

    private init(
        sampling input: DatabaseInput, _ spec: MigrationSpec, _ options: LoadPlanner.Options, expiry: String?, progress: (Int, Int) -> Void
    ) throws {
        resolved = try spec.resolve(columns: input.columns)
        let estimate = input.estimatedRows.flatMap { !options.countsRows && $0 > (options.sample ?? LoadPlan.Sample.least) ? $0 : nil }
        let total = try estimate ?? input.count()
        let wanted = min(options.sample ?? LoadPlan.Sample.size(of: total), total)
        var sample = try DatabaseSample(input, rows: wanted, of: total)
        var measure = SourceMeasure(resolved, rows: wanted, expiry: expiry, now: options.start)
        var keys = SampledKeys(resolved)
        try sample.read { batch, part in
            try Task.checkCancellation()
            try measure.add(batch) { _ in part }
            keys.add(batch)
            progress(measure.read, wanted)
        }
        let count = sample.count
        measure.scale(to: total, neighbours: sample.mostNeighbours)
        self.measure = measure
        collisions = keys.collisions
        evidence = Evidence(
            input: input, sample: LoadPlan.Sample(rows: count, isCounted: estimate == nil, isSpread: sample.isSpread),
            sameKeys: keys.same, missingKeyColumns: spec.missingKeyColumns(input))
        if count < total, !sample.isSpread {
            notes.append(
                "the sample is the table's first rows by \(listed(input.keys[0])), since places further on cannot be guessed from its values"
            )
        }
        if case .table = input.selection.rows, input.selection.url.kind == .mysql, input.foreignKeys.isEmpty {
            notes.append("no foreign key is seen, but the database shows them only to users who may do more than SELECT")
        }
        reread = { [sample] locator, batch in
            do {
                try sample.reread(locator, into: &batch)
            } catch let pause as SourcePause {
                throw JobFailure(pause)
            }
        }
    }
}

/// The keys of a sample's rows.
private struct SampledKeys {
    private var exact: MigrationKeys
    private var folded: FoldedKeys?
    private var keys: [RowKey] = []
    private var rows = 0
    private var found: Set<RowKey> = []
    private var foundFolded: Set<RowKey> = []

    init(_ resolved: ResolvedSpec) {
        exact = MigrationKeys(encoder: ItemEncoder(resolved.mapping, columnCount: resolved.columns.count))
        folded = FoldedKeys(resolved.mapping, columnCount: resolved.columns.count)
    }

    /// Rows whose key another one has, too.
    var same: Int { rows - found.count }
    /// Distinct keys that a collation would take for another's.
    var collisions: Int { folded == nil ? 0 : found.count - foundFolded.count }

    mutating func add(_ batch: borrowing RowBatch) {
        exact.readKeys(batch, into: &keys)
        for key in keys where key.isValid {
            rows += 1
            found.insert(key)
        }
        guard folded != nil else { return }
        folded?.readKeys(batch, into: &keys)
        for key in keys where key.isValid { foundFolded.insert(key) }
    }
}
