/// Arrays of requests that came back: their memory is used for the next ones, so that a steady flow of requests allocates none.
struct SpareArrays: Sendable {
    private var slots: [[Slot]] = []
    private var costs: [[Double]] = []

    /// More are not kept.
    private static let limit = 64

    /// Empty slots, and a zero for each of `count` limits.
    mutating func take(costs count: Int) -> (slots: [Slot], costs: [Double]) {
        var slots = self.slots.popLast() ?? []
        slots.removeAll(keepingCapacity: true)
        var costs = self.costs.popLast() ?? []
        costs.removeAll(keepingCapacity: true)
        for _ in 0..<count { costs.append(0) }
        return (slots, costs)
    }

    mutating func put(slots: [Slot], costs: [Double]) {
        guard self.slots.count < Self.limit else { return }
        self.slots.append(slots)
        self.costs.append(costs)
    }
}
