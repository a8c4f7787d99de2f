package import SaltmillDelivery
import Synchronization

/// What the live page and the metrics are made of: the looks at a running job and the events of its journal, in memory that does not grow.
///
/// Whoever loads only puts things in, which takes microseconds; whatever is asked for is made on the asking side.
package final class LiveJob: Sendable {
    /// Events that are kept.
    package static let eventLimit = 30

    /// What the job is called, and what it writes to.
    package let name: String
    package let table: String
    private let pace: @Sendable (Int64) -> Pace
    private let segments: @Sendable () -> [Double?]
    private let metrics: JobMetrics

    private struct State {
        var snapshot: JobSnapshot
        /// The looks of the last seconds, oldest first.
        var looks: [JobSnapshot] = []
        var series = LiveSeries()
        var speed: CompletionEstimate.Speed?
        /// Newest last.
        var events: [JobEvent] = []
    }
    private let state: Mutex<State>

    /// - Parameters:
    ///   - events: what happened before, oldest first.
    ///   - pace: what is in force at a time, in seconds since 1970.
    ///   - segments: how much of each range of the source has been read, of 1; nil where that cannot be said.
    package init(
        name: String, table: String, events: [JobEvent] = [], pace: @escaping @Sendable (Int64) -> Pace,
        segments: @escaping @Sendable () -> [Double?]
    ) {
        self.name = name
        self.table = table
        self.pace = pace
        self.segments = segments
        metrics = JobMetrics(job: name, table: table)
        state = Mutex(
            State(snapshot: JobSnapshot(clocks: .now, phase: .preparing), events: events.filter(Self.isShown).suffix(Self.eventLimit)))
    }

    private static func isShown(_ event: JobEvent) -> Bool { event.name != .progress }

    /// Takes in a look at the job.
    package func note(_ snapshot: JobSnapshot) {
        state.withLock { state in
            state.snapshot = snapshot
            guard let progress = snapshot.progress else { return }
            state.looks.append(snapshot)
            while state.looks.count > 2, state.looks[1].clocks.boot <= snapshot.clocks.boot - 5 { state.looks.removeFirst() }
            state.series.note(progress, snapshot.clocks)
        }
    }

    /// Takes in an event.
    package func note(_ event: JobEvent) {
        metrics.note(event)
        guard Self.isShown(event) else { return }
        state.withLock { state in
            state.events.append(event)
            if state.events.count > Self.eventLimit { state.events.removeFirst() }
        }
    }

    /// Everything there is to show now.
    package func look() -> LiveLook {
        var look = state.withLock { state in
            LiveLook(
                name: name, table: table, snapshot: state.snapshot, before: state.looks.first, series: state.series, events: state.events)
        }
        look.segments = segments()
        if let progress = look.snapshot.progress { look.remaining = remaining(progress, look.series, look.snapshot.clocks.wall) }
        return look
    }

    private func remaining(_ progress: DeliveryProgress, _ series: LiveSeries, _ now: Double) -> Double? {
        guard let total = progress.totalRows else { return nil }
        let present = pace(Int64(now))
        if let open = series.openSpeed(), present.closed == nil, open.rows > 0 {
            let isHeld = progress.limiter == .ceiling || progress.limiter == .window
            state.withLock {
                $0.speed = .init(rowsPerSecond: open.rows, unitsPerSecond: open.units, rates: present.rates, isHeld: isHeld)
            }
        }
        guard let speed = state.withLock({ $0.speed }) else { return nil }
        let settled = progress.account.read - progress.account.pending
        return CompletionEstimate.seconds(rows: max(total - settled, 0), speed, now: now, pace: pace)
    }

    /// Seconds since the job was looked at last; a job in order is looked at twice a second.
    var age: Double { max(Clocks.now.boot - state.withLock { $0.snapshot.clocks.boot }, 0) }

    /// The metrics now, as Prometheus text.
    package var metricsText: String {
        let look = look()
        return metrics.text(look.snapshot, remaining: look.remaining)
    }
}

/// What there is to show of a job at a moment.
package struct LiveLook: Sendable {
    package var name: String
    package var table: String
    package var snapshot: JobSnapshot
    /// A look some seconds earlier.
    var before: JobSnapshot?
    var series: LiveSeries
    /// Newest last.
    package var events: [JobEvent]
    /// How much of each range has been read, of 1.
    package var segments: [Double?] = []
    /// Seconds left; nil while that cannot be told.
    package var remaining: Double?
}
