import SaltmillPacing

/// What will happen, in order of time; what is due at the same time happens in the order in which it was scheduled.
struct EventQueue<Event> {
    private struct Entry {
        var time: MonotonicTime
        var number: UInt64
        var event: Event
    }

    /// The latest first.
    private var entries: [Entry] = []
    private var scheduled: UInt64 = 0

    mutating func schedule(_ event: Event, at time: MonotonicTime) {
        scheduled += 1
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].time > time { low = middle + 1 } else { high = middle }
        }
        entries.insert(Entry(time: time, number: scheduled, event: event), at: low)
    }

    mutating func next() -> (time: MonotonicTime, event: Event)? { entries.popLast().map { ($0.time, $0.event) } }
}
