import DequeModule
import SaltmillPacing

/// What refusals are blamed on, and where refused writes wait.
extension Dispatcher {
    /// Without a refusal for this long, nobody is suspected any more.
    private static let memory = Duration.seconds(30)
    /// Values that got a lane and are remembered for the report.
    private static let hotCapacity = 128
    /// Part of what was accepted of a value that its lane begins with.
    private static let partToBegin = 0.5

    /// Counts tries and refusals by value: first tries only, since what waits in a lane is tried at another rate than it comes, and not of values that
    /// have a lane by now.
    /// - Parameter resources: what refused them.
    mutating func investigate(written: [Slot], refused: [Slot], by resources: UInt32 = .max, now: MonotonicTime) {
        if refused.isEmpty {
            guard now - lastRefusal < Self.memory else { return suspects.removeAll() }
        } else {
            lastRefusal = now
        }
        var tries = 0
        var refusals = 0
        for slot in refused where isFirstTry(slot) {
            refusals += 1
            for resource in 0...indexCount where resources >> UInt32(resource) & 1 != 0 {
                if let lane = lane(of: slot, resource: resource) { suspects.add(lane, resource: resource, now: now) }
            }
        }
        for (slots, isRefused) in [(written, false), (refused, true)] {
            for slot in slots where isFirstTry(slot) {
                tries += 1
                for resource in 0...indexCount where !isRefused || resources >> UInt32(resource) & 1 != 0 {
                    guard let lane = lane(of: slot, resource: resource), suspects.contains(lane) else { continue }
                    suspects.note(lane, isRefused: isRefused, units: cost(of: slot, on: resource), now: now)
                }
            }
        }
        suspects.note(tries: tries, refusals: refusals)
    }

    private func isFirstTry(_ slot: Slot) -> Bool { laneOf[slot] == 0 && (hotLanes.count == 0 || hotLane(of: slot) == nil) }

    /// The lane in which a refused write waits: that of its most suspicious value, or one of its own.
    mutating func place(of slot: Slot, now: MonotonicTime) -> UInt64 {
        let current = laneOf[slot]
        if hotLanes.contains(current) { return current }
        var worst: (lane: UInt64, guilt: Double, resource: Int)?
        for resource in 0...indexCount {
            guard let lane = lane(of: slot, resource: resource) else { continue }
            if hotLanes.contains(lane) { return lane }
            if let guilt = suspects.guilt(of: lane), guilt > worst?.guilt ?? 0 { worst = (lane, guilt, resource) }
        }
        guard let worst else {
            let alone = KeyLane.alone(offers[slot].key)
            if lanes[alone] == nil { lanes[alone] = Lane(resource: nil, now: now) }
            return alone
        }
        open(worst.lane, resource: worst.resource, now: now)
        return worst.lane
    }

    /// Gives a value a lane.
    private mutating func open(_ key: UInt64, resource: Int, now: MonotonicTime) {
        guard let suspect = suspects[key] else { return }
        let seconds = max((now - suspect.since).inSeconds, 0.05)
        lanes[key] = Lane(
            resource: resource, rate: suspect.accepted / seconds * Self.partToBegin, othersRefused: suspects.refusals, now: now)
        _ = hotLanes.insert(key)
        remember(key, suspect, resource: resource, now: now)
        suspects.remove(key)
    }

    private mutating func remember(_ key: UInt64, _ suspect: Suspects.Suspect?, resource: Int, now: MonotonicTime) {
        let count = taken
        if hotValues[key] == nil, hotValues.count < Self.hotCapacity {
            hotValues[key] = HotValue(suspect, resource: resource, allTries: suspects.tries, all: done[resource], now: now)
        }
        hotValues[key]?.watch(from: count)
    }

    /// Learns from its first write which resource a lane of an earlier run belongs to.
    mutating func identify(_ key: UInt64, by slot: Slot, now: MonotonicTime) {
        guard hotValues[key] == nil, let resource = (0...indexCount).first(where: { lane(of: slot, resource: $0) == key }) else { return }
        lanes[key]?.resource = resource
        remember(key, nil, resource: resource, now: now)
    }

    /// Puts refused writes into their lanes and moves the lanes on.
    mutating func park(_ id: BatchID, _ refused: [(slot: Slot, place: UInt64)], written: [Slot], now: MonotonicTime) {
        var touched: [UInt64] = []
        let isAlone = written.allSatisfy { laneOf[$0] != 0 }
        for slot in written {
            let key = laneOf[slot]
            guard key != 0, let lane = lanes[key] else { continue }
            lanes[key]?.inFlight -= 1
            let units = lane.resource.map { cost(of: slot, on: $0) } ?? 0
            lanes[key]?.accepted(units, batch: id, isAlone: isAlone, now: now)
            hotValues[key]?.accepted(units)
            if touched.last != key { touched.append(key) }
        }
        for (slot, place) in refused.reversed() {
            let from = laneOf[slot]
            if from != 0 {
                lanes[from]?.inFlight -= 1
                if from != place { touched.append(from) }
            }
            laneOf[slot] = place
            lanes[place]?.queue.prepend(slot)
            let backoff = lanes[place]?.isHot == true ? configuration.refusal : configuration.retry
            lanes[place]?.refused(batch: id, last: lastBatch, isAlone: isAlone, backoff, now: now, using: &random)
            if let all = lanes[place]?.resource.map({ done[$0] }) { hotValues[place]?.refused(all: all, now: now) }
            if touched.last != place { touched.append(place) }
        }
        for key in touched {
            schedule(lane: key)
            dissolve(key)
        }
    }
}
