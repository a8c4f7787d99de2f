/// The partition keys that were refused most, by name, in bounded memory.
package struct HotKeys: Sendable {
    package struct Entry: Sendable, Equatable, Codable {
        /// The key as DynamoDB JSON: `{"day":{"S":"2015-12-07.123"}}`.
        package var key: String
        /// How many tries of its items were refused.
        package var refusals: Int
    }

    private var counts: [UInt64: Entry] = [:]
    private let capacity: Int

    init(capacity: Int = 256) { self.capacity = capacity }

    /// Counts a refusal. The name is asked for only when the key is new.
    mutating func note(_ lane: UInt64, name: @autoclosure () -> String) {
        if counts[lane] != nil {
            counts[lane]?.refusals += 1
            return
        }
        if counts.count >= capacity {
            // Keys refused once and never again make room for new ones; steady offenders stay.
            for (lane, entry) in counts { counts[lane] = entry.refusals > 1 ? Entry(key: entry.key, refusals: entry.refusals / 2) : nil }
        }
        counts[lane] = Entry(key: name(), refusals: 1)
    }

    /// The keys refused most, most first.
    package func top(_ count: Int) -> [Entry] {
        Array(counts.values.sorted { ($0.refusals, $1.key) > ($1.refusals, $0.key) }.prefix(count))
    }
}
