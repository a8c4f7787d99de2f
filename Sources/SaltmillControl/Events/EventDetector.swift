package import SaltmillDelivery

/// Makes events of looks at a running job: snapshots go in, what changed since the last one comes out.
///
/// A value without clock or file; whoever looks says what time it is, and the order of the looks is all that counts.
package struct EventDetector: Sendable {
    /// A machine slept, or a clock was set, when two clocks differ by more than this since the last look, in seconds.
    static let clockTolerance = 2.0
    /// A process that was not looked at for longer was held, or its machine was, in seconds.
    static let longestGap = 10.0
    /// So many hot keys are told of in one run.
    static let hotKeyLimit = 20

    private var previous: JobSnapshot?
    private var waits = WaitWatch()
    private var refusals = RefusalWatch()
    private var hotKeys: Set<String> = []
    private var provisioned: [String: Double?] = [:]
    private var rejectMark: Int?
    private var loadingSince: Double?
    private var progressDue = 0.0

    package init() {}

    /// Takes in a look at the job.
    /// - Returns: what happened since the one before, in order.
    package mutating func note(_ snapshot: JobSnapshot) -> [JobEvent] {
        let now = snapshot.clocks
        var events: [JobEvent] = []
        if let previous { events += clockEvents(since: previous.clocks, now) }
        if previous?.phase != snapshot.phase {
            events.append(
                .make(.phase, at: now.wall) {
                    $0.old = previous?.phase.rawValue
                    $0.new = snapshot.phase.rawValue
                })
        }
        if let progress = snapshot.progress {
            if loadingSince == nil {
                loadingSince = now.boot
                progressDue = now.boot
                if progress.run > 1 { events.append(.make(.resumed, at: now.wall) { $0.account = progress.account }) }
            }
            events += capacityEvents(progress, now)
            events += waits.note(progress.wait, now)
            events += refusals.note(progress, now)
            events += hotKeyEvents(progress, now)
            events += rejectEvents(progress, now)
            if now.boot >= progressDue {
                events.append(Self.progressEvent(progress, now))
                progressDue = now.boot + progressInterval(now.boot)
            }
        }
        previous = snapshot
        return stamped(events)
    }

    /// Ends whatever is under way, at the end of a run.
    package mutating func finish(_ now: Clocks, _ progress: DeliveryProgress?) -> [JobEvent] {
        var events = waits.end(now) + refusals.end(now)
        if let progress {
            previous?.progress = progress
            events.append(Self.progressEvent(progress, now))
        }
        return stamped(events)
    }

    private func stamped(_ events: [JobEvent]) -> [JobEvent] {
        let run = previous?.progress?.run
        return events.map { event in
            var event = event
            event.run = run
            return event
        }
    }

    // MARK: Kinds of events

    private func clockEvents(since last: Clocks, _ now: Clocks) -> [JobEvent] {
        var events: [JobEvent] = []
        let slept = (now.boot - last.boot) - (now.awake - last.awake)
        let gap = now.boot - last.boot
        if slept > Self.clockTolerance || gap > Self.longestGap {
            events.append(.make(.suspended, at: now.wall) { $0.seconds = gap.rounded(.down) })
        }
        let set = (now.wall - last.wall) - (now.boot - last.boot)
        if abs(set) > Self.clockTolerance { events.append(.make(.clock, at: now.wall) { $0.seconds = set.rounded() }) }
        return events
    }

    private mutating func capacityEvents(_ progress: DeliveryProgress, _ now: Clocks) -> [JobEvent] {
        var events: [JobEvent] = []
        for limit in progress.limits where limit.kind == .capacity {
            guard let resource = limit.resource else { continue }
            if let known = provisioned[resource], known != limit.provisioned {
                events.append(
                    .make(.capacity, at: now.wall) {
                        $0.setting = resource
                        $0.old = Self.text(known)
                        $0.new = Self.text(limit.provisioned)
                    })
            }
            provisioned[resource] = .some(limit.provisioned)
        }
        return events
    }

    private static func text(_ units: Double?) -> String { units.map { "\(Int($0.rounded()))/s" } ?? "on demand" }

    private mutating func hotKeyEvents(_ progress: DeliveryProgress, _ now: Clocks) -> [JobEvent] {
        var events: [JobEvent] = []
        for key in progress.hotKeys where hotKeys.count < Self.hotKeyLimit {
            guard hotKeys.insert("\(key.index ?? "")\u{0}\(key.key)").inserted else { continue }
            events.append(.make(.hotKey, at: now.wall) { $0.key = key })
        }
        return events
    }

    /// The marks are 1, 2, 5, 10, 20, 50 and so on.
    private mutating func rejectEvents(_ progress: DeliveryProgress, _ now: Clocks) -> [JobEvent] {
        let mark = Self.mark(below: progress.account.rejected)
        // What an earlier run rejected has been told.
        let last = rejectMark ?? (progress.run > 1 ? mark : 0)
        rejectMark = max(mark, last)
        guard mark > last else { return [] }
        return [
            .make(.rejects, at: now.wall) {
                $0.account = progress.account
                $0.total = progress.totalRows
            }
        ]
    }

    static func mark(below count: Int) -> Int {
        guard count > 0 else { return 0 }
        var scale = 1
        while scale <= count / 10 { scale *= 10 }
        return scale * (count >= 5 * scale ? 5 : count >= 2 * scale ? 2 : 1)
    }

    // MARK: Samples

    /// Often in the first minutes of a run, then every minute: a month's samples stay below 20 MB, a thousand restarts included.
    private func progressInterval(_ boot: Double) -> Double {
        let age = boot - (loadingSince ?? boot)
        return age < 30 ? 1 : age < 300 ? 10 : 60
    }

    private static func progressEvent(_ progress: DeliveryProgress, _ now: Clocks) -> JobEvent {
        .make(.progress, at: now.wall) {
            $0.account = progress.account
            $0.total = progress.totalRows
            $0.units = progress.usage.units.map { ($0 * 10).rounded() / 10 }
            $0.refused = progress.usage.refusedItems
            $0.ceiling = progress.ceiling
            $0.capacity = progress.capacity
            $0.limiter = progress.wait?.reason ?? progress.limiter?.text
        }
    }
}
