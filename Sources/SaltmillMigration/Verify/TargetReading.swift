import SaltmillBytes
import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillItems
import SaltmillPacing

/// Reads the whole table once, at a limited rate, and notes the hashes of its items.
struct TargetReading: Sendable {
    let client: DynamoDBClient
    let table: TableDescription
    let limits: VerifyLimits
    let run: RunLimits
    let isConsistent: Bool
    let store: VerifyStore
    let monitor: VerifyMonitor

    private static let watchInterval = Duration.seconds(60)
    private static let saveInterval = Duration.seconds(1)

    /// - Returns: `finished` when all of the table was read.
    func read() async throws -> Ending {
        var guidance = ScanEngine.Guidance(limits.reading)
        guidance.endsWhenClosed = run.exitsAtWindow
        var configuration = ScanState.Configuration()
        configuration.seed = .random(in: 0 ... .max)
        let engine = ScanEngine(
            ScanState(now: .now, configuration: configuration), sender: ScanSender(client: client), guidance: guidance)
        let saved = store.now.segments
        let sources = saved.enumerated().map { number, segment in
            var request = ScanRequest(table: table.name)
            request.segment = (number, saved.count)
            request.isConsistent = isConsistent
            return ScanState.Source.Segment(
                body: ScanBody(request), start: segment.next.map { Array($0.utf8) }, isDone: segment.isDone)
        }
        let added = engine.add(.init(provisioned: Self.readUnits(table), isConsistent: isConsistent, segments: sources))
        engine.start()
        defer { engine.stop() }
        monitor.readingTarget(total: table.itemCount) { engine.read { ($0.problem, $0.ceilingRate) } }
        let work = Task { await readSegments(added.segments, done: saved.map(\.isDone), engine) }
        let helpers = Task { await help(engine, table: added.table) }
        let isComplete = await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            engine.end(.interrupted)
        }
        helpers.cancel()
        await helpers.value
        try store.save()
        if let reason = engine.read({ $0.failure(ofTable: added.table) }) { return .failed("\(table.name): \(reason)") }
        return isComplete ? .finished : engine.read { $0.ending } ?? .interrupted
    }

    private static func readUnits(_ table: TableDescription) -> Double? {
        guard case .provisioned(let throughput) = table.billing else { return nil }
        return Double(throughput.read)
    }

    private func readSegments(_ numbers: Range<Int>, done: [Bool], _ engine: ScanEngine) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            for (segment, number) in numbers.enumerated() where !done[segment] {
                group.addTask { await read(segment, number, engine) }
            }
            return await group.reduce(true) { $0 && $1 }
        }
    }

    /// Takes in one segment's pages.
    /// - Returns: true when it was read to its end.
    private func read(_ segment: Int, _ number: Int, _ engine: ScanEngine) async -> Bool {
        let hasher = PageHasher(table.key)
        while true {
            switch await engine.work(segment: number) {
            case .write(let page):
                do {
                    try store.add(try hasher.take(page), segment: segment)
                } catch {
                    engine.end(.failed("\(error)"))
                    return false
                }
                engine.wrote(bytes: page.body.count)
            case .complete: return true
            case .abandon: return false
            case .wait: continue
            }
        }
    }

    /// Saves how far it is, ends the run in time, and looks at the table now and then.
    private func help(_ engine: ScanEngine, table number: Int) async {
        var looked = MonotonicTime.now
        while true {
            do { try await ContinuousClock().sleep(for: Self.saveInterval) } catch { return }
            if let deadline = run.deadline, MonotonicTime.now >= deadline { engine.end(.runTime) }
            do { try store.save() } catch { engine.end(.failed("\(error)")) }
            guard MonotonicTime.now - looked >= Self.watchInterval else { continue }
            looked = .now
            guard let latest = try? await client.describeTable(table.name) else { continue }
            guard latest.identity == table.identity else {
                return engine.fail(table: number, "the table was deleted and made again while it was read")
            }
            engine.know(provisioned: Self.readUnits(latest), ofTable: number)
        }
    }
}

/// Makes records of pages.
private final class PageHasher {
    private var hasher: ItemHasher

    init(_ key: KeySchema) { hasher = ItemHasher(key) }

    /// - Throws: ``JobFailure`` for an item that is none.
    func take(_ page: ScanPage) throws(JobFailure) -> TargetPage {
        var result = TargetPage()
        result.units = page.consumed ?? 0
        result.next = page.next.map { String(decoding: $0, as: UTF8.self) }
        var key: [UInt8] = []
        for range in page.items {
            let item = page.body.span.extracting(range)
            let hashes: ItemHasher.Hashes
            do throws(ItemFault) {
                hashes = try hasher.hash(item)
            } catch {
                throw JobFailure(.failed, "the table returns an item that is none: \(error)")
            }
            guard !hashes.isTombstone else {
                result.tombstones += 1
                continue
            }
            result.items += 1
            key.removeAll(keepingCapacity: true)
            hasher.appendKey(of: item, to: &key)
            SideLog.append(hashes, key, to: &result.records)
        }
        return result
    }
}

extension TableDescription {
    /// What tells the table from any other that had or will have its name.
    var identity: String { id ?? "\(arn ?? name) created \(created ?? 0)" }
}
