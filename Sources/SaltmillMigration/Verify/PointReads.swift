import SaltmillBytes
import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillPacing

/// Reads items by their keys, strongly consistent, at a limited rate; what is refused or gets no answer is asked for again for as long as it takes.
struct PointReads {
    let client: DynamoDBClient
    let table: String
    private var pacer: RequestPacer
    private let limits: RunLimits
    private let monitor: VerifyMonitor
    private var random = SplitMix64(seed: .random(in: 0 ... .max))
    /// Units that a key has cost, the recent ones counting more.
    private var perKey = 1.0
    /// Read units consumed so far.
    private(set) var units = 0.0

    /// Waits of a request that is refused or gets no answer.
    private static let retry = Backoff(base: .milliseconds(100), cap: .seconds(30))

    init(_ client: DynamoDBClient, table: String, _ limits: VerifyLimits, _ run: RunLimits, _ monitor: VerifyMonitor) {
        self.client = client
        self.table = table
        self.monitor = monitor
        self.limits = run
        pacer = RequestPacer(run) { limits.readRate(at: $0) }
    }

    /// The items of keys, in no order; none for a key that no item has.
    /// - Parameter keys: the JSON of at most a hundred keys, no two alike.
    /// - Throws: ``JobFailure`` for what will not get better; ``Stopped``; `CancellationError`.
    mutating func items(of keys: [[UInt8]]) async throws -> [[UInt8]] {
        var items: [[UInt8]] = []
        var left = keys
        var failures = 0
        while !left.isEmpty {
            let charged = Double(left.count) * perKey
            try await pacer.spend(charged) { monitor.wait($0) }
            do throws(DynamoDBFailure) {
                let answer = try await client.batchGet(table: table, keys: left, isConsistent: true)
                items += answer.items.map { Array(answer.body[$0]) }
                let consumed = answer.consumed ?? charged
                pacer.settle(charged: charged, consumed: consumed)
                units += consumed
                let done = left.count - answer.unprocessed.count
                if done > 0 { perKey = max(0.5, perKey * 0.75 + consumed / Double(done) * 0.25) }
                failures = answer.unprocessed.isEmpty || done > 0 ? 0 : failures + 1
                left = answer.unprocessed
                monitor.wait(nil)
            } catch {
                try Task.checkCancellation()
                guard [.throttling, .transient, .tableNotReady].contains(error.errorClass) else { throw JobFailure(error, client: client) }
                failures += 1
                if error.errorClass != .throttling { monitor.wait("\(error) (\(client.endpoint.host))") }
            }
            guard failures > 0 else { continue }
            try limits.check()
            try await ContinuousClock().sleep(for: Self.retry.wait(attempt: failures, using: &random))
        }
        return items
    }
}
