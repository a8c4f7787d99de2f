package import Foundation
package import SaltmillDelivery

/// What a journal tells of a job, over all its runs: folded event by event into memory that does not grow with it.
package struct JobStory: Sendable, Equatable {
    /// The job's course at a moment.
    package struct Sample: Sendable, Equatable {
        package var time: Date
        package var written: Int
        /// Consumed since the job began, table and indexes together, in write units.
        package var units: Double
        package var refused: Int
        /// What was allowed then, in units a second; nil for no limit.
        package var ceiling: Double?
    }

    /// A time in which something held: the job waited, was paused, did not run, or was refused.
    package struct Span: Sendable, Equatable {
        package var cause: String
        package var reason: String
        package var from: Date
        /// Nil while it lasts.
        package var to: Date?
        package var seconds: Double? { to.map { max($0.timeIntervalSince(from), 0) } }
    }

    /// Something somebody did, or that changed by itself.
    package struct Change: Sendable, Equatable {
        package var time: Date
        package var text: String
    }

    /// What was done on a day, by UTC.
    package struct Day: Sendable, Equatable {
        package var written = 0
        package var units = 0.0
        package var refused = 0
    }

    /// Entries of a list that are kept; later ones are counted.
    static let limit = 500
    /// Samples that are kept at most: when there are more, every second one goes.
    static let sampleLimit = 1200

    package private(set) var began: Date?
    package private(set) var last: Date?
    package private(set) var runs = 0
    package private(set) var samples: [Sample] = []
    package private(set) var days: [String: Day] = [:]
    package private(set) var waits: [Span] = []
    package private(set) var refusals: [Span] = []
    package private(set) var changes: [Change] = []
    package private(set) var hotKeys: [HotKeyEntry] = []
    package private(set) var account: Account?
    package private(set) var total: Int?
    /// How the last run ended; nil while one is under way or has ended without a word.
    package private(set) var outcome: String?
    package private(set) var message: String?
    /// Entries that were left out of lists.
    package private(set) var omitted = 0
    package private(set) var lost = 0

    private var previous: Sample?
    private var stride = 1
    private var skipped = 0

    package init() {}

    /// Takes in the next event.
    package mutating func note(_ event: JobEvent) {
        if began == nil { began = event.time }
        last = event.time
        if let account = event.account { self.account = account }
        if let total = event.total { self.total = total }
        switch event.name {
        case .started: start(event)
        case .progress: sample(event)
        case .waiting, .paused: begin(\.waits, event)
        case .waited, .unpaused: end(\.waits, event)
        case .refused: begin(\.refusals, event)
        case .admitted: end(\.refusals, event)
        case .hotKey: if let key = event.key { note(key) }
        case .setting, .reread, .capacity, .stopping, .suspended, .clock: change(event)
        case .lost: lost += event.lost ?? 0
        case .finished:
            (outcome, message) = (event.outcome, event.reason)
            close(at: event.time)
        case .resumed, .phase, .rejects: break
        }
    }

    /// A run that ended without a word left things open, and nothing ran since.
    private mutating func start(_ event: JobEvent) {
        runs += 1
        if let seconds = event.seconds {
            let end = event.time.addingTimeInterval(-seconds)
            close(at: end)
            append(\.waits, Span(cause: "not running", reason: event.reason ?? "", from: end, to: event.time))
        }
        (outcome, message) = (nil, nil)
    }

    private mutating func close(at time: Date) {
        for index in waits.indices where waits[index].to == nil { waits[index].to = max(time, waits[index].from) }
        for index in refusals.indices where refusals[index].to == nil { refusals[index].to = max(time, refusals[index].from) }
    }

    private mutating func begin(_ spans: WritableKeyPath<JobStory, [Span]>, _ event: JobEvent) {
        // Of one cause only one lasts: a pause may get another reason.
        end(spans, event)
        append(spans, Span(cause: Self.cause(event), reason: event.reason ?? "", from: event.time))
    }

    private mutating func end(_ spans: WritableKeyPath<JobStory, [Span]>, _ event: JobEvent) {
        let cause = Self.cause(event)
        if let index = self[keyPath: spans].lastIndex(where: { $0.cause == cause && $0.to == nil }) {
            self[keyPath: spans][index].to = event.time
        }
    }

    private static func cause(_ event: JobEvent) -> String {
        event.name == .paused || event.name == .unpaused ? "paused" : event.cause ?? ""
    }

    private mutating func append(_ spans: WritableKeyPath<JobStory, [Span]>, _ span: Span) {
        if self[keyPath: spans].count < Self.limit { self[keyPath: spans].append(span) } else { omitted += 1 }
    }

    private mutating func change(_ event: JobEvent) {
        if changes.count < Self.limit { changes.append(Change(time: event.time, text: event.sentence)) } else { omitted += 1 }
    }

    private mutating func note(_ key: HotKeyEntry) {
        if let index = hotKeys.firstIndex(where: { $0.key == key.key && $0.index == key.index }) {
            hotKeys[index] = key
        } else if hotKeys.count < Self.limit {
            hotKeys.append(key)
        } else {
            omitted += 1
        }
    }

    private mutating func sample(_ event: JobEvent) {
        let units = event.units?.reduce(0, +) ?? 0
        let sample = Sample(
            time: event.time, written: event.account?.written ?? 0, units: units, refused: event.refused ?? 0, ceiling: event.ceiling)
        var day = days[Self.day(event.time)] ?? Day()
        // What was written since the sample before counts for the day of this one; a minute or so goes to the wrong side of midnight.
        day.written += max(sample.written - (previous?.written ?? 0), 0)
        day.units += max(sample.units - (previous?.units ?? 0), 0)
        day.refused += max(sample.refused - (previous?.refused ?? 0), 0)
        days[Self.day(event.time)] = day
        previous = sample
        skipped += 1
        guard skipped >= stride else { return }
        skipped = 0
        samples.append(sample)
        guard samples.count > Self.sampleLimit else { return }
        samples = samples.indices.filter { $0.isMultiple(of: 2) }.map { samples[$0] }
        stride *= 2
    }

    private static func day(_ time: Date) -> String { time.formatted(.iso8601.year().month().day()) }
}
