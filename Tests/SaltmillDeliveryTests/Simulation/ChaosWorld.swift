import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillPacing

/// A whole job in virtual time: the real delivery state, and around it a model of everything it meets: source, disk, network, store, clock,
/// schedule, and whoever kills its process and starts it again.
///
/// The world does what ``Delivery`` does with threads, one step at a time and in any order that threads might come to: reading, writing a
/// checkpoint and waiting for answers consist of several steps each, and between any two of them anything else may happen.
final class ChaosWorld {
    enum Event {
        /// A process begins where the last checkpoint was.
        case start
        /// The delivery takes a turn, unless it has taken another since this was scheduled.
        case turn(run: Int, ticket: Int)
        case read(run: Int)
        case checkpoint(run: Int)
        case drained(run: Int)
        /// A request comes to the store.
        case arrival(Request, isFirst: Bool)
        case answer(run: Int, batch: UInt64, Reply)
        case incident(Scenario.Incident)
        case outageOver, diskFree, scheduleOpens
    }

    /// A request on its way.
    final class Request {
        let run: Int
        let batch: UInt64
        let body: [UInt8]
        let items: [SentItem]

        init(run: Int, batch: UInt64, body: [UInt8], items: [SentItem]) {
            self.run = run
            self.batch = batch
            self.body = body
            self.items = items
        }
    }

    let scenario: Scenario
    let variant: WrongVariant?
    let trace: Trace
    let source: ModelSource
    var random: SplitMix64
    private(set) var now = MonotonicTime.zero
    private var events = EventQueue<Event>()
    private(set) var steps = 0
    private var kills: [Int]
    private var stepsToKill: Int?
    /// When anything was last read, sent, answered or befell the world.
    var lastNews = MonotonicTime.zero

    var store: ModelStore
    var disk: ModelDisk
    var run: Run?
    private(set) var runs = 0
    var isComplete = false
    /// Requests sent in all.
    var requests = 0

    var isCutOff = false
    var ceilingFactor = 1.0
    var isClosed = false

    init(_ scenario: Scenario, variant: WrongVariant? = nil, trace: Trace = Trace()) {
        self.scenario = scenario
        self.variant = variant
        self.trace = trace
        source = ModelSource(scenario)
        random = SplitMix64(seed: ~scenario.seed)
        kills = scenario.kills
        store = ModelStore(scenario)
        disk = ModelDisk(source.start)
    }

    func schedule(_ event: Event, after delay: Duration = .zero) { events.schedule(event, at: now + delay) }

    /// Runs the job to its end, through all its kills.
    /// - Throws: the first promise that is not kept.
    func play() throws {
        for (time, incident) in scenario.incidents { events.schedule(.incident(incident), at: time) }
        schedule(.start)
        while let (time, event) = events.next() {
            now = max(now, time)
            steps += 1
            guard steps < 200_000, now - lastNews < .seconds(600) || isComplete else {
                throw BrokenPromise("the job does not come to an end: nothing new since \(lastNews.nanoseconds / 1_000_000) ms")
            }
            try handle(event)
            if let run { try run.promises.check(run.state) }
            // Looking at everything takes long: a part of the steps must do, all of them when somebody looks on.
            let isLookedAt = random.chance(0.02)
            if isLookedAt || trace.isPrinted { try checkCheckpoint() }
            if let left = stepsToKill, run != nil {
                stepsToKill = left - 1
                if left <= 0 { try kill() }
            }
        }
        guard isComplete else { throw BrokenPromise("nothing is left to happen, and the job is not done") }
        try source.checkEnd(disk, store: store)
    }

    private func handle(_ event: Event) throws {
        switch event {
        case .start: try start()
        case .turn(let number, let ticket): if isAlive(number), run?.ticket == ticket { try turn() }
        case .read(let number): if isAlive(number) { try read() }
        case .checkpoint(let number): if isAlive(number) { try keepCheckpoint() }
        case .drained(let number): if isAlive(number) { try finish() }
        case .arrival(let request, let isFirst): arrive(request, isFirst: isFirst)
        case .answer(let number, let batch, let reply): if isAlive(number) { try settle(batch, reply) }
        case .incident(let incident): try befall(incident)
        case .outageOver:
            isCutOff = false
            lastNews = now
        case .diskFree:
            disk.isFull = false
            lastNews = now
        case .scheduleOpens:
            isClosed = false
            try changePace()
        }
    }

    private func isAlive(_ number: Int) -> Bool { run?.number == number }

    // MARK: Runs

    private func start() throws {
        guard !isComplete else { return }
        runs += 1
        lastNews = now
        stepsToKill = kills.popLast()
        try disk.open(cutsRejects: variant != .rejectsNotCut)
        let run = Run(number: runs, disk.checkpoint, source, variant: variant, seed: random.next(), now: now)
        trace.note(now, 1, "run \(runs) starts: \(disk.checkpoint.account), \(disk.checkpoint.unsettled.count) unsettled")
        self.run = run
        try changePace()
        schedule(.read(run: runs), after: shortly())
        schedule(.checkpoint(run: runs), after: scenario.checkpointInterval)
        try turn()
    }

    /// The process is gone, at whatever it was; the power too, sometimes.
    private func kill() throws {
        try checkCheckpoint()
        guard let run else { return }
        let isPowerCut = random.chance(0.3)
        trace.note(now, 2, "run \(run.number) is killed\(isPowerCut ? ", the power fails" : "")")
        if !run.waitingLines.isEmpty, random.chance(0.5) { disk.tear(run.waitingLines, &random) }
        if isPowerCut { disk.lose(&random) }
        restart()
    }

    /// Another process takes over after a while.
    func restart() {
        run = nil
        stepsToKill = nil
        schedule(.start, after: scenario.hotDay == nil ? random.milliseconds(0...3000) : .zero)
    }

    /// A little time, or none: what another thread may need.
    func shortly() -> Duration { random.chance(0.5) ? .zero : .microseconds(random.int(1...3000)) }

    // MARK: Incidents

    private func befall(_ incident: Scenario.Incident) throws {
        lastNews = now
        trace.note(now, 3, "\(incident)")
        switch incident {
        case .outage(let length):
            isCutOff = true
            schedule(.outageOver, after: length)
        case .diskFull(let length):
            disk.isFull = true
            schedule(.diskFree, after: length)
        case .pace(let factor):
            ceilingFactor = factor
            try changePace()
        case .closed(let length, let ends):
            isClosed = true
            schedule(.scheduleOpens, after: length)
            try changePace()
            if ends, let run, !run.state.isDone { try end(.window("later")) }
        case .capacity(let table, let index): if !scenario.isOnDemand { store.setCapacity(table: table, index: index, now: now) }
        case .interrupted: try end(.interrupted)
        }
    }

    /// Tells the delivery what the schedule says.
    private func changePace() throws {
        lastNews = now
        guard run != nil else { return }
        let rates = scenario.limits.map { $0.rate * ceilingFactor }
        run?.setPace(Pace(rates: rates, closed: isClosed ? Wait(.window, "closed") : nil, text: "", until: nil), now: now)
        try turn()
    }

    /// Somebody asks the process to stop.
    private func end(_ ending: Ending) throws {
        guard run != nil else { return }
        run?.state.end(ending)
        try turn()
    }
}
