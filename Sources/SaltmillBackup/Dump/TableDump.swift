import SaltmillBytes
import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillItems
import SaltmillPacing

/// Dumps one table: description and settings, items, manifest.
struct TableDump {
    let name: String
    let client: DynamoDBClient
    let engine: ScanEngine
    let request: DumpRequest
    let options: DumpJob.Options
    let destination: any DumpDestination
    let journal: DumpJournal?
    /// The whole dump, as it stood when this run began.
    let dump: DumpJournal.Content
    let monitor: DumpMonitor
    let began: MonotonicTime

    /// How often the table is looked at while it is being read.
    private static let watchInterval = Duration.seconds(60)

    /// Runs to the table's manifest.
    /// - Returns: nil when the dump was ended before.
    /// - Throws: ``JobFailure`` when this table cannot be dumped, which leaves the others alone; ``DumpError`` when files cannot be written
    ///   or an item is none, which ends the whole dump.
    func run() async throws -> DumpReport.Table? {
        let (table, json) = try await describe()
        let settings = try await settings(of: table, json)
        monitor.know(name, items: request.isSchemaOnly ? 0 : table.itemCount)
        let state = try await begin(table)
        var dumpOptions = DumpOptions(format: request.format)
        if destination is DumpStream { dumpOptions.partBytes = DumpStream.partBytes }
        let writer = try TableDumpWriter(to: destination, table: json, began: state.began, options: dumpOptions)
        var parts = state.segments.flatMap(\.parts)
        if !dump.tables.isEmpty { try writer.resume(with: parts) }
        monitor.carry(parts.reduce(0) { $0 + $1.digest.count })
        if !request.isSchemaOnly {
            guard let new = try await scan(table, state, writer) else { return nil }
            parts += new
        }
        try await checkIdentity(state.id)
        let facts = DumpFacts(
            began: state.began, ended: secondsSince1970(), isConsistent: request.isConsistent, segments: state.segments.count,
            filter: request.filter, projection: request.projection, settings: settings, dumpID: dump.id, tables: dump.names)
        let manifest = try writer.finish(facts, parts: parts)
        monitor.finished(name)
        return DumpReport.Table(name: name, manifest: manifest)
    }

    // MARK: The table

    private func describe() async throws -> (table: TableDescription, json: JSONValue) {
        let found = try await client.explained("dumping \(name)") { () async throws in
            try await client.describeTableWhole(name)
        }
        guard found.table.status != "CREATING", found.table.status != "DELETING" else {
            throw JobFailure(.failed, "the table \(name) is \(found.table.status); dump a table that is ACTIVE")
        }
        if case .onDemand = found.table.billing {
            for case .ceiling(.share) in options.timetable.values { throw JobFailure(shareOf: found.table) }
        }
        return found
    }

    private func checkIdentity(_ id: String) async throws {
        let recreated = JobFailure(
            .failed, "the table \(name) was deleted and made again while it was dumped; what was read is of the old one")
        let gone = JobFailure(.failed, "the table \(name) was deleted while it was dumped")
        do {
            guard try await client.describeTable(name).identity == id else { throw recreated }
        } catch let failure as DynamoDBFailure {
            guard failure.errorClass == .tableMissing else { throw JobFailure(failure, doing: "dumping \(name)", client: client) }
            throw gone
        }
    }

    private func settings(of table: TableDescription, _ json: JSONValue) async throws -> TableSettings {
        let found = try await client.explained("asking for the settings of \(name)") { () async throws in
            try await client.furtherSettings(of: table)
        }
        var settings = TableSettings(description: json)
        settings.timeToLive = found.timeToLiveAttribute
        settings.tags = (found.tags ?? []).map { TableSettings.Tag($0.key, $0.value) }
        settings.pointInTimeRecovery = found.hasPointInTimeRecovery
        settings.recoveryDays = found.continuousBackups?["PointInTimeRecoveryDescription"]?["RecoveryPeriodInDays"]?.int
        for gap in found.gaps { settings.missing[Self.settingNames[gap.operation] ?? gap.operation] = gap.reason }
        return settings
    }

    private static let settingNames = [
        "DescribeTimeToLive": "time_to_live", "DescribeContinuousBackups": "point_in_time_recovery", "ListTagsOfResource": "tags",
    ]

    /// How the table stands: as an earlier run left it, or at its beginning.
    private func begin(_ table: TableDescription) async throws -> DumpJournal.Table {
        let id = table.identity
        if let earlier = dump.tables.first(where: { $0.name == name }) {
            guard earlier.id == id else {
                throw JobFailure(
                    .failed,
                    "the table \(name) was deleted and made again since this dump was begun; remove the unfinished dump to begin anew")
            }
            return earlier
        }
        let count = request.isSchemaOnly ? 0 : options.segments ?? Self.segments(for: table, most: destination is DumpFolder ? 16 : 4)
        let state = DumpJournal.Table(name: name, id: id, began: secondsSince1970(), segments: count)
        try await journal?.begin(state)
        return state
    }

    /// How many scans go side by side: one for every 64 MB, and a few where nothing is known, since sizes are told hours late.
    private static func segments(for table: TableDescription, most: Int) -> Int {
        guard !table.mayIgnoreSegments else { return 1 }
        guard let size = table.sizeBytes, size > 0 else { return 4 }
        return size < 2 << 20 ? 1 : min(max(size >> 26, 4), most)
    }

    // MARK: The scan

    /// - Returns: the parts that were finished in this run; nil when the dump was ended before the table was read.
    private func scan(_ table: TableDescription, _ state: DumpJournal.Table, _ writer: TableDumpWriter) async throws -> [DumpPart]? {
        let sources = state.segments.enumerated().map { segment, saved in
            ScanState.Source.Segment(
                body: ScanBody(request.scan(name, segment: segment, of: state.segments.count)), start: saved.next, isDone: saved.isDone)
        }
        let added = engine.add(.init(provisioned: table.readUnits, isConsistent: request.isConsistent, segments: sources))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await watch(added.table, id: state.id) }
            defer { group.cancelAll() }
            let (parts, isComplete) = try await read(added.segments, done: state.segments.map(\.isDone), writer)
            if let reason = engine.read({ $0.failure(ofTable: added.table) }) { throw JobFailure(.failed, "\(name): \(reason)") }
            return isComplete ? parts : nil
        }
    }

    private func read(
        _ numbers: Range<Int>, done: [Bool], _ writer: TableDumpWriter
    ) async throws -> (parts: [DumpPart], isComplete: Bool) {
        try await withThrowingTaskGroup(of: (parts: [DumpPart], isComplete: Bool).self) { group in
            for (segment, number) in numbers.enumerated() where !done[segment] {
                let writer = SegmentDump(
                    engine: engine, writer: writer, journal: journal, table: name, segment: segment, number: number)
                group.addTask { try await writer.run(began: began) }
            }
            var parts: [DumpPart] = []
            var isComplete = true
            do {
                for try await result in group {
                    parts += result.parts
                    isComplete = isComplete && result.isComplete
                }
            } catch {
                // The others are to stop too, and keep what they have.
                engine.end(.failed("\(error)"))
                throw error
            }
            return (parts, isComplete)
        }
    }

    /// Looks at the table now and then: its capacity may be changed, and it may be made anew under the same name.
    private func watch(_ number: Int, id: String) async {
        while true {
            do { try await ContinuousClock().sleep(for: Self.watchInterval) } catch { return }
            guard let table = try? await client.describeTable(name) else { continue }
            guard table.identity == id else {
                return engine.fail(table: number, "the table was deleted and made again while it was dumped")
            }
            engine.know(provisioned: table.readUnits, ofTable: number)
        }
    }
}
