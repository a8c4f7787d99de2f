import SaltmillDelivery

/// A key of which the two sides were read differently, or that is to be looked up because it belongs to a sample.
struct Suspect: Sendable, Equatable {
    enum Kind: UInt64, Sendable {
        /// No item was found for a row.
        case missing
        /// No row was found for an item.
        case extra
        case different
        /// Nothing is known yet: the row is one of a sample.
        case sampled
    }

    var kind: Kind
    /// Where the row's record is in the source's log, and the item's in the target's; ``nowhere`` for none.
    var source: UInt64
    var target: UInt64
    /// Hash of the item's content as it was last seen; 0 while it was not looked at.
    var content: UInt64 = 0

    static let nowhere = UInt64.max
}

/// Suspects in a file, of equal length each.
struct SuspectList: Sendable {
    private static let size = 32
    let file: SpillFile

    var count: Int { Int(file.length) / Self.size }

    /// Length of the file with so many suspects.
    static func length(_ count: Int) -> UInt64 { UInt64(count * size) }

    func append(_ suspect: Suspect) throws(JobFailure) {
        var bytes: [UInt8] = []
        for word in [suspect.kind.rawValue, suspect.source, suspect.target, suspect.content] { bytes.append(word: word) }
        try file.append(bytes)
    }

    /// Those from a position on, at most so many.
    func read(from position: Int, count: Int) throws(JobFailure) -> [Suspect] {
        let bytes = try file.read(at: Self.length(position), count: count * Self.size)
        return stride(from: 0, to: bytes.count - Self.size + 1, by: Self.size).compactMap { start in
            Suspect.Kind(rawValue: bytes.word(at: start)).map {
                Suspect(
                    kind: $0, source: bytes.word(at: start + 8), target: bytes.word(at: start + 16), content: bytes.word(at: start + 24))
            }
        }
    }
}
