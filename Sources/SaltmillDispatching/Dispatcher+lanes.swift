// Which lane a write is in, by the values of the hash keys that it has.

extension Dispatcher {
    /// The lane of a slot's value of one resource's hash key; nil where it is not in that index.
    func lane(of slot: Slot, resource: Int) -> UInt64? {
        guard resource > 0 else { return offers[slot].lane }
        let value = values[slot * indexCount + resource - 1]
        return value == 0 ? nil : KeyLane.of(resource: resource, value: value)
    }

    /// The lane that a write has to go through: of several, the slowest.
    func hotLane(of slot: Slot) -> UInt64? {
        slowest { lane(of: slot, resource: $0) }
    }

    func hotLane(ofFirstIn range: Int, _ offer: Offer) -> UInt64? {
        slowest { resource in
            guard resource > 0 else { return offer.lane }
            let value = intake[range].firstValue(ofIndex: resource - 1)
            return value == 0 ? nil : KeyLane.of(resource: resource, value: value)
        }
    }

    private func slowest(_ lane: (_ resource: Int) -> UInt64?) -> UInt64? {
        var slowest: UInt64?
        for resource in 0...indexCount {
            guard let key = lane(resource), hotLanes.contains(key) else { continue }
            if let other = slowest, let rate = lanes[key]?.rate, let known = lanes[other]?.rate, known <= rate { continue }
            slowest = key
        }
        return slowest
    }

    /// What a write is expected to cost the table or an index, in units.
    func cost(of slot: Slot, on resource: Int) -> Double { Double(offers[slot].units) * scale[resource] }

    /// Removes a lane of which nothing waits or is in flight.
    mutating func dissolve(_ key: UInt64) {
        guard let lane = lanes[key], lane.isIdle else { return }
        lanes[key] = nil
        guard lane.isHot else { return }
        hotLanes.remove(key)
        hotValues[key]?.unwatch(at: taken)
    }
}
