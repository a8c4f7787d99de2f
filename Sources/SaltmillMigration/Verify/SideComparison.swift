import SaltmillSources

/// Compares what was read of the two sides, and lists the keys that differ.
///
/// Both logs are dealt out to files by the key's hash, and the files compared one by one, so memory does not depend on how many rows there are.
final class SideComparison {
    /// Keys that are equal on both sides.
    private(set) var equal = 0
    /// Rows of the source beyond the first of one key, which only a source that nobody searched for duplicates can have.
    private(set) var repeated = 0
    private var rows: [HashedRow] = []

    private static let isTarget: UInt64 = 1 << 63
    private static let memory = 8 << 20

    /// - Parameter scratch: a folder for temporary files.
    /// - Throws: ``JobFailure``; `SourceError`; `CancellationError`.
    func run(source: SideLog, target: SideLog, into suspects: SuspectList, scratch: String) throws {
        var sorter = try HashedRowSorter(folder: scratch, memory: Self.memory)
        try source.forEach { try sorter.append(HashedRow(high: $0, low: $1, place: $3, content: $2)) }
        try target.forEach { try sorter.append(HashedRow(high: $0, low: $1, place: $3 | Self.isTarget, content: $2)) }
        var seen = 0
        try sorter.finish { row in
            if let first = rows.first, !first.hasKey(of: row) { try settle(into: suspects) }
            rows.append(row)
            seen += 1
            if seen.isMultiple(of: 1 << 16) { try Task.checkCancellation() }
        }
        try settle(into: suspects)
    }

    /// Compares the rows and items of one key.
    private func settle(into suspects: SuspectList) throws {
        defer { rows.removeAll(keepingCapacity: true) }
        let split = rows.firstIndex { $0.place & Self.isTarget != 0 } ?? rows.count
        let (wanted, found) = (rows[..<split], rows[split...])
        repeated += max(wanted.count - 1, 0)
        if let item = found.last {
            let place = item.place & ~Self.isTarget
            guard let row = wanted.last else {
                return try suspects.append(Suspect(kind: .extra, source: Suspect.nowhere, target: place))
            }
            if wanted.contains(where: { $0.content == item.content }) {
                equal += 1
            } else {
                try suspects.append(Suspect(kind: .different, source: row.place, target: place))
            }
        } else if let row = wanted.last {
            try suspects.append(Suspect(kind: .missing, source: row.place, target: Suspect.nowhere))
        }
    }
}
