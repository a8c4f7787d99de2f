import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillItems
import SaltmillPacing
import Synchronization

/// Reads a table back, to compare it with a dump.
struct TableScan: Sendable {
    let client: DynamoDBClient
    let table: String
    /// Scans side by side.
    private let segments = 4

    /// The digest of all items.
    /// - Parameter progress: told the number of items read so far.
    func digest(progress: @escaping @Sendable (Int) -> Void) async throws -> ItemDigest {
        let done = Mutex(0)
        return try await sum(.empty) { body in
            let digester = PageDigester(table: table)
            try await pages(body) { page in
                try digester.add(page)
                progress(
                    done.withLock {
                        $0 += page.items.count
                        return $0
                    })
            }
            return digester.digest
        } add: {
            $0 += $1
        }
    }

    /// The number of all items.
    func count() async throws -> Int {
        try await sum(0) { body in
            var count = 0
            try await pages(body) { page in count += page.items.count }
            return count
        } add: {
            $0 += $1
        }
    }

    private func sum<Value: Sendable>(
        _ start: Value, of segment: @escaping @Sendable (ScanBody) async throws -> Value, add: (inout Value, Value) -> Void
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            for number in 0..<segments {
                var request = ScanRequest(table: table)
                request.segment = (number, segments)
                request.isConsistent = true
                let body = ScanBody(request)
                group.addTask { try await segment(body) }
            }
            var total = start
            for try await value in group { add(&total, value) }
            return total
        }
    }

    /// Waits of a page that gets no answer: an outage is a pause.
    private static let outage = Backoff(base: .milliseconds(200), cap: .seconds(30))

    /// Reads a segment. A page that is refused for going too fast is asked for again, with a lower limit, for as long as it takes, and so is
    /// one that gets no answer.
    private func pages(_ body: ScanBody, _ use: (ScanPage) throws -> Void) async throws {
        var start: [UInt8]?
        var limit: Int?
        var failures = 0
        var random = SplitMix64(seed: .random(in: 0 ... .max))
        repeat {
            try Task.checkCancellation()
            do {
                let page = try await client.scanPage(body.bytes(limit: limit, start: start))
                failures = 0
                try use(page)
                start = page.next
                limit = limit.flatMap { $0 < 4096 ? $0 * 2 : nil }
                guard start != nil else { return }
            } catch  where (error as? DynamoDBFailure)?.errorClass == .throttling {
                limit = max((limit ?? 1024) / 4, 1)
            } catch  where (error as? DynamoDBFailure)?.errorClass == .transient {
                failures += 1
                try await ContinuousClock().sleep(for: Self.outage.wait(attempt: failures, using: &random))
            }
        } while true
    }
}

/// The digest of a segment's pages.
private final class PageDigester {
    private let table: String
    private var digester = ItemDigester()

    init(table: String) { self.table = table }

    var digest: ItemDigest { digester.digest }

    func add(_ page: ScanPage) throws(JobFailure) {
        for item in page.items {
            do throws(ItemFault) {
                try digester.add(page.body.span.extracting(item))
            } catch {
                throw JobFailure(.failed, "the table \(table) returns an item that is none: \(error)")
            }
        }
    }
}
