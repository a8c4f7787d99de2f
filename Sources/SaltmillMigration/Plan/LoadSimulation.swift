import DequeModule
import SaltmillDelivery
import SaltmillDispatching
import SaltmillPacing
import SaltmillPartitions

/// A load in virtual time: the dispatcher that loads use, in front of the partitions that the embedded endpoint has, with the source's own rows.
package struct LoadSimulation: ~Copyable {
    /// What came of it.
    package struct Outcome: Sendable, Equatable {
        package var physics: String
        /// Seconds from start to end, closed hours included, and seconds of them in which the schedule was open.
        package var seconds: Double
        package var openSeconds: Double
        package var written: Int
        /// Write units, of the table first.
        package var units: [Double]
        /// Tries of items that were refused, by what refused them.
        package var refused: [String: Int]
        /// The most rows that waited for a hot key at any time.
        package var mostSetAside: Int
        /// Partitions at the end, of the table first.
        package var partitions: [Int]
        package var splits: Int
        package var series: SimulationSeries
        /// The rehearsal ended before everything was written: it would go on for years.
        package var isCutShort: Bool

        /// Refused tries among all tries.
        package var refusedShare: Double {
            let tries = Double(refused.values.reduce(0, +))
            return tries > 0 ? tries / (tries + Double(written)) : 0
        }
    }

    /// Rows that a range should have ready, and the time that an answer takes.
    private static let lowWater = 64
    private static let latency = Duration.milliseconds(5)
    private static let longest = 3_660.0 * 86_400

    private var rows: SimulatedRows
    private var table: PartitionedTable
    private let limits: WriteLimits
    private let start: Int64
    private let resourceCount: Int
    private var dispatcher: Dispatcher
    private var now = MonotonicTime.zero
    private var outcome: Outcome

    private var offered: [Deque<SimulatedRow>]
    private var slots: [SimulatedRow?] = []
    private var aside: [UInt64: Deque<SimulatedRow>] = [:]
    private var asideCount = 0
    private struct Flight {
        var arrival: MonotonicTime
        var id: BatchID
        var slots: [Int]
    }
    private var flights: Deque<Flight> = []
    private var pace: (closed: Bool, until: MonotonicTime?, text: String)

    /// - Parameters:
    ///   - start: when the load begins, in seconds since 1970.
    ///   - throughputs: of the table and each index.
    init(
        _ rows: consuming SimulatedRows, limits: WriteLimits, throughputs: [SaltmillPartitions.Throughput], physics: Physics, start: Int64
    ) {
        let count = rows.rangeCount
        self.rows = rows
        self.limits = limits
        self.start = start
        resourceCount = throughputs.count
        let sets = throughputs.map { PartitionSet($0, physics: physics, at: 0) }
        table = PartitionedTable(table: sets[0], indexes: Array(sets.dropFirst()))
        // One more range for rows that come back.
        dispatcher = Dispatcher(ranges: count + 1, indexCount: throughputs.count - 1, limits: limits.limits(now: .zero))
        offered = [Deque<SimulatedRow>](repeating: [], count: count + 1)
        outcome = Outcome(
            physics: physics.model == .even2015 ? "2015" : "adaptive", seconds: 0, openSeconds: 0, written: 0,
            units: [Double](repeating: 0, count: throughputs.count), refused: [:], mostSetAside: 0, partitions: [], splits: 0,
            series: SimulationSeries(), isCutShort: false)
        pace = (false, nil, "")
    }

    /// Runs the load to its end.
    /// - Throws: `SourceError`; `CancellationError` when the surrounding task is cancelled.
    package consuming func run(progress: (Int) -> Void = { _ in }) throws -> Outcome {
        setPace()
        dispatcher.close(range: rows.rangeCount)
        for range in 0..<rows.rangeCount { try fill(range) }
        var sends = 0
        loop: while true {
            if let until = pace.until, until <= now { setPace() }
            if pace.closed, flights.isEmpty {
                guard let until = pace.until, until.inSeconds < Self.longest else {
                    outcome.isCutShort = true
                    break
                }
                outcome.series.close(from: now.inSeconds, to: until.inSeconds)
                now = max(now, until)
                setPace()
                continue
            }
            var wake: MonotonicTime? = pace.until
            if !pace.closed {
                switch dispatcher.next(now: now) {
                case .finished: break loop
                case .send(let id, let slots):
                    try admit()
                    flights.append(Flight(arrival: now + Self.latency, id: id, slots: slots))
                    sends += 1
                    if sends & 0xFFF == 0 {
                        try Task.checkCancellation()
                        progress(outcome.written)
                        if now.inSeconds > Self.longest {
                            outcome.isCutShort = true
                            break loop
                        }
                    }
                    continue
                case .wait(let until):
                    if try admit() { continue }
                    if let until { wake = min(wake ?? until, until) }
                }
            }
            guard let next = [wake, flights.first?.arrival].compactMap({ $0 }).min() else { break }
            now = max(now, next)
            while let flight = flights.first, flight.arrival <= now {
                flights.removeFirst()
                settle(flight)
            }
        }
        return finish()
    }

    private consuming func finish() -> Outcome {
        outcome.seconds = now.inSeconds
        outcome.series.finish(at: now.inSeconds)
        let closed = outcome.series.samples.reduce(0) { $0 + $1.closed }
        outcome.openSeconds = max(outcome.seconds - closed, 0)
        outcome.partitions = [table.table.count] + table.indexes.map(\.count)
        outcome.splits = table.table.takeSplits().count
        for index in table.indexes.indices { outcome.splits += table.indexes[index].takeSplits().count }
        return outcome
    }

    private mutating func setPace() {
        let utc = start + Int64(now.inSeconds)
        let current = limits.pace(at: utc)
        for (number, rate) in current.rates.enumerated() { dispatcher.setRate(rate, ofLimit: number, now: now) }
        pace = (current.closed != nil, current.until.map { .zero + .seconds($0 - start) }, current.text)
    }

    // MARK: Rows

    /// Reads on in a range until it has rows ready, or is at its end.
    private mutating func fill(_ range: Int) throws {
        while dispatcher.backlog(range: range) < Self.lowWater {
            guard let more = try rows.read(range: range) else { return dispatcher.close(range: range) }
            let count = resourceCount
            dispatcher.offer(more.map(\.offer), values: more.flatMap { Self.indexValues($0, resourceCount: count) }, range: range)
            offered[range].append(contentsOf: more)
        }
    }

    /// A row's values of the indexes' hash keys, 0 where it is not in an index; their positions will do.
    private static func indexValues(_ row: SimulatedRow, resourceCount: Int) -> [UInt64] {
        (1..<max(resourceCount, 1)).map { number in row.charges.first { $0.resource.number == number }?.position ?? 0 }
    }

    /// Takes note of what the dispatcher has taken up or set aside, and brings rows back that there is room for again.
    /// - Returns: whether anything came in.
    @discardableResult
    private mutating func admit() throws -> Bool {
        var touched: Set<Int> = []
        for admission in dispatcher.takeAdmissions() {
            let range = Int(admission.token)
            guard let row = offered[range].popFirst() else { continue }
            touched.insert(range)
            if let slot = admission.slot {
                while slots.count <= slot { slots.append(nil) }
                slots[slot] = row
            } else {
                aside[admission.lane, default: []].append(row)
                asideCount += 1
            }
        }
        outcome.mostSetAside = max(outcome.mostSetAside, asideCount)
        for range in touched where range < rows.rangeCount { try fill(range) }
        var hasNews = false
        while let lane = dispatcher.laneToRecall(), var waiting = aside[lane], !waiting.isEmpty {
            for _ in 0..<min(waiting.count, 16) {
                guard var row = waiting.popFirst() else { break }
                row.offer.token = UInt64(rows.rangeCount)
                dispatcher.offer(
                    [row.offer], values: Self.indexValues(row, resourceCount: resourceCount), range: rows.rangeCount)
                dispatcher.recalled(lane: lane)
                offered[rows.rangeCount].append(row)
                asideCount -= 1
            }
            aside[lane] = waiting.isEmpty ? nil : waiting
            hasNews = true
        }
        return hasNews || !touched.isEmpty
    }

    // MARK: Answers

    private mutating func settle(_ flight: Flight) {
        var refused: [Int] = []
        var consumed = [Double](repeating: 0, count: resourceCount)
        let time = now.nanoseconds
        for (place, slot) in flight.slots.enumerated() {
            guard let row = slots[slot] else { continue }
            do throws(Refusal) {
                try table.admit(row.charges, at: time)
                for (charge, bytes) in zip(row.charges, row.bytes) {
                    consumed[charge.resource.number] += charge.units
                    table.stored(bytes, in: charge.resource, position: charge.position, at: time)
                }
            } catch {
                refused.append(place)
                outcome.refused[error.reason, default: 0] += 1
            }
        }
        let isThrottled = refused.count == flight.slots.count
        let answer: SaltmillDispatching.Outcome = isThrottled ? .throttled() : .answered(refused: refused, consumed: consumed)
        let settlement = dispatcher.settle(flight.id, answer, now: now)
        for slot in settlement.written { slots[slot] = nil }
        outcome.written += settlement.written.count
        for resource in consumed.indices { outcome.units[resource] += consumed[resource] }
        let (parked, text) = (dispatcher.parkedLanes, pace.text)
        let partitions = table.indexes.reduce(table.table.count) { $0 + $1.count }
        outcome.series.at(now.inSeconds) { sample in
            for units in consumed { sample.units += units }
            sample.written += settlement.written.count
            sample.refused += refused.count
            sample.parked = parked
            sample.partitions = partitions
            sample.limit = text
        }
    }
}

extension Resource {
    /// 0 for the table, *i* + 1 for index *i*.
    fileprivate var number: Int {
        switch self {
        case .table: 0
        case .index(let number): number + 1
        }
    }
}

extension MonotonicTime {
    fileprivate var inSeconds: Double { Double(nanoseconds) / 1e9 }
}
