import SaltmillBytes

/// The members of a set, or the names in a JSON object, in canonical form: kept to find one that is there twice.
///
/// The memory is reused from row to row.
struct MemberList: Sendable {
    private struct Member: Sendable {
        var hash: UInt64
        var bytes: Range<Int>
        /// Where the member stands in the cell's text.
        var origin: Range<Int>
    }

    /// The members' bytes; what is appended here is made a member by ``close(from:origin:)``.
    var bytes: [UInt8] = []
    private var members: [Member] = []
    /// Open-addressed table of positions in `members`, 0 for none and counted from 1.
    private var table: [Int] = []

    var count: Int { members.count }

    /// Forgets everything, members and bytes.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        members.removeAll(keepingCapacity: true)
    }

    /// Forgets the members from position `first` on.
    mutating func remove(from first: Int) {
        guard first < members.count else { return }
        bytes.removeLast(bytes.count - members[first].bytes.lowerBound)
        members.removeLast(members.count - first)
    }

    /// Makes the bytes from `start` on a member.
    mutating func close(from start: Int, origin: Range<Int>) {
        let range = start..<bytes.count
        members.append(Member(hash: KeyHash.hash64(bytes.span.extracting(range)), bytes: range, origin: origin))
    }

    /// Of the members from position `first` on, one that repeats another: where it stands in the text.
    mutating func duplicate(from first: Int) -> Range<Int>? {
        let count = members.count - first
        guard count > 1 else { return nil }
        var size = 4
        while size < 2 * count { size *= 2 }
        if table.count < size { table = Array(repeating: 0, count: size) }
        for place in 0..<size { table[place] = 0 }
        for position in first..<members.count {
            var place = Int(truncatingIfNeeded: members[position].hash) & (size - 1)
            while table[place] != 0 {
                if isEqual(table[place] - 1, position) { return members[position].origin }
                place = (place + 1) & (size - 1)
            }
            table[place] = position + 1
        }
        return nil
    }

    private func isEqual(_ one: Int, _ other: Int) -> Bool {
        let (a, b) = (members[one].bytes, members[other].bytes)
        guard members[one].hash == members[other].hash, a.count == b.count else { return false }
        for offset in 0..<a.count where bytes[a.lowerBound + offset] != bytes[b.lowerBound + offset] { return false }
        return true
    }
}
