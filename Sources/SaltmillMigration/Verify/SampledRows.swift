import HeapModule
import SaltmillBytes
import SaltmillSources

/// How many rows a verification looks up.
package enum VerifySample: Sendable, Equatable, CustomStringConvertible {
    case rows(Int)
    /// Of each row, the chance to be looked up, above 0 and at most 1.
    case share(Double)

    /// The most rows that can be asked for by number: they are picked in memory.
    package static let maximumRows = 100_000

    package var description: String {
        switch self {
        case .rows(let count): "\(count) rows"
        case .share(let share): "\((share * 1e8).rounded() / 1e6) % of the rows"
        }
    }
}

/// Rows of a sample while they are picked: those with the lowest of the numbers that seed and key make.
struct SampledRows {
    struct Row: Sendable {
        var hashes: ItemHasher.Hashes
        var locator: RecordLocator
    }

    private struct Ticket: Comparable {
        var number: UInt64
        var row: Row

        static func < (a: Self, b: Self) -> Bool { a.number < b.number }
        static func == (a: Self, b: Self) -> Bool { a.number == b.number }
    }

    private let sample: VerifySample
    private let seed: UInt64
    private var sure: [Row] = []
    private var lowest = Heap<Ticket>()

    init(_ sample: VerifySample, seed: UInt64) {
        self.sample = sample
        self.seed = seed
    }

    mutating func offer(_ hashes: ItemHasher.Hashes, at locator: RecordLocator) {
        var bytes: [UInt8] = []
        for word in [seed, hashes.high, hashes.low] { bytes.append(word: word) }
        let number = KeyHash.hash64(bytes.span)
        let row = Row(hashes: hashes, locator: locator)
        switch sample {
        case .share(let share): if Double(number >> 11) < share * 0x1p53 { sure.append(row) }
        case .rows(let count):
            if lowest.count < count {
                lowest.insert(Ticket(number: number, row: row))
            } else if let highest = lowest.max, number < highest.number {
                lowest.replaceMax(with: Ticket(number: number, row: row))
            }
        }
    }

    /// Rows that belong to the sample whatever comes, each given once.
    mutating func takeSure() -> [Row] {
        defer { sure = [] }
        return sure
    }

    /// Those that belong to it when all rows have been offered, in the order of the source.
    mutating func takeRest() -> [Row] {
        defer { lowest = Heap() }
        return takeSure() + lowest.unordered.map(\.row).sorted { $0.locator < $1.locator }
    }
}
