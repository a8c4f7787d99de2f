import SaltedKeys
import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillItems
package import SaltmillPartitions
import SaltmillPacing
import SaltmillSources
import SaltmillDispatching

/// Makes the plan of a load: reads the source, or a sample of a live database, and asks about the table, and writes to nothing but the job's own
/// survey.
package struct LoadPlanner: Sendable {
    package struct Options: Sendable {
        /// When the load is to begin, in seconds since 1970.
        package var start: Int64
        package var prices: PriceList?
        /// The rules that hot keys are judged and the load is rehearsed by.
        package var physics = Physics.adaptive
        /// Whether to rehearse the load.
        package var simulates = false
        /// How many rows of a live database to read; nil for as many as ``LoadPlan/Sample/size(of:)`` says.
        package var sample: Int?
        /// Whether to count a live database's rows, however long that takes.
        package var countsRows = false

        package init(start: Int64) { self.start = start }
    }

    /// What is being done.
    package enum Phase: Sendable {
        case surveying(doneBytes: UInt64, totalBytes: UInt64)
        case measuring(doneBytes: UInt64, totalBytes: UInt64)
        case sampling(doneRows: Int, totalRows: Int)
        case simulating(writtenRows: Int, totalRows: Int)
    }

    private let spec: MigrationSpec
    private let target: PlanTarget
    private let options: Options

    package init(_ spec: MigrationSpec, target: PlanTarget, options: Options) {
        self.spec = spec
        self.target = target
        self.options = options
    }

    /// Makes the plan.
    /// - Throws: ``JobFailure``, ``SpecError``, `SourceError`; `CancellationError` when the surrounding task is cancelled.
    package func plan(progress: (Phase) -> Void = { _ in }) throws -> LoadPlan {
        let limits = try limits()
        let reading = try read(progress)
        let measure = reading.measure

        let names = ["table"] + spec.indexes.map(\.name)
        let provisioned = names.indices.map { target.provisioned($0, spec) }
        let rates = LoadRates(
            limits, names: names, provisioned: provisioned.map { $0.map { Double($0.write) } },
            units: measure.tallies.map { Double($0.units) }, items: measure.written, bytes: measure.tallies[0].bytes, now: options.start)
        let free = LoadTimeline(rates, start: options.start)
        let resources = try names.indices.map {
            try resource($0, provisioned[$0], peakProgress: free.peakProgress, reading)
        }
        let held = resources.map { resource in
            resource.hotKeys.map { Double($0.units) / keyLimit(of: resource) }.max() ?? 0
        }
        let timeline = LoadTimeline(rates, start: options.start, heldFor: held.max() ?? 0)

        let offsets = try spec.zoneOffsets(fromUTC: options.start)
        var notes = target.note.map { [$0] } ?? []
        if target.origin == .assumed {
            notes.append("how the table is paid for is not known; it is taken to be a new on-demand table (say it under target.create)")
        }
        notes += reading.notes
        if spec.duplicates == .unchecked, reading.records != nil {
            notes.append("duplicates are unchecked: rows of one key are counted and paid for several times")
        }
        var plan = LoadPlan(
            job: spec.job, source: spec.source.name, target: target,
            rows: LoadPlan.Rows(
                read: measure.read, rejected: measure.rejected, superseded: measure.superseded, written: measure.written),
            sample: reading.evidence?.sample, resources: resources, timeline: timeline, zone: spec.zone ?? "UTC",
            zoneOffsets: (
                offsets.offset(atUTC: options.start), offsets.offset(atUTC: timeline.end.map { Int64($0) } ?? options.start)
            ),
            cost: nil,
            traps: TrapEvidence(
                spec: spec, target: target, measure: measure, resources: resources, timeline: timeline,
                collisions: reading.collisions, database: reading.evidence
            ).traps,
            notes: notes)
        plan.cost = options.prices.flatMap { prices in
            plan.seconds.map { PlanCost(prices, resources: resources, seconds: $0, isOnDemand: target.table.billing == .onDemand) }
        }
        if options.simulates, let records = reading.records {
            plan.simulation = try simulate(records, reading.resolved, limits, plan, progress)
        }
        return plan
    }

    private func limits() throws -> WriteLimits {
        let shares = [spec.ceiling.share] + spec.windows.map { if case .ceiling(let ceiling) = $0.value { ceiling.share } else { nil } }
        if target.origin == .assumed, shares.contains(where: { $0 != nil }) {
            throw JobFailure(
                .usage,
                "the ceiling is a share of what the table is provisioned with, and that is not known: \(target.note ?? ""); describe the table under target.create"
            )
        }
        return try LoadSettings(spec).limits(indexes: spec.indexes.map(\.name), table: target.table, now: options.start)
    }

    // MARK: Source

    private func read(_ progress: (Phase) -> Void) throws -> PlanReading {
        if let database = try spec.openDatabase() {
            guard !options.simulates else {
                throw JobFailure(
                    .usage,
                    "a rehearsal needs every row, and of the live database \(spec.source.name) only a sample is read; plan without --simulate"
                )
            }
            return try PlanReading(database, spec, options, expiry: target.expiry) { progress(.sampling(doneRows: $0, totalRows: $1)) }
        }
        guard options.sample == nil, !options.countsRows else {
            throw JobFailure(
                .usage, "--sample and --count are for live databases; \(spec.source.name) is read as a whole, so leave them out")
        }
        let input = try spec.openSource()
        let resolved = try spec.resolve(columns: input.columns)
        let size = input.stamp.size
        let (source, rows, collisions) = try survey(input, resolved) { progress(.surveying(doneBytes: $0, totalBytes: size)) }
        var measure = SourceMeasure(resolved, rows: rows, expiry: target.expiry, now: options.start)
        try measure.read(source) { progress(.measuring(doneBytes: $0, totalBytes: size)) }
        return PlanReading(records: source, resolved, measure, collisions: collisions)
    }

    /// The source as a load would read it, how many rows it has, and how many of its keys a collation would take for another's.
    private func survey(
        _ input: any RecordInput, _ resolved: ResolvedSpec, progress: (UInt64) -> Void
    ) throws -> (source: RecordSource, rows: Int?, collisions: Int) {
        guard spec.duplicates != .unchecked else { return (RecordSource(unsurveyed: input), nil, 0) }
        let folder = JobFolder(spec.jobFolder)
        try folder.make()
        let survey = try Survey.ofMigration(input, resolved, in: folder, progress: progress)
        let source = try RecordSource(input, survey: survey)
        let rows = Int(survey.recordCount)
        guard var keys = FoldedKeys(resolved.mapping, columnCount: resolved.columns.count) else { return (source, rows, 0) }
        let request = SurveyRequest(keyFingerprint: spec.keyFingerprint.digest + " folded", duplicates: .last)
        let path = folder.survey + "-folded"
        let folded = try Survey.load(from: path, of: input, for: request) ?? Survey.take(of: input, for: request, keys: &keys, in: path)
        let exact = survey.duplicates == .reject ? nil : survey.void?.count
        return (source, rows, exact.map { Int(folded.void?.count ?? 0) - Int($0) } ?? 0)
    }

    // MARK: Resources

    private func resource(
        _ number: Int, _ provisioned: SaltmillDynamoDB.Throughput?, peakProgress: Double, _ reading: PlanReading
    ) throws -> LoadPlan.Resource {
        let tally = reading.measure.tallies[number]
        let index = number == 0 ? nil : spec.indexes[number - 1]
        let attribute = index?.hashAttribute ?? spec.key.hash.name
        let peak = peakProgress * Double(tally.units)
        let hot = tally.hottest(5)
        let names = try SourceMeasure.names(of: hot, attribute: attribute, reading.resolved, reread: reading.reread)
        let stored = target.origin == .described ? bytesStored(index?.name) : nil
        let throughput = provisioned.map { SaltmillPartitions.Throughput.provisioned(read: $0.read, write: $0.write) } ?? .onDemand
        var resource = LoadPlan.Resource(
            index: index?.name, hashAttribute: attribute, shards: (number == 0 ? spec.key.salt : index?.salt)?.recipe.shards,
            items: tally.items, bytes: tally.bytes, units: tally.units, peakUnitsPerSecond: peak, provisionedWrite: provisioned?.write,
            provisionedRead: provisioned?.read, partitions: PlanPartitions(throughput, bytesNow: stored, bytesAdded: tally.bytes),
            hotKeys: hot.map { key in
                LoadPlan.HotKey(
                    value: names[key.lane] ?? "?", rows: key.rows, units: key.units,
                    share: Double(key.units) / Double(max(tally.units, 1)), peakShare: key.peakShare,
                    peakUnitsPerSecond: key.peakShare * peak)
            },
            isSorted: false, neighbourShare: tally.items > 1 ? Double(tally.neighbours) / Double(tally.items - 1) : 0, advisedShards: 1)
        let most = resource.hotKeys.map(\.share).max() ?? 0
        // Rows in any order have neighbours of one key too, but no more of them than the hottest key's share.
        resource.isSorted = tally.items >= 100 && resource.neighbourShare > max(0.5, 1.5 * most)
        if let hottest = resource.hotKeys.first {
            // What the value would take were it not salted yet.
            let share = min(hottest.peakShare * Double(resource.shards ?? 1), 1)
            if share * peak > keyLimit(of: resource) {
                resource.advisedShards = max(shards(for: share, of: resource), resource.shards ?? 1)
                let relaxed = shards(for: share, of: resource, ceiling: ShardAdvice.relaxedCeiling)
                resource.relaxedShards = relaxed < resource.advisedShards / 2 ? max(relaxed, resource.shards ?? 1) : nil
            }
        }
        return resource
    }

    /// How many shards a value needs that has this share of the units.
    /// - Parameter ceiling: part of what is there that the load keeps to.
    private func shards(for share: Double, of resource: LoadPlan.Resource, ceiling: Double = 1) -> Int {
        let limit = keyLimit(of: resource)
        let capacity = resource.provisionedWrite.map(Double.init) ?? max(limit * Double(resource.partitions.after), limit)
        let wanted = min(resource.peakUnitsPerSecond, capacity * ceiling)
        return ShardAdvice.shards(share: share, wanted: wanted, capacity: capacity, partition: limit)
    }

    /// What one value of a hash key can take a second, by the rules that the plan is made by.
    private func keyLimit(of resource: LoadPlan.Resource) -> Double {
        guard options.physics.model == .even2015, let share = resource.partitions.evenShare else { return Physics.partitionCap.write }
        return min(share, Physics.partitionCap.write)
    }

    /// What the table, or an index, holds already; of an index the server's count of items is taken, at the table's mean size.
    private func bytesStored(_ index: String?) -> Int {
        let table = target.table
        let bytes = table.sizeBytes ?? 0
        guard let index else { return bytes }
        let items = table.globalIndexes.first { $0.name == index }?.itemCount ?? 0
        return items * bytes / max(table.itemCount ?? 0, 1)
    }

    // MARK: Rehearsal

    private func simulate(
        _ source: RecordSource, _ resolved: ResolvedSpec, _ limits: WriteLimits, _ plan: LoadPlan, _ progress: (Phase) -> Void
    ) throws -> LoadSimulation.Outcome {
        let throughputs = plan.resources.map { resource in
            resource.provisionedWrite.map { SaltmillPartitions.Throughput.provisioned(read: resource.provisionedRead ?? 1, write: $0) }
                ?? .onDemand
        }
        let simulation = LoadSimulation(
            SimulatedRows(source, resolved), limits: limits, throughputs: throughputs, physics: options.physics, start: options.start)
        return try simulation.run { progress(.simulating(writtenRows: $0, totalRows: plan.rows.written)) }
    }
}

extension RateCeiling {
    /// The share of what is provisioned, where it is one.
    fileprivate var share: Double? { if case .share(let share) = self { share } else { nil } }
}

extension Survey {
    /// The survey that a load of this spec takes, or the one it has kept.
    static func ofMigration(
        _ input: any RecordInput, _ resolved: ResolvedSpec, in folder: JobFolder, progress: (UInt64) -> Void
    ) throws -> Survey {
        let request = SurveyRequest(keyFingerprint: resolved.spec.keyFingerprint.digest, duplicates: resolved.spec.duplicates)
        if let known = try Survey.load(from: folder.survey, of: input, for: request) { return known }
        guard !JobLock.isHeld(path: folder.lock) else {
            throw JobFailure(
                .temporary, "a load of the job \(resolved.spec.job) is reading the source through just now; run this again when it has")
        }
        var keys = MigrationKeys(encoder: ItemEncoder(resolved.mapping, columnCount: resolved.columns.count))
        return try Survey.take(of: input, for: request, keys: &keys, in: folder.survey, progress: progress)
    }
}
