import SaltmillDispatching
import SaltmillPacing
import SaltmillPartitions

/// What decides about items without looking into them.
enum FlowParts {
    @Sendable static func spend(_ items: Int) throws -> Part.Result {
        var now = MonotonicTime(nanoseconds: 1)
        var bucket = TokenBucket(rate: 1000, now: now)
        var result = Part.Result()
        while result.items < items {
            now = max(now, bucket.time(of: 1, now: now))
            bucket.charge(1, now: now)
            result.items += 1
        }
        return result
    }

    /// Everything that the dispatcher does for a write: offered, taken up, sent in a request with others, answered, settled.
    @Sendable static func dispatch(_ items: Int) throws -> Part.Result {
        var now = MonotonicTime(nanoseconds: 1)
        let limits = [RateLimit.discovered(resource: 0, known: 1e9, now: now), RateLimit(rate: 1e9, now: now)]
        var dispatcher = Dispatcher(ranges: 9, indexCount: 0, limits: limits)
        var flights: [BatchID] = []
        var admissions: [Admission] = []
        var result = Part.Result()
        var key: UInt64 = 1
        while result.items < items {
            for range in 0..<8 where dispatcher.backlog(range: range) < 64 {
                let offers = (0..<256).map { _ in
                    key = key &* 0x9E37_79B9_7F4A_7C15 &+ 1
                    return Offer(token: UInt64(range), key: key, lane: key, units: 1, bytes: 330, size: 250)
                }
                dispatcher.offer(offers, range: range)
            }
            now += .microseconds(50)
            switch dispatcher.next(now: now) {
            case .send(let id, _): flights.append(id)
            case .wait, .finished:
                for id in flights { result.items += dispatcher.settle(id, .answered(refused: [], consumed: nil), now: now).written.count }
                flights.removeAll(keepingCapacity: true)
            }
            dispatcher.takeAdmissions(into: &admissions)
        }
        return result
    }

    @Sendable static func admit(_ items: Int) throws -> Part.Result {
        let set = PartitionSet(.provisioned(read: 1000, write: 40_000), physics: .adaptive, at: 1)
        var table = PartitionedTable(table: set)
        var result = Part.Result()
        var position: UInt64 = 1
        while result.items < items {
            position = position &* 0x9E37_79B9_7F4A_7C15 &+ 1
            let now = Int64(result.items) * 10_000 + 2
            try? table.admit(Charge(.table, .write, position: position, units: 1), at: now)
            result.items += 1
        }
        return result
    }
}
