import SaltmillBytes
import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillPacing

/// A store with tables that are scanned in virtual time, and a scan that reads them: what it was asked and what was written is kept.
struct ScanWorld {
    struct Table {
        var name: String
        /// Size of each item in bytes; an item's JSON is `{"k":{"N":"<position>"}}`.
        var sizes: [Int]
        var provisioned: Double?
        var segments = 4
        /// Units that may still be drawn, where reading is limited.
        var bucket: TokenBucket?
        /// Every request is refused for this reason from this request on.
        var brokenFrom: (request: Int, reply: ScanReply)?

        init(_ name: String, sizes: [Int], provisioned: Double? = nil, segments: Int = 4) {
            self.name = name
            self.sizes = sizes
            self.provisioned = provisioned
            self.segments = segments
        }
    }

    /// How a segment stands: what is on the disk of it.
    struct Saved {
        var items: [Int] = []
        var next: [UInt8]?
        var isDone = false
    }

    var tables: [Table]
    var ceiling = RateCeiling.none
    var configuration = ScanState.Configuration()
    /// Chances that a request fails: without an answer, or by throttling.
    var failing = 0.0
    var throttled = 0.0
    /// Nothing is answered between these times.
    var outage: Range<Int64>?
    /// Whether anybody writes pages down.
    var writes = true
    /// Pages of a segment that are written before they are on the disk.
    var pagesBetweenSaves = 1
    var random: SplitMix64
    var now = MonotonicTime.zero
    /// When which units were consumed, at the time of the answer.
    var consumption: [(time: MonotonicTime, units: Double)] = []
    var requests: [(time: MonotonicTime, table: Int, segment: Int, limit: Int?)] = []
    var mostInFlight = 0
    var saved: [[Saved]]

    init(_ tables: [Table], seed: UInt64) {
        self.tables = tables
        random = SplitMix64(seed: seed)
        configuration.seed = seed
        saved = tables.map { Array(repeating: Saved(), count: $0.segments) }
    }

    /// Every item on the disk, by table, in order.
    var written: [[Int]] { saved.map { $0.flatMap(\.items).sorted() } }
    var isComplete: Bool { saved.allSatisfy { $0.allSatisfy(\.isDone) } }

    private func makeState() -> ScanState {
        var state = ScanState(ceiling: ceiling, now: now, configuration: configuration)
        for (number, table) in tables.enumerated() {
            let segments = (0..<table.segments).map { segment in
                var request = ScanRequest(table: table.name)
                request.segment = (segment, table.segments)
                let saved = saved[number][segment]
                return ScanState.Source.Segment(body: ScanBody(request), start: saved.next, isDone: saved.isDone)
            }
            _ = state.add(.init(provisioned: table.provisioned, isConsistent: false, segments: segments), now: now)
        }
        return state
    }

    /// Dumps until the end, until a time, or until so many steps were taken.
    /// - Returns: the state as it was left.
    mutating func run(until: MonotonicTime? = nil, steps: Int = .max) -> ScanState {
        var state = makeState()
        var arriving: [(time: MonotonicTime, id: ScanState.FlightID, reply: ScanReply)] = []
        var unsaved = saved
        var pages = saved.map { $0.map { _ in 0 } }
        var step = 0
        while step < steps {
            step += 1
            switch state.next(now: now) {
            case .send(let id, let body):
                let (delay, reply) = answer(body)
                arriving.append((now + delay, id, reply))
                mostInFlight = max(mostInFlight, arriving.count)
                continue
            case .wait(let due):
                guard let next = (arriving.map(\.time) + (due.map { [$0] } ?? [])).min() else { return state }
                if let until, next > until {
                    now = until
                    return state
                }
                now = max(now, next)
            }
            let due = arriving.filter { $0.time <= now }
            arriving.removeAll { $0.time <= now }
            for (_, id, reply) in due {
                guard let segment = state.settle(id, reply, now: now), writes else { continue }
                write(segment, &state, &unsaved, &pages)
            }
        }
        return state
    }

    private mutating func write(_ number: Int, _ state: inout ScanState, _ unsaved: inout [[Saved]], _ pages: inout [[Int]]) {
        var (table, segment) = (0, number)
        while segment >= tables[table].segments {
            segment -= tables[table].segments
            table += 1
        }
        while true {
            switch state.work(segment: number) {
            case .write(let page):
                page.forEachItem { item in
                    let digits = item.array.filter { (0x30...0x39).contains($0) }
                    unsaved[table][segment].items.append(Int(String(decoding: digits, as: UTF8.self)) ?? -1)
                }
                unsaved[table][segment].next = page.next
                pages[table][segment] += 1
                state.wrote(bytes: page.body.count)
                if pages[table][segment].isMultiple(of: pagesBetweenSaves) { saved[table][segment] = unsaved[table][segment] }
            case .complete:
                unsaved[table][segment].isDone = true
                saved[table][segment] = unsaved[table][segment]
                return
            case .wait, .abandon: return
            }
        }
    }

    // MARK: The store

    private mutating func answer(_ body: [UInt8]) -> (Duration, ScanReply) {
        let delay = Duration.milliseconds(Int64.random(in: 2...20, using: &random))
        guard let json = try? JSONValue(parsing: body.span), let name = json["TableName"]?.string,
            let number = tables.firstIndex(where: { $0.name == name })
        else { return (delay, .broken(Problem("no such table"))) }
        let segment = json["Segment"]?.int ?? 0
        requests.append((now, number, segment, json["Limit"]?.int))
        if let outage, outage.contains(now.nanoseconds) { return (.seconds(1), .failed(Problem("no answer"))) }
        if let (request, reply) = tables[number].brokenFrom, requests.count >= request { return (delay, reply) }
        if Double.random(in: 0..<1, using: &random) < failing { return (delay, .failed(Problem("no answer"))) }
        if Double.random(in: 0..<1, using: &random) < throttled { return (delay, .throttled) }
        return (delay, page(json, number, segment))
    }

    private mutating func page(_ json: JSONValue, _ number: Int, _ segment: Int) -> ScanReply {
        let table = tables[number]
        let range = (table.sizes.count * segment / table.segments)..<(table.sizes.count * (segment + 1) / table.segments)
        var position = json["ExclusiveStartKey"]?["k"]?["N"]?.string.flatMap { Int($0) }.map { $0 + 1 } ?? range.lowerBound
        let first = position
        var size = 0
        let limit = json["Limit"]?.int ?? .max
        while position < range.upperBound, size < 1 << 20, position - first < limit {
            size += table.sizes[position]
            position += 1
        }
        let units = max(Double((size + 4095) / 4096) / 2, 0.5)
        if tables[number].bucket != nil {
            guard tables[number].bucket?.available(at: now) ?? 0 > 0 else { return .throttled }
            tables[number].bucket?.charge(units, now: now)
        }
        consumption.append((now, units))
        let items = (first..<position).map { #"{"k":{"N":"\#($0)"}}"# }.joined(separator: ",")
        // As the service has it, a page that ends with its limit does not know that it was the last.
        let isLast = position == range.upperBound && position - first < limit
        let next = isLast ? "" : #","LastEvaluatedKey":{"k":{"N":"\#(position - 1)"}}"#
        let text =
            #"{"Items":[\#(items)],"Count":\#(position - first),"ScannedCount":\#(position - first)\#(next),"ConsumedCapacity":{"CapacityUnits":\#(units)}}"#
        guard let page = try? ScanPage(reading: Array(text.utf8)) else { return .failed(Problem("a page that is none")) }
        return .page(page)
    }
}
