import DequeModule

/// The writes of one range that are offered and not taken up yet, each with its values of the indexes' hash keys.
struct Intake: Sendable {
    private var offers: Deque<Offer> = []
    /// For each offer as many values as there are indexes.
    private var values: Deque<UInt64> = []
    private let indexCount: Int

    init(indexCount: Int) { self.indexCount = indexCount }

    var count: Int { offers.count }
    var isEmpty: Bool { offers.isEmpty }
    var first: Offer? { offers.first }

    /// The first offer's value of an index's hash key; 0 where it is not in the index.
    func firstValue(ofIndex index: Int) -> UInt64 { values[index] }

    /// Adds offers; values that are missing count as 0.
    mutating func append(_ batch: [Offer], values new: [UInt64]) {
        offers.append(contentsOf: batch)
        guard indexCount > 0 else { return }
        values.append(contentsOf: new)
        let missing = offers.count * indexCount - values.count
        if missing > 0 { values.append(contentsOf: repeatElement(0, count: missing)) }
    }

    /// Takes the first offer out, which must be there.
    mutating func removeFirst() {
        offers.removeFirst()
        if indexCount > 0 { for _ in 0..<indexCount { values.removeFirst() } }
    }
}
