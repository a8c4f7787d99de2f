/// A sample of positions in proportion to the weight that fell on each, in bounded memory.
///
/// One position is kept for every `stride` units of weight, on average: the distance is random, so that a regular input does not show up as
/// one key. When the sample is full every other position goes and the stride doubles.
struct Sketch: Sendable {
    /// Most positions kept: the share of a key is known to about one part in ten.
    static let capacity = 64
    /// Fewer positions than this tell nothing.
    private static let minimum = 16

    private(set) var positions: [UInt64] = []
    private var stride: Double
    /// Weight until the next position is kept.
    private var distance: Double
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

    init(stride: Double) {
        self.stride = stride
        distance = stride / 2
    }

    mutating func add(_ position: UInt64, weight: Double) {
        distance -= weight
        while distance <= 0 {
            if positions.count == Self.capacity { thin() }
            positions.append(position)
            distance += stride * jitter()
        }
    }

    private mutating func thin() {
        positions = (0..<positions.count / 2).map { positions[2 * $0] }
        stride *= 2
    }

    /// Evenly distributed between 0.5 and 1.5.
    private mutating func jitter() -> Double {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return 0.5 + Double(state >> 11) / Double(1 << 53)
    }

    var isTelling: Bool { positions.count >= Self.minimum }

    /// Whether about half of the weight lies below a position, as far as the sample can tell.
    func isBalanced(at position: UInt64) -> Bool {
        (0.25...0.75).contains(partBelow(position))
    }

    /// What part of the weight lies below a position.
    func partBelow(_ position: UInt64) -> Double { Double(positions.count { $0 < position }) / Double(max(1, positions.count)) }

    /// The position in the middle of the weight.
    var median: UInt64? { positions.isEmpty ? nil : positions.sorted()[positions.count / 2] }

    /// The position that has nearest to half of the weight below it.
    var boundary: UInt64? {
        median.map { median in
            let above = median == .max ? median : median + 1
            return abs(partBelow(median) - 0.5) <= abs(partBelow(above) - 0.5) ? median : above
        }
    }

    /// The position that more than half of the weight falls on.
    var majority: UInt64? {
        guard let median, positions.count(where: { $0 == median }) > positions.count / 2 else { return nil }
        return median
    }

    /// Keeps the positions below a boundary and hands out the others.
    mutating func split(at boundary: UInt64) -> Sketch {
        var high = self
        high.positions.removeAll { $0 < boundary }
        positions.removeAll { $0 >= boundary }
        return high
    }
}
