import SaltmillBytes

/// Items, or other maps of attribute values, in canonical form: their DynamoDB JSON without white space, with only the escapes that JSON
/// demands and with numbers as the store returns them.
struct ItemBuffer {
    /// All items' JSON, one behind the other.
    var bytes: [UInt8] = []
    /// All items' top-level attributes.
    var attributes: [Attribute] = []

    /// A top-level attribute, by positions in ``bytes``.
    struct Attribute {
        /// The name as it stands in JSON, quotes excluded.
        var name: Range<Int>
        var type: AttributeType
        /// A string's, number's or binary's text as it stands in JSON, quotes excluded; for other types the value's JSON.
        var value: Range<Int>
        /// Bytes that the attribute counts for in its item: name and value.
        var size: Int

        /// The attribute's JSON, `"name":{"S":"value"}`.
        var json: Range<Int> { name.lowerBound - 1..<valueEnd }

        private var valueEnd: Int {
            switch type {
            case .string, .number, .binary: value.upperBound + 2
            default: value.upperBound + 1
            }
        }
    }

    /// One item, by positions in ``bytes`` and ``attributes``.
    struct Item {
        /// The item's JSON, braces included.
        var json: Range<Int>
        var attributes: Range<Int>
        /// Size by the item-size rules (Developer Guide, "DynamoDB item sizes and formats").
        var size: Int
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        attributes.removeAll(keepingCapacity: true)
    }

    /// The item's attribute of a name, which is given as it stands in JSON.
    func attribute(_ name: [UInt8], of item: Item) -> Attribute? {
        for index in item.attributes where span(attributes[index].name, equals: name) { return attributes[index] }
        return nil
    }

    /// Whether a range holds given bytes.
    func span(_ range: Range<Int>, equals other: [UInt8]) -> Bool {
        guard range.count == other.count else { return false }
        var index = range.lowerBound
        for byte in other {
            if bytes[index] != byte { return false }
            index += 1
        }
        return true
    }

    /// Whether two ranges hold the same bytes.
    func equal(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        guard one.count == other.count else { return false }
        return bytes.span.extracting(one).withUnsafeBufferPointer { left in
            bytes.span.extracting(other).withUnsafeBufferPointer { right in left.elementsEqual(right) }
        }
    }

    /// A string's, number's or binary's text, escapes resolved.
    func text(_ range: Range<Int>) -> String {
        JSONScanner.value(of: JSONStringToken(range: range, isEscaped: true), in: bytes.span)
    }
}
