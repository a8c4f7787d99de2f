/// The most frequent of any number of values, in fixed memory.
///
/// Misra and Gries' summary ("Finding repeated elements", 1982) with its decrements done in batches: when all counters are taken,
/// the median count is subtracted from each and those that come to nothing are freed. Of *n* values a count is too low by at most
/// *n* / `counters`, and every value that occurs more often than that is among them. Values can be given a weight; *n* is then its sum.
package struct HeavyHitters: Sendable {
    package struct Entry: Sendable, Equatable {
        package var value: UInt64
        /// Weight counted, at most ``HeavyHitters/error`` below the true one.
        package var count: UInt64
        /// A record with that value.
        package var exemplar: RecordLocator
    }

    /// How far counts may be too low.
    package private(set) var error: UInt64 = 0
    private var entries: [Entry] = []
    /// Open-addressed index into `entries`: a position plus one, or 0 where nothing is.
    private var slots: [Int32]
    private let capacity: Int

    /// - Parameter counters: bound of the error, see above; twice as many values are remembered.
    package init(counters: Int) {
        capacity = 2 * counters
        var slotCount = 4
        while slotCount < 2 * capacity { slotCount *= 2 }
        slots = Array(repeating: 0, count: slotCount)
        entries.reserveCapacity(capacity)
    }

    package mutating func add(_ value: UInt64, weight: UInt64 = 1, at locator: @autoclosure () -> RecordLocator) {
        var slot = home(of: value)
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if entries[index].value == value {
                entries[index].count += weight
                return
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        entries.append(Entry(value: value, count: weight, exemplar: locator()))
        slots[slot] = Int32(entries.count)
        if entries.count == capacity { decrement() }
    }

    /// The values with the highest counts, highest first; among equals, the lower value first.
    package func top(_ limit: Int) -> [Entry] {
        Array(entries.sorted { ($1.count, $0.value) < ($0.count, $1.value) }.prefix(limit))
    }

    private func home(of value: UInt64) -> Int {
        Int(truncatingIfNeeded: (value &* 0x9E37_79B9_7F4A_7C15) >> 32) & (slots.count - 1)
    }

    private mutating func decrement() {
        let median = entries.map(\.count).sorted()[capacity / 2]
        error += median
        entries.removeAll { $0.count <= median }
        for index in slots.indices { slots[index] = 0 }
        for index in entries.indices {
            entries[index].count -= median
            var slot = home(of: entries[index].value)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(index + 1)
        }
    }
}
