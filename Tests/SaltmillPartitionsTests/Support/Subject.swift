import SaltmillPartitions

/// Nanoseconds of so many seconds.
func seconds(_ count: Double) -> Int64 { Int64((count * 1e9).rounded()) }

/// A table to be asked from within expectations, which cannot call mutating methods.
final class Subject {
    var table: PartitionedTable

    init(_ table: PartitionedTable) { self.table = table }

    /// A table by the rules of 2015.
    convenience init(read: Int = 1, write: Int, burst: Duration = .zero, indexes: [PartitionSet] = []) {
        self.init(PartitionedTable(table: PartitionSet(.provisioned(read: read, write: write), burst: burst, at: 0), indexes: indexes))
    }

    convenience init(_ throughput: Throughput, _ physics: Physics, indexes: [Throughput] = []) {
        self.init(
            PartitionedTable(
                table: PartitionSet(throughput, physics: physics, at: 0),
                indexes: indexes.map { PartitionSet($0, physics: physics, at: 0) }))
    }

    /// Whether a write of so many units is admitted.
    func writes(_ units: Double, at position: UInt64, _ now: Double) -> Bool {
        refusal(Charge(.table, .write, position: position, units: units), at: now) == nil
    }

    func reads(_ units: Double, at position: UInt64, _ now: Double) -> Bool {
        refusal(Charge(.table, .read, position: position, units: units), at: now) == nil
    }

    func refusal(_ charges: Charge..., at now: Double) -> Refusal? {
        do {
            try table.admit(charges, at: seconds(now))
            return nil
        } catch {
            return error
        }
    }

    func begins(at now: Double) -> Refusal? {
        do {
            try table.begin(.table, .read, position: 0, at: seconds(now))
            return nil
        } catch {
            return error
        }
    }

    /// Tries to write at a steady rate.
    /// - Returns: units a second that were admitted, and the reason of the last refusal.
    func drive(
        _ rate: Double, from start: Double, for duration: Double, steps: Double = 200, at position: (Int) -> UInt64
    ) -> (rate: Double, reason: String?) {
        var admitted = 0.0
        var reason: String?
        for tick in 0..<Int(duration * steps) {
            let units = rate / steps
            let charge = Charge(.table, .write, position: position(tick), units: units)
            if let refusal = refusal(charge, at: start + Double(tick) / steps) {
                reason = refusal.reason
            } else {
                admitted += units
            }
        }
        return (admitted / duration, reason)
    }

    /// Counts bytes, spread evenly over the positions.
    func fill(_ bytes: Int, rows: Int = 1000, at now: Double) {
        for row in 0..<rows { table.stored(bytes / rows, in: .table, position: even(row, of: rows), at: seconds(now)) }
    }
}

/// Positions at even distances, in an order that jumps about.
func even(_ number: Int, of count: Int) -> UInt64 {
    let step = UInt64.max / UInt64(count)
    return UInt64((number * 619) % count) * step + step / 2
}

/// SplitMix64.
struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
