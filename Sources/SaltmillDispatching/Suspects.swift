import Glibc
import SaltmillPacing

/// Finds the values of hash keys that refusals concentrate on.
///
/// Answers do not say why an item was refused, so it is inferred: every value of a refused item, of the table's hash key and of each index's, is a
/// suspect, and from then on its tries and refusals are compared with those of all other items in the same time. A value that most rows have, and most
/// refusals too, is refused no more often than others and so is not to blame; one with few of the tries and most of the refusals is.
struct Suspects: Sendable {
    struct Suspect: Sendable {
        var resource: Int
        /// Since `since`, of items with the value.
        var tries = 0
        var refusals = 0
        var accepted = 0.0
        /// What all items had come to at `since`.
        var triesBefore: Int
        var refusalsBefore: Int
        var since: MonotonicTime
    }

    private var suspects: [UInt64: Suspect] = [:]
    /// The same keys, quicker to ask.
    private var keys = KeySet(minimumCapacity: 2 * capacity)
    /// Of all items but those in the lanes of values to blame.
    private(set) var tries = 0
    private(set) var refusals = 0

    private static let capacity = 512
    /// Tries of all after which a suspect that was not found guilty is looked at afresh.
    private static let longest = 20_000
    /// How much likelier the counts must be if the value is refused more often than others than if it is not: twice the logarithm of the ratio of
    /// likelihoods (the G-test's statistic); at 20, chance alone does that to one innocent in 100,000.
    private static let conviction = 20.0
    /// How many times as often as others it must be refused.
    private static let factor = 2.0
    /// Refusals that others must have had the chance of, were they refused as often.
    private static let leastChances = 5.0
    /// Tries of others below which nothing can be compared, tries and refused fraction at which a value that nearly all rows have is to blame all the same.
    private static let leastOthers = 0.02
    private static let manyTries = 100
    private static let mostly = 0.5

    var isEmpty: Bool { suspects.isEmpty }

    func contains(_ lane: UInt64) -> Bool { keys.contains(lane) }

    subscript(lane: UInt64) -> Suspect? { suspects[lane] }

    mutating func add(_ lane: UInt64, resource: Int, now: MonotonicTime) {
        guard !keys.contains(lane) else { return }
        if suspects.count >= Self.capacity { makeRoom() }
        _ = keys.insert(lane)
        suspects[lane] = Suspect(resource: resource, triesBefore: tries, refusalsBefore: refusals, since: now)
    }

    /// Values refused once and hardly tried make room for new ones, or, where all were refused more often, all.
    private mutating func makeRoom() {
        let leaving = suspects.filter { $1.refusals < 2 || $1.refusals * 4 < $1.tries * refusals / max(tries, 1) }.map(\.key)
        for lane in leaving.count < Self.capacity / 8 ? Array(suspects.keys) : leaving { remove(lane) }
    }

    mutating func remove(_ lane: UInt64) {
        suspects[lane] = nil
        keys.remove(lane)
    }

    mutating func removeAll() {
        for lane in Array(suspects.keys) { remove(lane) }
    }

    /// Counts tries of all items.
    mutating func note(tries: Int, refusals: Int) {
        self.tries += tries
        self.refusals += refusals
    }

    /// Counts a try of an item with the value.
    mutating func note(_ lane: UInt64, isRefused: Bool, units: Double, now: MonotonicTime) {
        guard let index = suspects.index(forKey: lane) else { return }
        suspects.values[index].tries += 1
        if isRefused { suspects.values[index].refusals += 1 } else { suspects.values[index].accepted += units }
        let suspect = suspects.values[index]
        if tries - suspect.triesBefore > Self.longest {
            suspects.values[index] = Suspect(
                resource: suspect.resource, triesBefore: tries, refusalsBefore: refusals, since: now)
        }
    }

    /// How clearly the value is to blame: nil when it is not.
    func guilt(of lane: UInt64) -> Double? {
        guard let suspect = suspects[lane], suspect.refusals > 1 else { return nil }
        let n = Double(suspect.tries)
        let k = Double(suspect.refusals)
        let m = Double(tries - suspect.triesBefore) - n
        let r = max(Double(refusals - suspect.refusalsBefore) - k, 0)
        guard m >= Self.leastOthers * n else {
            return suspect.tries >= Self.manyTries && k > Self.mostly * n ? Self.conviction : nil
        }
        guard m * k > Self.leastChances * n, k / n > Self.factor * r / m else { return nil }
        let all = (k + r) / (n + m)
        let g = 2 * (Self.term(k, n * all) + Self.term(n - k, n * (1 - all)) + Self.term(r, m * all) + Self.term(m - r, m * (1 - all)))
        return g > Self.conviction ? g : nil
    }

    private static func term(_ seen: Double, _ expected: Double) -> Double { seen > 0 ? seen * log(seen / expected) : 0 }
}
