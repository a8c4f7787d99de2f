/// How a row of a database is named by a locator, and found again.
///
/// A single whole number is its own place; other keys stand in a ``KeyLog``. A locator's `line` tells whether the row itself is meant or what
/// follows it, since the next key is not known before it is read.
struct RowPlaces: Sendable {
    private let key: RowQuery.Key
    private let log: KeyLog?

    /// - Parameter folder: where keys are kept that have to be.
    init(_ key: RowQuery.Key, folder: String) throws(SourceError) {
        self.key = key
        log = key.isInteger ? nil : try KeyLog(folder: folder)
    }

    /// Names rows by their keys.
    func locators(of keys: EncodedKeys) throws(SourcePause) -> [RecordLocator] {
        guard let log else { return [] }
        return try log.append(keys).map { .row($0) }
    }

    /// The place of a row whose key is one whole number; nil for all others.
    func place(of row: UnsafeBufferPointer<RawValue?>) -> UInt64? {
        guard log == nil, let value = row[key.positions[0]] else { return nil }
        var number: UInt64 = 0
        for byte in value where byte != UInt8(ascii: "-") { number = number &* 10 &+ UInt64(byte &- UInt8(ascii: "0")) }
        if key.kinds[0] == .unsigned { return number }
        return (value.first == UInt8(ascii: "-") ? 0 &- number : number) ^ 1 << 63
    }

    /// The keys of rows.
    func keys(at locators: [RecordLocator]) throws(SourceError) -> [RowQuery.KeyValues] {
        if let log { return try log.keys(at: locators.map(\.offset), width: key.positions.count) }
        return locators.map { [KeySpace.text(of: $0.offset, key.kinds[0])] }
    }

    func sync() throws(SourceError) { try log?.sync() }

    /// Forgets keys of rows that are settled.
    /// - Parameters:
    ///   - frontiers: where the ranges that are not done have come to.
    ///   - unsettled: rows that are to be read again.
    ///   - deferred: more of them, from files.
    func forget(frontiers: [RecordLocator], unsettled: [RecordLocator], deferred: () throws -> [RecordLocator]) rethrows {
        guard let log, !frontiers.contains(where: \.isBeginning) else { return }
        // What was read beyond a frontier has been noted after it.
        let first = frontiers.map { KeyLog.segment(of: $0.offset) }.min() ?? .max
        try log.drop(before: first) { Set((unsettled + frontiers + (try deferred())).map { KeyLog.segment(of: $0.offset) }) }
    }
}

extension RecordLocator {
    private static let lineOfRow: UInt64 = 0
    private static let lineBehind: UInt64 = 1
    private static let lineOfBeginning: UInt64 = 2

    /// A row of a database.
    static func row(_ place: UInt64) -> RecordLocator { RecordLocator(offset: place, line: lineOfRow) }

    /// What follows a row of a database.
    static func behind(_ row: RecordLocator) -> RecordLocator { RecordLocator(offset: row.offset, line: lineBehind) }

    /// Where a range of a database begins.
    static let beginning = RecordLocator(offset: 0, line: lineOfBeginning)

    var isBeginning: Bool { line == Self.lineOfBeginning }
    /// The row itself is to be read, not what follows it.
    var isRow: Bool { line == Self.lineOfRow }
}
