import SaltmillBytes

/// An item as it stands in a request, read the way a store reads it.
struct SentItem {
    /// Hash of the primary key in canonical form.
    var key: UInt64
    /// Upper 64 bits of the partition key's hash: where it lies among the partitions.
    var position: UInt64
    /// The same in the index, if the item is in it.
    var indexPosition: UInt64?
    var day: Range<Int>
    var id = 0
    var row = 0
    var kind: Range<Int>?
    var textLength = 0
    var isPoison = false

    /// The items of a BatchWriteItem's body.
    static func items(in body: Span<UInt8>) throws(JSONError) -> [SentItem] {
        var items: [SentItem] = []
        var scanner = JSONScanner()
        guard try scanner.enterObject(body) else { return [] }
        repeat {
            // The first letter tells this request's names apart.
            let name = try scanner.memberName(body)
            guard body[name.range.lowerBound + 2] == UInt8(ascii: "q"), try scanner.enterObject(body) else {
                try scanner.skipValue(body)
                continue
            }
            _ = try scanner.memberName(body)
            guard try scanner.enterArray(body) else { throw JSONError(.unexpectedByte, at: scanner.index) }
            repeat {
                for _ in 0..<2 {
                    _ = try scanner.enterObject(body)
                    _ = try scanner.memberName(body)
                }
                items.append(try SentItem(&scanner, body))
                for _ in 0..<2 { _ = try scanner.nextMember(body) }
            } while try scanner.nextElement(body)
            _ = try scanner.nextMember(body)
        } while try scanner.nextMember(body)
        return items
    }

    private init(_ scanner: inout JSONScanner, _ body: Span<UInt8>) throws(JSONError) {
        (key, position, day) = (0, 0, 0..<0)
        guard try scanner.enterObject(body) else { throw JSONError(.unexpectedByte, at: scanner.index) }
        var index: Range<Int>?
        repeat {
            let name = try scanner.memberName(body).range
            _ = try scanner.enterObject(body)
            _ = try scanner.memberName(body)
            let value = try scanner.string(body).range
            _ = try scanner.nextMember(body)
            switch (body[name.lowerBound], name.count) {
            case (UInt8(ascii: "d"), _): day = value
            case (UInt8(ascii: "i"), _): id = Self.number(body, value)
            case (UInt8(ascii: "r"), _): row = Self.number(body, value)
            case (UInt8(ascii: "k"), 4):
                kind = value
                index = index ?? value
            case (UInt8(ascii: "k"), _): index = value
            default:
                textLength = value.count
                isPoison = value.count >= 6 && body[value.lowerBound] == UInt8(ascii: "p")
            }
        } while try scanner.nextMember(body)
        position = KeyHash.hash64(body.extracting(day))
        indexPosition = index.map { KeyHash.hash64(body.extracting($0)) }
        var canonical: [UInt8] = []
        canonical.reserveCapacity(48)
        CanonicalKey.append(type: UInt8(ascii: "S"), value: body.extracting(day), to: &canonical)
        CanonicalKey.append(type: UInt8(ascii: "N"), value: Array(String(id).utf8).span, to: &canonical)
        key = KeyHash.hash64(canonical.span)
    }

    private static func number(_ body: Span<UInt8>, _ range: Range<Int>) -> Int {
        var value = 0
        for index in range { value = value * 10 + Int(body[index]) - 48 }
        return value
    }

    /// Whether the item says what the row says, as far as its logical key and its attributes go.
    func isFaithful(to row: Scenario.Row, in body: Span<UInt8>, isSalted: Bool) -> Bool {
        func holds(_ range: Range<Int>, _ letter: UInt8, _ number: Int) -> Bool {
            guard body[range.lowerBound] == letter else { return false }
            let dot = range.first { body[$0] == UInt8(ascii: ".") } ?? range.upperBound
            return Self.number(body, (range.lowerBound + 1)..<dot) == number
        }
        let hasKind = row.kind.map { number in kind.map { holds($0, UInt8(ascii: "k"), number) } ?? false } ?? (kind == nil)
        let length = row.textLength + (row.nature == .poison ? 6 : 0)
        return id == row.id && hasKind && textLength == length && holds(day, UInt8(ascii: "d"), row.day)
            && day.contains { body[$0] == UInt8(ascii: ".") } == isSalted
    }
}
