package import SaltmillBytes

/// An attribute that ``ItemScanner`` found.
package struct ScannedAttribute: Sendable {
    /// The name's UTF-8, in the canonical form.
    package var name: Range<Int>
    /// The value's canonical form; for strings, numbers and binaries it is that of ``SaltmillBytes/CanonicalKey``.
    package var value: Range<Int>
    /// The whole member in the item's JSON, `"name":{…}`.
    package var member: Range<Int>
    /// The name's first eight bytes, to sort by.
    var prefix: UInt64
}

/// Reads one item of DynamoDB JSON in one pass: checks it, measures it, and writes its canonical form, which ``ItemDigest`` defines.
///
/// All that it tells is of the last item. It keeps its memory from item to item and builds no trees.
package struct ItemScanner: ~Copyable {
    /// How deeply lists and maps may be nested (Amazon DynamoDB Developer Guide, "Quotas").
    package static let maximumNesting = 32

    /// The item's attributes in the JSON's order.
    package internal(set) var attributes: [ScannedAttribute] = []
    /// Size in bytes by the item-size rules (names and values, not JSON): what capacity units are counted from.
    package internal(set) var size = 0
    /// White space stands around or within the JSON.
    package internal(set) var hasSpace = false
    /// Canonical forms, members and elements in the JSON's order at first.
    var output = CanonicalBuffer()
    /// Where members and elements are put in order.
    var ordered = CanonicalBuffer()
    /// Positions in ``attributes``, to be sorted.
    var order: [Int] = []
    private var isOrdered = true
    var text: [UInt8] = []
    var index = 0
    private let passedOver: [[UInt8]]
    /// Which of the attributes that are passed over the item has, by their position.
    package private(set) var found: Set<Int> = []

    /// - Parameter passedOver: names of attributes of the item itself that are taken for not being there.
    package init(passingOver passedOver: [String] = []) { self.passedOver = passedOver.map { Array($0.utf8) } }

    /// Gives back the room that a large item took; nothing is known of the item then.
    mutating func trim() {
        attributes = []
        output.trim()
        ordered.trim()
        if text.capacity > CanonicalBuffer.usualSize { text = [] }
    }

    /// Reads an item.
    /// - Parameter item: one object in DynamoDB JSON; white space may stand around and within it.
    /// - Throws: ``ItemFault`` for anything else; nothing is then known of the item.
    package mutating func scan(_ item: Span<UInt8>) throws(ItemFault) {
        attributes.removeAll(keepingCapacity: true)
        output.removeAll()
        size = 0
        index = 0
        hasSpace = false
        if !found.isEmpty { found = [] }
        isOrdered = try members(item, level: 0)
        while index < item.count, item[index] <= 0x20 {
            hasSpace = true
            index += 1
        }
        guard index == item.count else { throw ItemFault(.json(.trailing), at: index) }
    }

    /// Lends the bytes of a canonical range of ``attributes``.
    package borrowing func withCanonical<Result>(_ range: Range<Int>, _ body: (Span<UInt8>) -> Result) -> Result {
        output.withBytes(range, body)
    }

    /// Lends the item's canonical form.
    package borrowing func withCanonicalItem<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        isOrdered ? output.withBytes(0..<output.count, body) : ordered.withBytes(0..<ordered.count, body)
    }

    /// Adds the item's canonical form to a message.
    package borrowing func update(_ digester: inout Digester) {
        if isOrdered {
            output.withBytes(0..<output.count) { digester.update($0) }
        } else {
            ordered.withBytes(0..<ordered.count) { digester.update($0) }
        }
    }

    /// Reads an object of attributes and leaves them in ``attributes``.
    /// - Returns: true when they came in order; else the canonical form is in ``ordered``, not where it belongs.
    mutating func members(_ json: Span<UInt8>, level: Int) throws(ItemFault) -> Bool {
        try expect(UInt8(ascii: "{"), json, "an object of attributes")
        let header = output.count
        output.append(UInt8(ascii: "M"))
        output.append(UInt32(0))
        let first = attributes.count
        guard try peek(json) != UInt8(ascii: "}") else {
            index += 1
            return true
        }
        repeat {
            _ = try peek(json)
            let start = index
            let name = try string(json, "an attribute's name")
            try expect(UInt8(ascii: ":"), json, "a colon")
            let value = output.count
            let position = attributes.count
            attributes.append(ScannedAttribute(name: name, value: 0..<0, member: start..<start, prefix: output.prefix(name)))
            let before = size
            size += name.count
            try self.value(json, level: level)
            if level == 0, !passedOver.isEmpty, let number = passedOver.firstIndex(where: { isName($0, at: name) }) {
                found.insert(number)
                output.cut(to: name.lowerBound - 4)
                attributes.removeLast(attributes.count - position)
                size = before
                continue
            }
            attributes[position].value = value..<output.count
            attributes[position].member = start..<index
        } while try next(UInt8(ascii: "}"), json)
        output.set(UInt32(truncatingIfNeeded: attributes.count - first), at: header + 1)
        guard !isAscending(from: first) else { return true }
        sort(from: first)
        for position in order.indices.dropFirst() where isSame(order[position - 1], order[position]) {
            let second = attributes[max(order[position - 1], order[position])]
            let name = output.withBytes(second.name) { String(decoding: $0.array, as: UTF8.self) }
            throw ItemFault(.duplicateName(name), at: second.member.lowerBound)
        }
        assemble(header: header)
        return false
    }

    private func isName(_ name: [UInt8], at range: Range<Int>) -> Bool {
        guard name.count == range.count else { return false }
        return output.withBytes(range) { bytes in name.indices.allSatisfy { name[$0] == bytes[$0] } }
    }

    /// Ends a set whose elements are in ``attributes`` from `first` on, behind a header at `header`: sorted, none twice.
    mutating func closeSet(from first: Int, header: Int) {
        var count = attributes.count - first
        if !isAscending(from: first) {
            sort(from: first)
            var kept = 1
            for position in order.indices.dropFirst() where !isSame(order[kept - 1], order[position]) {
                order[kept] = order[position]
                kept += 1
            }
            order.removeLast(order.count - kept)
            count = kept
            assemble(header: header)
            takeOrdered(header: header)
        }
        output.set(UInt32(truncatingIfNeeded: count), at: header + 1)
        attributes.removeLast(attributes.count - first)
    }

    /// Puts the ordered form in the place of what was written from `header` on.
    mutating func takeOrdered(header: Int) {
        output.cut(to: header)
        output.append(0..<ordered.count, of: ordered)
    }

    private func isAscending(from first: Int) -> Bool {
        for position in (first + 1)..<max(attributes.count, first + 1) where !precedes(position - 1, position) { return false }
        return true
    }

    @inline(__always)
    private func precedes(_ left: Int, _ right: Int) -> Bool {
        let (first, second) = (attributes[left].prefix, attributes[right].prefix)
        return first != second ? first < second : output.compare(attributes[left].name, attributes[right].name) < 0
    }

    private func isSame(_ left: Int, _ right: Int) -> Bool {
        attributes[left].prefix == attributes[right].prefix && output.compare(attributes[left].name, attributes[right].name) == 0
    }

    /// Fills ``order`` with the positions from `first` on, sorted by name: by insertion where there are few, as is usual.
    private mutating func sort(from first: Int) {
        order.removeAll(keepingCapacity: true)
        guard attributes.count - first <= 48 else {
            order.append(contentsOf: merged(first, attributes.count))
            return
        }
        for position in first..<attributes.count {
            var place = order.count
            order.append(position)
            while place > 0, precedes(position, order[place - 1]) {
                order[place] = order[place - 1]
                place -= 1
            }
            order[place] = position
        }
    }

    /// The positions of a part, sorted by merging.
    private func merged(_ first: Int, _ end: Int) -> [Int] {
        guard end - first > 1 else { return Array(first..<end) }
        let middle = (first + end) / 2
        let (left, right) = (merged(first, middle), merged(middle, end))
        var result: [Int] = []
        result.reserveCapacity(end - first)
        var (i, j) = (0, 0)
        while i < left.count, j < right.count {
            if precedes(right[j], left[i]) {
                result.append(right[j])
                j += 1
            } else {
                result.append(left[i])
                i += 1
            }
        }
        return result + left[i...] + right[j...]
    }

    /// Writes to ``ordered``: the header, then what ``order`` names.
    private mutating func assemble(header: Int) {
        ordered.removeAll()
        ordered.append(header..<(header + 5), of: output)
        for position in order {
            let attribute = attributes[position]
            ordered.append((attribute.name.lowerBound - 4)..<attribute.value.upperBound, of: output)
        }
    }
}
