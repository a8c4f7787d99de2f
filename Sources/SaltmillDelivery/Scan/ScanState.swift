import DequeModule
package import SaltmillDynamoDB
package import SaltmillPacing

/// The scan of tables without threads: requests for pages come out, answers go in, pages wait for whoever writes them down.
///
/// A value without clock, socket or file: time comes in as an argument. Every table is read in segments, each of which has one request under
/// way at most; all of them share one limit, and each table has its own besides.
package struct ScanState: Sendable {
    package struct Configuration: Sendable {
        /// Requests in flight at once.
        package var maximumInFlight = 16
        /// Bytes of answers that may wait to be written, those expected of requests in flight included; one request is always allowed.
        package var maximumBuffered = 8 << 20
        /// Waits of a segment whose page is refused.
        package var refusal = Backoff(base: .milliseconds(100), cap: .seconds(5))
        /// Waits of a segment whose request went without an answer while others are answered.
        package var failure = Backoff(base: .milliseconds(50), cap: .seconds(2))
        /// Waits of everything while nothing succeeds.
        package var outage = Backoff(base: .milliseconds(200), cap: .seconds(30))
        /// No answer is worth waiting for even before anything was read; otherwise the dump ends after ten failures.
        package var isPatient = false
        /// Failed requests in a row after which everything waits and a single request probes.
        package var outageThreshold = 4
        package var seed: UInt64 = 1

        package init() {}
    }

    /// What is to be read of a table.
    package struct Source: Sendable {
        /// Read units a second; nil for tables on demand.
        package var provisioned: Double?
        package var isConsistent: Bool
        package var segments: [Segment]

        package struct Segment: Sendable {
            package var body: ScanBody
            /// Where to go on, as an answer said it; nil at the beginning.
            package var start: [UInt8]?
            /// Nothing of it is left to be read.
            package var isDone: Bool

            package init(body: ScanBody, start: [UInt8]? = nil, isDone: Bool = false) {
                self.body = body
                self.start = start
                self.isDone = isDone
            }
        }

        package init(provisioned: Double?, isConsistent: Bool, segments: [Segment]) {
            self.provisioned = provisioned
            self.isConsistent = isConsistent
            self.segments = segments
        }
    }

    /// A request's number.
    package typealias FlightID = UInt64

    /// What to do next.
    package enum Turn: Sendable {
        /// A request, with its body.
        case send(FlightID, [UInt8])
        case wait(until: MonotonicTime?)
    }

    private struct Table: Sendable {
        var pace: ReadPace
        /// Something of it was read in this run.
        var hasSucceeded = false
        var failure: String?
    }

    private struct Segment: Sendable {
        var table: Int
        var body: ScanBody
        var start: [UInt8]?
        /// Its last page has come.
        var isRead: Bool
        var isInFlight = false
        var attempt = 0
        var notBefore: MonotonicTime
        var pages: Deque<ScanPage> = []
    }

    private struct Flight: Sendable {
        var segment: Int
        var charged: Double
        /// The request was made before the current pause.
        var isOld = false
    }

    private let configuration: Configuration
    private var tables: [Table] = []
    private var segments: [Segment] = []
    /// What part of each table's provisioned units may be used; nil for all.
    private var share: Double?
    /// The limit over all tables.
    private var limit: TokenBucket
    private var flights: [FlightID: Flight] = [:]
    private var lastFlight: FlightID = 0
    private var turn = 0
    private var random: SplitMix64

    /// Bytes of answers that have not been written yet.
    private var buffered = 0
    /// Bytes of memory that an answer is expected to take while it comes in; at first as many as one whose JSON is mostly escapes.
    private var expected = 8 << 20

    private var failuresInARow = 0
    private var outages = 0
    private var isProbing = false
    private var pausedUntil: MonotonicTime?

    package private(set) var usage = Usage(indexCount: 0)
    /// Items looked at in this run, those that the filter left out included.
    package private(set) var scanned = 0
    /// What keeps the scan from going on, if anything.
    private var trouble: String?
    /// Why nothing is read for the time being, when nothing is.
    private var closed: String?
    /// What the scan waits for, if it waits.
    package var problem: String? { trouble ?? closed }
    package private(set) var ending: Ending?

    /// - Parameter ceiling: an absolute one is shared by all tables, a share is of each.
    package init(ceiling: RateCeiling = .none, now: MonotonicTime, configuration: Configuration = Configuration()) {
        self.configuration = configuration
        limit = TokenBucket(rate: ceiling.readUnits, now: now)
        share = ceiling.share
        random = SplitMix64(seed: configuration.seed)
    }

    /// Adds a table to be read.
    /// - Returns: its number, and the numbers of its segments.
    package mutating func add(_ source: Source, now: MonotonicTime) -> (table: Int, segments: Range<Int>) {
        let number = tables.count
        let range = segments.count..<(segments.count + source.segments.count)
        let pace = ReadPace(provisioned: source.provisioned, share: share, isConsistent: source.isConsistent, now: now)
        tables.append(Table(pace: pace))
        segments += source.segments.map { Segment(table: number, body: $0.body, start: $0.start, isRead: $0.isDone, notBefore: now) }
        return (number, range)
    }

    // MARK: What is there

    package var inFlight: Int { flights.count }

    /// The user's ceiling in units a second; nil for none.
    package var ceilingRate: Double? {
        let rate = min(limit.rate, share == nil ? .infinity : tables.reduce(0) { $0 + $1.pace.ceilingRate })
        return rate < .infinity ? rate : nil
    }

    /// Why tables cannot be read, of those that cannot.
    package var tableFailures: [String] { tables.compactMap(\.failure) }

    /// Why a table cannot be dumped, if so.
    package func failure(ofTable table: Int) -> String? { tables[table].failure }

    // MARK: Writing

    /// What the writer of a segment is to do.
    package enum Work: Sendable {
        case write(ScanPage)
        /// Nothing for now.
        case wait
        /// Every page of the segment has been handed over.
        case complete
        /// No more pages are waited for, although the segment is not complete.
        case abandon
    }

    /// The next page of a segment that is to be written; it counts as buffered until ``wrote(bytes:)``.
    package mutating func work(segment: Int) -> Work {
        if let page = segments[segment].pages.popFirst() { return .write(page) }
        if segments[segment].isRead { return .complete }
        return isGivenUp(segment: segment) ? .abandon : .wait
    }

    /// No more of a segment is asked for.
    package func isGivenUp(segment: Int) -> Bool { ending != nil || tables[segments[segment].table].failure != nil }

    /// A page has been written down.
    package mutating func wrote(bytes: Int) { buffered -= bytes }

    // MARK: Sending

    package mutating func next(now: MonotonicTime) -> Turn {
        guard ending == nil, closed == nil else { return .wait(until: nil) }
        if let pausedUntil {
            guard pausedUntil <= now else { return .wait(until: pausedUntil) }
            self.pausedUntil = nil
        }
        guard flights.count < (isProbing ? 1 : configuration.maximumInFlight), mayBuffer else { return .wait(until: nil) }
        var earliest: MonotonicTime?
        for step in segments.indices {
            let number = (turn + step) % segments.count
            let segment = segments[number]
            guard !segment.isRead, !segment.isInFlight, tables[segment.table].failure == nil else { continue }
            guard segment.notBefore <= now else {
                earliest = min(earliest ?? segment.notBefore, segment.notBefore)
                continue
            }
            let (size, cost) = tables[segment.table].pace.nextPage(under: limit.rate)
            limit.fit(cost)
            let shared = limit.time(of: cost, now: now)
            // The tables take turns under the common limit: whoever is next is waited for.
            guard shared <= now else { return .wait(until: min(earliest ?? shared, shared)) }
            let own = tables[segment.table].pace.time(of: cost, now: now)
            guard own <= now else {
                earliest = min(earliest ?? own, own)
                continue
            }
            turn = number + 1
            return send(number, limit: size, cost: cost, now: now)
        }
        return .wait(until: earliest)
    }

    private var mayBuffer: Bool {
        guard buffered > 0 || !flights.isEmpty else { return true }
        return buffered + (flights.count + 1) * expected <= configuration.maximumBuffered
    }

    private mutating func send(_ number: Int, limit size: Int?, cost: Double, now: MonotonicTime) -> Turn {
        limit.charge(cost, now: now)
        tables[segments[number].table].pace.charge(cost, limit: size, now: now)
        segments[number].isInFlight = true
        lastFlight += 1
        flights[lastFlight] = Flight(segment: number, charged: cost)
        usage.requests += 1
        return .send(lastFlight, segments[number].body.bytes(limit: size, start: segments[number].start))
    }

    // MARK: Answers

    /// Takes in what came of a request.
    /// - Returns: the segment whose writer has something to do; nil when the request is not known.
    @discardableResult
    package mutating func settle(_ id: FlightID, _ reply: ScanReply, now: MonotonicTime) -> Int? {
        guard let flight = flights.removeValue(forKey: id) else { return nil }
        let number = flight.segment
        segments[number].isInFlight = false
        switch reply {
        case .page(let page) where page.next != nil && page.next == segments[number].start:
            failed(flight, Problem("the server's page ends where it began"), now: now)
        case .page(let page): received(page, flight, now: now)
        case .throttled:
            failuresInARow = 0
            trouble = nil
            usage.throttledRequests += 1
            tables[segments[number].table].pace.refused(charged: flight.charged, now: now)
            postpone(number, configuration.refusal, now: now)
        case .failed(let problem): failed(flight, problem, now: now)
        case .broken(let problem): fail(table: segments[number].table, problem.message)
        }
        return number
    }

    private mutating func received(_ page: ScanPage, _ flight: Flight, now: MonotonicTime) {
        failuresInARow = 0
        outages = 0
        isProbing = false
        trouble = nil
        let number = flight.segment
        let table = segments[number].table
        let consumed = page.consumed ?? Self.estimate(page, charged: flight.charged)
        limit.charge(consumed - flight.charged, now: now)
        tables[table].pace.settle(charged: flight.charged, consumed: consumed, scanned: page.scannedCount, now: now)
        tables[table].hasSucceeded = true
        usage.units[0] += consumed
        scanned += page.scannedCount
        // The writers of a table that was given up have left: nobody would take the page.
        guard tables[table].failure == nil else { return }
        buffered += page.body.count
        // A buffer that grows is up to twice as large as what is in it.
        expected = max(expected * 3 / 4, page.body.count * 3 / 2, 16 << 10)
        segments[number].attempt = 0
        segments[number].start = page.next
        segments[number].isRead = page.next == nil
        segments[number].pages.append(page)
    }

    /// What a page must have cost that does not say so: its bytes are what they are read from, unless some were filtered out.
    private static func estimate(_ page: ScanPage, charged: Double) -> Double {
        let byBytes = Double((page.body.count + 4095) / 4096) / 2
        return page.scannedCount > page.items.count ? max(byBytes, charged) : byBytes
    }

    private mutating func postpone(_ number: Int, _ backoff: Backoff, now: MonotonicTime) {
        segments[number].attempt += 1
        segments[number].notBefore = now + backoff.wait(attempt: segments[number].attempt, using: &random)
    }

    private mutating func failed(_ flight: Flight, _ problem: Problem, now: MonotonicTime) {
        usage.failedRequests += 1
        failuresInARow += 1
        trouble = problem.message
        let table = segments[flight.segment].table
        if !tables[table].hasSucceeded, problem.isPermanent { return fail(table: table, problem.message) }
        if !configuration.isPatient, failuresInARow >= 10, !tables.contains(where: \.hasSucceeded) {
            return end(.temporary(problem.message))
        }
        postpone(flight.segment, configuration.failure, now: now)
        // The failure of a request from before the pause is no news.
        guard failuresInARow >= configuration.outageThreshold, !flight.isOld else { return }
        outages += 1
        isProbing = true
        pausedUntil = now + configuration.outage.wait(attempt: outages, using: &random)
        for id in flights.keys { flights[id]?.isOld = true }
    }

    // MARK: Steering

    /// Gives a table up for a reason; the others go on.
    package mutating func fail(table: Int, _ reason: String) {
        if tables[table].failure == nil { tables[table].failure = reason }
        trouble = nil
    }

    /// Sets another ceiling, or closes for the time being.
    /// - Parameter closed: why nothing is to be read; nil to go on.
    package mutating func setCeiling(_ ceiling: RateCeiling, closed: String?, now: MonotonicTime) {
        self.closed = closed
        if ceiling.readUnits != limit.rate { limit.setRate(ceiling.readUnits, now: now) }
        guard ceiling.share != share else { return }
        share = ceiling.share
        for table in tables.indices { tables[table].pace.setShare(share, now: now) }
    }

    /// Ends the scan: nothing more is asked for; what has come is still to be written.
    package mutating func end(_ ending: Ending) {
        if self.ending == nil { self.ending = ending }
    }

    /// Takes in what a table says of itself: read units a second; nil for tables on demand.
    package mutating func know(provisioned: Double?, ofTable table: Int, now: MonotonicTime) {
        tables[table].pace.know(provisioned, now: now)
    }
}

extension RateCeiling {
    /// Read units a second over all tables together; infinite where no such number is set. Bytes are reckoned as those of consistent reads,
    /// 4 KB a unit.
    package var readUnits: Double {
        switch self {
        case .absolute(let rate, .units), .absolute(let rate, .items): rate
        case .absolute(let rate, .bytes): rate / 4096
        case .share, .none: .infinity
        }
    }

    /// The part of what is provisioned; nil where no part is set.
    var share: Double? { if case .share(let share) = self { share } else { nil } }
}
