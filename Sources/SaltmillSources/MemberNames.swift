import SaltmillBytes

/// Finds columns by the names that members have in JSON text.
///
/// Lines mostly have their members in one order, so the column that followed the last time is tried first.
struct MemberNames: Sendable {
    private let columns: [[UInt8]: Int]
    private var bytes: [UInt8] = []
    private var ranges: [Range<Int>] = []
    /// By column plus one, 0 standing for the start of a line: the column that came next the last time.
    private var followers: [Int]

    init(_ names: [String]) {
        columns = Dictionary(uniqueKeysWithValues: names.enumerated().map { (Array($1.utf8), $0) })
        followers = Array(repeating: 0, count: names.count + 1)
        for name in names {
            let start = bytes.count
            bytes.append(contentsOf: name.utf8)
            ranges.append(start..<bytes.count)
        }
        for place in followers.indices where place < names.count { followers[place] = place }
    }

    /// The column that a member is named like; nil when there is none.
    /// - Parameter previous: column of the member before.
    mutating func column(_ name: JSONStringToken, in text: Span<UInt8>, after previous: Int?) -> Int? {
        let place = previous.map { $0 + 1 } ?? 0
        if !name.isEscaped, followers[place] < ranges.count, isName(followers[place], text, name.range) {
            return followers[place]
        }
        var value: [UInt8] = []
        JSONScanner.appendValue(of: name, in: text, to: &value)
        guard let column = columns[value] else { return nil }
        followers[place] = column
        return column
    }

    @inline(__always)
    private func isName(_ column: Int, _ text: Span<UInt8>, _ part: Range<Int>) -> Bool {
        let range = ranges[column]
        guard part.count == range.count else { return false }
        let name = bytes.span.bytes
        let text = text.bytes
        var offset = 0
        while offset + 8 <= range.count {
            let one = name.unsafeLoadUnaligned(fromByteOffset: range.lowerBound + offset, as: UInt64.self)
            guard one == text.unsafeLoadUnaligned(fromByteOffset: part.lowerBound + offset, as: UInt64.self) else { return false }
            offset += 8
        }
        while offset < range.count {
            let one = name.unsafeLoad(fromByteOffset: range.lowerBound + offset, as: UInt8.self)
            guard one == text.unsafeLoad(fromByteOffset: part.lowerBound + offset, as: UInt8.self) else { return false }
            offset += 1
        }
        return true
    }
}
