import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillItems
import SaltmillPacing

/// Reads a table back, to compare it with a dump: as a dump reads, under the same limits, and waiting for whatever is in its way.
struct TableScan: Sendable {
    /// Scans side by side, where the server keeps their segments apart.
    private static let mostSegments = 4

    private let table: String
    private let engine: ScanEngine
    private let source: ScanState.Source

    init(client: DynamoDBClient, table: TableDescription, timetable: RateTimetable) {
        self.table = table.name
        var configuration = ScanState.Configuration()
        configuration.isPatient = true
        configuration.outage = Backoff(base: .milliseconds(200), cap: .seconds(5))
        configuration.seed = UInt64.random(in: 0 ... .max)
        engine = ScanEngine(
            ScanState(now: .now, configuration: configuration), sender: ScanSender(client: client), guidance: .init(timetable))
        let count = table.mayIgnoreSegments ? 1 : Self.mostSegments
        let segments = (0..<count).map { number in
            var request = ScanRequest(table: table.name)
            request.segment = (number, count)
            request.isConsistent = true
            return ScanState.Source.Segment(body: ScanBody(request))
        }
        source = ScanState.Source(provisioned: table.readUnits, isConsistent: true, segments: segments)
    }

    /// The number of items read so far, and what is waited for, if anything is.
    var progress: (items: Int, problem: String?) { engine.read { ($0.scanned, $0.problem) } }

    /// The digest of all items.
    /// - Throws: ``JobFailure`` when the table cannot be read.
    func digest() async throws -> ItemDigest {
        try await sum(.empty) { pages in
            var digester = ItemDigester()
            while let page = try await pages.next() {
                for item in page.items {
                    do throws(ItemFault) {
                        try digester.add(page.body.span.extracting(item))
                    } catch {
                        throw JobFailure(.failed, "the table \(table) returns an item that is none: \(error)")
                    }
                }
            }
            return digester.digest
        } add: {
            $0 += $1
        }
    }

    /// The number of all items.
    /// - Throws: ``JobFailure`` when the table cannot be read.
    func count() async throws -> Int {
        try await sum(0) { pages in
            var count = 0
            while let page = try await pages.next() { count += page.items.count }
            return count
        } add: {
            $0 += $1
        }
    }

    private func sum<Value: Sendable>(
        _ start: Value, of segment: @escaping @Sendable (SegmentPages) async throws -> Value, add: (inout Value, Value) -> Void
    ) async throws -> Value {
        engine.start()
        defer { engine.stop() }
        return try await withThrowingTaskGroup(of: Value.self) { group in
            for number in engine.add(source).segments {
                let pages = SegmentPages(engine: engine, table: table, number: number)
                group.addTask {
                    try await withTaskCancellationHandler {
                        try await segment(pages)
                    } onCancel: {
                        engine.end(.interrupted)
                    }
                }
            }
            var total = start
            for try await value in group { add(&total, value) }
            return total
        }
    }
}

/// The pages of one segment, one after the other.
private struct SegmentPages: Sendable {
    let engine: ScanEngine
    let table: String
    /// In the engine.
    let number: Int

    /// The next page; nil behind the last one.
    func next() async throws -> ScanPage? {
        while true {
            switch await engine.work(segment: number) {
            case .write(let page):
                engine.wrote(bytes: page.body.count)
                return page
            case .complete: return nil
            case .abandon:
                guard let reason = engine.read({ $0.tableFailures.first }) else { throw CancellationError() }
                throw JobFailure(.failed, "reading \(table) back: \(reason)")
            case .wait: continue
            }
        }
    }
}
