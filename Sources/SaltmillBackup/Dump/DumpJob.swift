import Glibc
import SaltmillBytes
package import SaltmillDelivery
package import SaltmillDynamoDB
import SaltmillPacing

/// A dump from the tables' names to the report.
package struct DumpJob: Sendable {
    /// Scans of one table that may go side by side.
    package static let mostSegments = 4096

    /// Where the dump goes.
    package enum Target: Sendable {
        /// A folder; with a number, one under the time of its beginning within it, of which so many are kept.
        case folder(String, keep: Int?)
        /// A file descriptor that gets a tar.
        case stream(Int32)
    }

    package struct Options: Sendable {
        /// How fast to read: in units a second for all tables together, or as a share of what each is provisioned with.
        package var timetable = RateTimetable(.none)
        /// Scans of each table that go side by side; nil to choose by the table's size.
        package var segments: Int?
        /// Tables that are read at once.
        package var tablesAtOnce = 4
        /// The dump is read again and compared with what was written, before it takes its name.
        package var verifies = false
        /// The dump stops, resumable, after this time.
        package var runTime: Duration?

        package init() {}
    }

    private let request: DumpRequest
    private let target: Target
    private let client: DynamoDBClient
    private let options: Options
    package let monitor = DumpMonitor()

    package init(_ request: DumpRequest, to target: Target, client: DynamoDBClient, options: Options = Options()) {
        self.request = request
        if case .folder(let path, let keep) = target {
            self.target = .folder(DumpFolder.withoutSlashes(path), keep: keep)
        } else {
            self.target = target
        }
        self.client = client
        self.options = options
    }

    /// Runs the dump, or goes on with it where an earlier run left off.
    ///
    /// Cancelling the task interrupts it: what was read is kept and the report says so.
    /// - Throws: for anything that keeps the dump from beginning: ``JobFailure``, ``DumpError``, `JobLockError`.
    package func run() async throws -> DumpReport {
        for case .ceiling(.absolute(let rate, let measure)) in options.timetable.values where measure != .units {
            throw JobFailure(
                .usage,
                "`\(RateCeiling.absolute(rate, measure))` is no ceiling for a dump, which counts read units; write e.g. `100/s`, `50%` or `none`"
            )
        }
        switch target {
        case .folder(let path, nil): return try await dump(to: path)
        case .folder(let path, let keep?): return try await dump(into: path, keeping: keep)
        case .stream(let descriptor):
            let names = try await TableSelection(client: client, request: request).find()
            return try await dump(content(names), to: DumpStream(descriptor: descriptor), path: nil, journal: nil)
        }
    }

    // MARK: Folders

    private func dump(into path: String, keeping count: Int) async throws -> DumpReport {
        let rotation = DumpRotation(path: path, job: ["endpoint": .string(client.endpoint.url), "request": request.json])
        try FileSystem.makeFolders(rotation.path)
        let lock = try JobLock(path: rotation.lock)
        var resumed = try rotation.unfinished()
        if let unfinished = resumed, let reason = try await obstacle(to: unfinished) {
            monitor.note("\(unfinished).partial cannot be gone on with: \(reason); a new dump is begun, and removes it when it is whole")
            resumed = nil
        }
        var report = try await dump(to: try resumed ?? rotation.begin(at: secondsSince1970()))
        if report.ending == .finished { report.removed = try rotation.prune(keeping: count) }
        _ = consume lock
        return report
    }

    /// Why an unfinished dump can never become a whole one, or not one that is of use; nil when it can be gone on with.
    private func obstacle(to unfinished: String) async throws -> String? {
        let content: DumpJournal.Content?
        do { content = try DumpJournal.read("\(unfinished).partial/\(DumpJournal.fileName)") } catch { return "\(error)" }
        guard let content else { return nil }
        if DumpRotation.isStale(unfinished, at: secondsSince1970()) { return "nothing was added to it for a day and a half" }
        let names = try await TableSelection(client: client, request: request).find()
        guard Set(names) == Set(content.names) else { return "the tables are others now" }
        for table in content.tables {
            do {
                guard try await client.describeTable(table.name).identity == table.id else {
                    return "the table \(table.name) was deleted and made again"
                }
            } catch {
                // Anything else is told by the dump itself, and may be over then.
                if error.errorClass == .tableMissing { return "the table \(table.name) was deleted" }
            }
            for part in table.segments.flatMap(\.parts) {
                let file = "\(unfinished).partial/\(table.name)/\(part.file)"
                guard FileSystem.size(of: file) == part.bytes else { return "\(file) is missing or was altered" }
            }
        }
        return nil
    }

    private func dump(to path: String) async throws -> DumpReport {
        let partial = "\(path).partial"
        let isThere = FileSystem.exists(partial)
        let folder = try DumpFolder(path: path, resume: isThere)
        let lock = try JobLock(path: "\(partial)/\(DumpFolder.jobPrefix)lock")
        let journalPath = "\(partial)/\(DumpJournal.fileName)"
        let earlier = try DumpJournal.read(journalPath)
        if earlier == nil, isThere, try FileSystem.names(in: partial).contains(where: { !$0.hasPrefix(DumpFolder.jobPrefix) }) {
            throw JobFailure(.usage, "\(partial) is there and is no unfinished dump of this program; name another path, or move it away")
        }
        let journal = try DumpJournal(path: journalPath)
        let content: DumpJournal.Content
        let report: DumpReport
        do {
            if let earlier {
                try check(earlier, partial)
                content = earlier
            } else {
                content = self.content(try await TableSelection(client: client, request: request).find())
                try await journal.begin(content)
            }
            report = try await dump(content, to: folder, path: path, journal: journal)
        } catch {
            if earlier == nil { await removeUnlessBegun(partial, journal) }
            throw error
        }
        if earlier == nil, report.ending != .finished, await removeUnlessBegun(partial, journal) {
            guard report.ending != .interrupted else { throw CancellationError() }
            throw JobFailure(report.exitCode == 5 ? .temporary : .failed, report.reason)
        }
        _ = consume lock
        return report
    }

    /// Removes a folder in which no table was begun, so that nothing is in the way of another command; false when there is something to go on with.
    @discardableResult
    private func removeUnlessBegun(_ partial: String, _ journal: DumpJournal) async -> Bool {
        guard await !journal.hasTables else { return false }
        for name in [DumpJournal.fileName, "\(DumpFolder.jobPrefix)lock"] { unlink("\(partial)/\(name)") }
        return rmdir(partial) == 0
    }

    private func content(_ names: [String]) -> DumpJournal.Content {
        let id = (0..<4).map { _ in String(UInt32.random(in: 1 << 28 ... .max), radix: 16) }.joined()
        return DumpJournal.Content(id: id, endpoint: client.endpoint.url, request: request.json, names: names)
    }

    private func check(_ earlier: DumpJournal.Content, _ partial: String) throws {
        var differences: [String] = []
        let request = request.json
        for member in request.members ?? [] where earlier.request[member.name] != member.value {
            let (old, new) = (earlier.request[member.name]?.bytes ?? [], member.value.bytes)
            differences.append("\(member.name): \(String(decoding: old, as: UTF8.self)) → \(String(decoding: new, as: UTF8.self))")
        }
        if earlier.endpoint != client.endpoint.url { differences.append("endpoint: \(earlier.endpoint) → \(client.endpoint.url)") }
        guard differences.isEmpty else {
            throw JobFailure(
                .usage,
                "\(partial) is an unfinished dump of something else (\(differences.joined(separator: "; "))); give its command again, or remove it"
            )
        }
    }

    // MARK: The dump

    private func dump(
        _ content: DumpJournal.Content, to destination: any DumpDestination, path: String?, journal: DumpJournal?
    ) async throws -> DumpReport {
        let began = MonotonicTime.now
        var configuration = ScanState.Configuration()
        configuration.seed = UInt64.random(in: 0 ... .max)
        let guidance = ScanEngine.Guidance(options.timetable)
        let engine = ScanEngine(
            ScanState(now: began, configuration: configuration), sender: ScanSender(client: client), guidance: guidance)
        monitor.dumping(engine, tables: content.names.count, began: began)
        engine.start()
        defer { engine.stop() }
        // Not a child of this task: a dump that is interrupted still writes down what has come.
        let work = Task {
            await tables(content) { name in
                TableDump(
                    name: name, client: client, engine: engine, request: request, options: options, destination: destination,
                    journal: journal,
                    dump: content, monitor: monitor, began: began)
            } stop: {
                engine.end($0)
            }
        }
        let clock = options.runTime.map { limit in
            Task {
                do { try await ContinuousClock().sleep(for: limit) } catch { return }
                engine.end(.runTime)
            }
        }
        let done = await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            engine.end(.interrupted)
        }
        clock?.cancel()
        var report = DumpReport(
            path: path, format: request.format, endpoint: client.endpoint.url, ending: engine.read { $0.ending } ?? .finished, tables: done,
            usage: engine.read { $0.usage }, seconds: 0, isResumed: !content.tables.isEmpty)
        let failures = done.compactMap(\.failure)
        if report.ending == .finished, !failures.isEmpty { report.ending = .failed(failures.joined(separator: "; ")) }
        if report.ending == .finished {
            if options.verifies, let folder = destination as? DumpFolder {
                monitor.verifying()
                do { try DumpVerification.run(folder.partialPath, expected: done) } catch {
                    throw JobFailure(
                        .failed, "\(error); the dump is set aside at \(folder.setAside()), do not rely on it; run the command again")
                }
                report.isVerified = true
            }
            try destination.commit()
        }
        report.seconds = (MonotonicTime.now - began).inSeconds
        return report
    }

    /// Dumps the tables, so many at once.
    private func tables(
        _ content: DumpJournal.Content, _ make: @escaping @Sendable (String) -> TableDump, stop: @escaping @Sendable (Ending) -> Void
    ) async -> [DumpReport.Table] {
        await withTaskGroup(of: DumpReport.Table?.self) { group in
            var waiting = content.names[...]
            var done: [DumpReport.Table] = []
            func begin() {
                guard let name = waiting.popFirst() else { return }
                group.addTask {
                    do {
                        return try await make(name).run()
                    } catch let failure as JobFailure {
                        if failure.kind == .temporary { stop(.temporary(failure.description)) }
                        return DumpReport.Table(name: name, failure: failure.description)
                    } catch {
                        stop(.failed("\(error)"))
                        return nil
                    }
                }
            }
            for _ in 0..<options.tablesAtOnce { begin() }
            while let table = await group.next() {
                if let table { done.append(table) }
                begin()
            }
            return done.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        }
    }
}
