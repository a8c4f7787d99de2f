import SaltmillDelivery
import SaltmillDispatching
import SaltmillDynamoDB
import SaltmillPacing
import SaltmillSources

/// One process: the delivery's state and what its threads are at.
final class Run {
    /// What the reading thread does next.
    enum Reading {
        /// Takes up what an earlier run set aside: this part of it.
        case restoring(Int)
        /// Reads what an earlier run left unsettled, from this one on.
        case recovering(Int)
        /// Hands over what was read of that.
        case recovered(LoadedChunk, next: Int)
        case looking
        case sleeping
        /// The disk is full.
        case paused
        case wroteDeferred(Int, bucket: Int)
        case recalling([DeferredRow], bucket: Int)
        case recalled(LoadedChunk)
        case handingOver(LoadedChunk?, range: Int)
        case done
    }

    /// What the keeper of checkpoints does next.
    enum Keeping {
        case taking, appending, syncing, saving, done
    }

    let number: Int
    var state: DeliveryState
    var promises: RunPromises
    var reader: ModelReader
    var audits: [RateAudit]
    let start: Checkpoint
    let unsettled: [RecordLocator]

    var flights: [UInt64: ChaosWorld.Request] = [:]
    /// Marks the turn that is scheduled; another one makes it void.
    var ticket = 0
    var reading: Reading
    /// Somebody has signalled that there may be something to read.
    var hasDemand = false
    var keeping = Keeping.taking
    /// The checkpoint that is being written, and lines that are not in the reject file yet.
    var checkpoint: Checkpoint
    var waitingLines: [UInt8] = []
    /// The delivery has ended and waits for answers; nothing is waited for any more; only the last checkpoint is missing.
    var isDraining = false
    var isStopping = false
    var isLast = false

    init(number: Int, _ checkpoint: Checkpoint, _ source: ModelSource, variant: WrongVariant?, seed: UInt64, now: MonotonicTime) {
        let scenario = source.scenario
        self.number = number
        var limits = scenario.limits.map { RateLimit($0.measure, resources: $0.resources, rate: .infinity, now: now) }
        if scenario.knowsCapacity {
            limits.append(.discovered(resource: 0, known: max(scenario.capacity.table.rounded(.down), 1), now: now))
            if scenario.hasIndex {
                limits.append(.discovered(resource: 1, known: max(scenario.capacity.index.rounded(.down), 1), now: now))
            }
        }
        state = DeliveryState(
            head: .batch(BatchWriteHead(table: "t", capacity: scenario.tellsConsumption ? .indexes : .total)), checkpoint: checkpoint,
            indexes: scenario.hasIndex ? [IndexKey(name: "by_kind", attribute: "kind")] : [], limits: limits,
            configuration: scenario.configuration)
        promises = RunPromises(checkpoint)
        reader = ModelReader(source, from: checkpoint, variant: variant, seed: seed)
        // Where replays of index entries are free, an estimate made of them is too low for the entries to come.
        let surprise = scenario.chargesReplays ? 0 : Double(scenario.configuration.maximumInFlight * 25 * 4 * 2)
        let size = Double((scenario.rows.map(\.textLength).max() ?? 0) + 80)
        audits = scenario.limits.map { limit in
            switch limit.measure {
            case .items: RateAudit(largest: 1, allowance: 0, now: now)
            case .bytes: RateAudit(largest: size, allowance: 0, now: now)
            case .units: RateAudit(largest: (size / 1024).rounded(.up) * 2, allowance: surprise, now: now)
            }
        }
        start = checkpoint
        self.checkpoint = checkpoint
        unsettled = checkpoint.unsettled.sorted()
        reading = .restoring(0)
    }

    func setPace(_ pace: Pace, now: MonotonicTime) {
        state.setPace(pace, now: now)
        for (number, rate) in pace.rates.enumerated() { audits[number].setRate(rate, now: now) }
    }
}
