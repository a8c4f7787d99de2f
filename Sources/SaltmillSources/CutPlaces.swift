/// Chooses the records at which ranges of about equal length begin, while the records go by.
struct CutPlaces {
    /// As many candidates are kept for a range, where the input's length is not known beforehand.
    private static let candidatesPerRange = 32

    private let start: UInt64
    private let count: Int
    /// The most that ``candidates`` may grow to.
    private let limit: Int
    private var spacing: UInt64
    private var next: UInt64
    private var candidates: [Survey.Cut] = []

    /// - Parameters:
    ///   - start: offset of the first record.
    ///   - end: offset behind the last record; nil where it is not known, and then the spacing grows as records come.
    ///   - count: how many ranges to make at most.
    init(from start: UInt64, to end: UInt64?, count: Int) {
        self.start = start
        self.count = count
        next = start
        spacing = end.map { ($0 - min(start, $0)) / UInt64(count) + 1 } ?? 1
        limit = end == nil ? count * Self.candidatesPerRange : count
    }

    /// Takes the next record into account.
    @inline(__always)
    mutating func pass(_ locator: RecordLocator, record: UInt64) {
        if locator.offset >= next { add(Survey.Cut(locator: locator, record: record)) }
    }

    private mutating func add(_ cut: Survey.Cut) {
        while candidates.count >= limit {
            spacing *= 2
            candidates = thinned(candidates, spacing)
        }
        candidates.append(cut)
        next = start + ((cut.locator.offset - start) / spacing + 1) * spacing
    }

    /// Where ranges begin, ascending.
    /// - Parameter end: offset behind the last record.
    func cuts(end: UInt64) -> [Survey.Cut] {
        candidates.count <= count ? candidates : thinned(candidates, (end - start) / UInt64(count) + 1)
    }

    /// The first cut of each interval of `spacing`.
    private func thinned(_ cuts: [Survey.Cut], _ spacing: UInt64) -> [Survey.Cut] {
        var next = start
        return cuts.filter { cut in
            guard cut.locator.offset >= next else { return false }
            next = start + ((cut.locator.offset - start) / spacing + 1) * spacing
            return true
        }
    }
}
