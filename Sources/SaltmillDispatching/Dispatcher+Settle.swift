package import SaltmillPacing

extension Dispatcher {
    /// Takes in what came of a request.
    /// - Returns: what that means for each of its writes; those in neither list go out again by themselves.
    package mutating func settle(_ id: BatchID, _ outcome: Outcome, now: MonotonicTime) -> Settlement {
        guard let flight = flights.removeValue(forKey: id) else { return Settlement() }
        defer { spares.put(slots: flight.slots, costs: flight.charged) }
        switch outcome {
        case .answered(let refused, let consumed):
            return answered(id, flight, refused: refused, consumed: consumed, now: now)
        case .declined(let units):
            let consumed = [units] + [Double](repeating: 0, count: indexCount)
            return answered(id, flight, refused: [], consumed: consumed, isTelling: false, now: now)
        case .throttled(let resources):
            failuresInARow = 0
            return refusedWholly(id, flight, by: resources, now: now)
        case .failed:
            failed(id, flight, now: now)
            return Settlement()
        case .invalid:
            return invalid(id, flight, now: now)
        }
    }

    /// - Parameter isTelling: what was consumed tells what writes cost.
    private mutating func answered(
        _ id: BatchID, _ flight: Flight, refused: [Int], consumed: [Double]?, isTelling: Bool = true, now: MonotonicTime
    ) -> Settlement {
        failuresInARow = 0
        if refused.count == flight.slots.count { return refusedWholly(id, flight, by: .max, now: now) }
        throttlesInARow = 0
        outages = 0
        isProbing = false
        if refused.isEmpty {
            settleCharges(flight, accepted: flight.slots, consumed: consumed, isTelling: isTelling, now: now)
            learn(accepted: flight.slots, refused: [], consumed: consumed, now: now)
            if !suspects.isEmpty { investigate(written: flight.slots, refused: [], now: now) }
            if !lanes.isEmpty { park(id, [], written: flight.slots, now: now) }
            for slot in flight.slots { release(slot) }
            return Settlement(written: flight.slots)
        }
        var isRefused = [Bool](repeating: false, count: flight.slots.count)
        for position in refused { isRefused[position] = true }
        let written = flight.slots.indices.filter { !isRefused[$0] }.map { flight.slots[$0] }
        settleCharges(flight, accepted: written, consumed: consumed, now: now)
        let refused = flight.slots.indices.filter { isRefused[$0] }.map { flight.slots[$0] }
        let telling = putBack(id, refused, written: written, now: now)
        learn(accepted: written, refused: telling, consumed: consumed, now: now)
        for slot in written { release(slot) }
        return Settlement(written: written, refused: refused)
    }

    /// So many lanes at most may be refused by their keys, and not by the table, when nothing is accepted.
    private static let fewLanes = 25

    /// Nothing of a request was done. Where that goes on, request after request and for many keys, it is the table and not a key that refuses:
    /// then everything waits and single requests probe.
    private mutating func refusedWholly(_ id: BatchID, _ flight: Flight, by resources: UInt32, now: MonotonicTime) -> Settlement {
        throttlesInARow += 1
        let telling = putBack(id, flight.slots, by: resources, written: [], now: now)
        learn(accepted: [], refused: telling, by: resources, consumed: nil, now: now)
        if throttlesInARow >= configuration.throttleThreshold, lanes.count > Self.fewLanes { pause(after: id, now: now) }
        return Settlement(refused: flight.slots)
    }

    /// Finds out what is to blame for refusals, and has the refused writes wait where that says.
    /// - Parameter resources: what refused them.
    /// - Returns: those that no hot value is to blame for.
    private mutating func putBack(
        _ id: BatchID, _ refused: [Slot], by resources: UInt32 = .max, written: [Slot], now: MonotonicTime
    ) -> [Slot] {
        investigate(written: written, refused: refused, by: resources, now: now)
        let places = refused.map { place(of: $0, now: now) }
        park(id, Array(zip(refused, places)), written: written, now: now)
        return zip(refused, places).filter { lanes[$0.1]?.isHot != true }.map(\.0)
    }

    /// Corrects what the limits were charged for the writes that were done, and learns from the difference.
    private mutating func settleCharges(
        _ flight: Flight, accepted: [Slot], consumed: [Double]?, isTelling: Bool = true, now: MonotonicTime
    ) {
        guard let consumed, !accepted.isEmpty else { return }
        for index in limits.indices where limits[index].measure == .units && !limits[index].bucket.isUnlimited {
            var charged = flight.charged[index]
            if accepted.count < flight.slots.count {
                let whole = flight.slots.reduce(0) { $0 + limits[index].cost(of: offers[$1], scale: scale) }
                let part = accepted.reduce(0) { $0 + limits[index].cost(of: offers[$1], scale: scale) }
                charged *= whole > 0 ? part / whole : 0
            }
            var actual = 0.0
            for resource in consumed.indices where limits[index].resources >> UInt32(resource) & 1 != 0 { actual += consumed[resource] }
            limits[index].bucket.charge(actual - charged, now: now)
        }
        guard isTelling else { return }
        for resource in scale.indices where resource < consumed.count {
            var expected = 0.0
            for slot in accepted where resource == 0 || offers[slot].indexes >> UInt32(resource - 1) & 1 != 0 {
                expected += Double(offers[slot].units)
            }
            guard expected > 0 else { continue }
            scale[resource] = min(max(scale[resource] + (consumed[resource] / expected - scale[resource]) / 16, 0.01), 8)
        }
    }

    /// Has the limits that the store sets learn from an answer; what a hot value is refused says nothing of them.
    private mutating func learn(
        accepted: [Slot], refused: [Slot], by resources: UInt32 = .max, consumed: [Double]?, now: MonotonicTime
    ) {
        written += accepted.count
        for resource in done.indices {
            if let consumed {
                if resource < consumed.count { done[resource] += consumed[resource] }
            } else {
                for slot in accepted where resource == 0 || offers[slot].indexes >> UInt32(resource - 1) & 1 != 0 {
                    done[resource] += cost(of: slot, on: resource)
                }
            }
        }
        for index in limits.indices where limits[index].discovery != nil {
            var units = 0.0
            if let consumed {
                for resource in consumed.indices where limits[index].resources >> UInt32(resource) & 1 != 0 { units += consumed[resource] }
            } else {
                for slot in accepted { units += limits[index].cost(of: offers[slot], scale: scale) }
            }
            let telling = limits[index].resources & resources != 0 ? refused : []
            let lost = telling.reduce(0) { $0 + limits[index].cost(of: offers[$1], scale: scale) }
            limits[index].learn(accepted: units, refused: lost, now: now)
        }
    }

    private mutating func failed(_ id: BatchID, _ flight: Flight, now: MonotonicTime) {
        failuresInARow += 1
        let attempt = flight.attempt + 1
        schedule(
            Group(slots: flight.slots, attempt: attempt),
            at: now + configuration.failure.wait(attempt: attempt, using: &random))
        if failuresInARow >= configuration.outageThreshold { pause(after: id, now: now) }
    }

    /// Has everything wait, longer each time, and a single request probe; what was already under way when it was decided is no news.
    private mutating func pause(after id: BatchID, now: MonotonicTime) {
        guard id.number > outageHorizon else { return }
        outages += 1
        outageHorizon = lastBatch
        isProbing = true
        pausedUntil = now + configuration.outage.wait(attempt: outages, using: &random)
    }

    private mutating func invalid(_ id: BatchID, _ flight: Flight, now: MonotonicTime) -> Settlement {
        failuresInARow = 0
        isProbing = false
        if flight.slots.count == 1 {
            let slot = flight.slots[0]
            let key = laneOf[slot]
            if key != 0 {
                lanes[key]?.inFlight -= 1
                schedule(lane: key)
                dissolve(key)
            }
            release(slot)
            return Settlement(rejected: [slot])
        }
        let middle = flight.slots.count / 2
        schedule(Group(slots: Array(flight.slots[..<middle]), attempt: flight.attempt), at: now)
        schedule(Group(slots: Array(flight.slots[middle...]), attempt: flight.attempt), at: now)
        return Settlement()
    }
}
