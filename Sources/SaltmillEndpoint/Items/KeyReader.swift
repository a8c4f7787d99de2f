import SaltmillBytes

/// Finds the keys of items.
struct KeyReader {
    /// Longest key values in bytes (Developer Guide, "Service quotas").
    private static let maximumHash = 2048
    private static let maximumRange = 1024

    /// Where a key was given: the service words its faults accordingly.
    enum Place {
        /// In an item that PutItem writes.
        case item
        /// As a key, with nothing else, or in an item of a batch.
        case key
    }

    static var mismatch: ServiceError { .validation("The provided key element does not match the schema") }

    /// The row key of an item of a table.
    /// - Throws: a ValidationException where a key attribute is missing, of another type, empty or too long.
    static func rowKey(
        of item: ItemBuffer.Item, in buffer: ItemBuffer, _ keys: KeySchema, collection: UInt32, place: Place
    ) throws -> RowKey {
        let hash = try attribute(keys.hash, of: item, in: buffer, place)
        let range = try keys.range.map { try attribute($0, of: item, in: buffer, place) }
        var key = RowKey(collection: collection)
        let hashValue = try value(of: hash, keys.hash, in: buffer)
        key.appendHash(hashValue)
        var rangeValue: [UInt8] = []
        if let range, let definition = keys.range {
            rangeValue = try value(of: range, definition, in: buffer)
            key.appendRange(rangeValue)
        }
        if hash.type != .number { try checkLength(hashValue.count, isHash: true) }
        if range?.type != .number { try checkLength(rangeValue.count, isHash: false) }
        return key
    }

    /// The row key that a key means, which must hold the key attributes and nothing else.
    static func rowKey(exactly item: ItemBuffer.Item, in buffer: ItemBuffer, _ keys: KeySchema, collection: UInt32) throws -> RowKey {
        guard item.attributes.count == (keys.range == nil ? 1 : 2) else { throw mismatch }
        return try rowKey(of: item, in: buffer, keys, collection: collection, place: .key)
    }

    /// An item's key attribute, which must be there and of the right type.
    private static func attribute(
        _ key: KeyAttribute, of item: ItemBuffer.Item, in buffer: ItemBuffer, _ place: Place
    ) throws -> ItemBuffer.Attribute {
        guard let attribute = buffer.attribute(key.nameInJSON, of: item) else {
            if place == .key { throw mismatch }
            throw ServiceError.invalidParameter("Missing the key \(key.name) in the item")
        }
        guard attribute.type == key.type.attributeType else {
            if place == .key { throw mismatch }
            throw ServiceError.invalidParameter(
                "Type mismatch for key \(key.name) expected: \(key.type.rawValue) actual: \(attribute.type.name)")
        }
        return attribute
    }

    /// A key attribute's value, which must not be empty.
    private static func value(of attribute: ItemBuffer.Attribute, _ key: KeyAttribute, in buffer: ItemBuffer) throws -> [UInt8] {
        let value = orderedBytes(of: attribute, in: buffer)
        guard !value.isEmpty else {
            throw ServiceError.validation(
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
                    + "\(attribute.type == .binary ? "binary" : "string") value. Key: \(key.name)")
        }
        return value
    }

    private static func checkLength(_ length: Int, isHash: Bool) throws {
        if isHash, length > maximumHash {
            throw ServiceError.invalidParameter("Size of hashkey has exceeded the maximum size limit of\(maximumHash) bytes")
        }
        if !isHash, length > maximumRange {
            throw ServiceError.invalidParameter(
                "Aggregated size of all range keys has exceeded the size limit of \(maximumRange) bytes")
        }
    }

    /// The key of an item's entry in an index; nil where the item lacks one of the index's key attributes and so is not in it.
    /// - Parameter place: the item's own key.
    static func entryKey(
        of item: ItemBuffer.Item, in buffer: ItemBuffer, _ index: IndexDefinition, place: RowKey
    ) throws -> RowKey? {
        var values: [[UInt8]] = []
        for (key, isHash) in zip(index.keys.attributes, [true, false]) {
            guard let attribute = buffer.attribute(key.nameInJSON, of: item) else { return nil }
            guard attribute.type == key.type.attributeType else {
                throw ServiceError.invalidParameter(
                    "Type mismatch for Index Key \(key.name) Expected: \(key.type.rawValue) Actual: \(attribute.type.name) "
                        + "IndexName: \(index.name)")
            }
            let value = orderedBytes(of: attribute, in: buffer)
            guard !value.isEmpty else {
                throw ServiceError.validation(
                    "One or more parameter values are not valid. A value specified for a secondary index key is not supported. "
                        + "The AttributeValue for a key attribute cannot contain an empty "
                        + "\(attribute.type == .binary ? "binary" : "string") value. IndexName: \(index.name), IndexKey: \(key.name)")
            }
            if attribute.type != .number { try checkLength(value.count, isHash: isHash) }
            values.append(value)
        }
        var key = RowKey(collection: index.collection)
        key.appendHash(values[0])
        if values.count > 1 { key.appendRange(values[1]) }
        key.appendPlace(of: place)
        return key
    }

    /// The bytes by which a key value is hashed and ordered.
    static func orderedBytes(of attribute: ItemBuffer.Attribute, in buffer: ItemBuffer) -> [UInt8] {
        var value: [UInt8] = []
        let text = buffer.bytes.span.extracting(attribute.value)
        switch attribute.type {
        case .number: (try? DecimalNumber(parsing: text))?.appendOrdered(to: &value)
        case .binary: try? Base64.append(decoding: text, to: &value)
        default:
            guard text.hasEscapes else { return text.array }
            JSONScanner.appendValue(of: JSONStringToken(range: attribute.value, isEscaped: true), in: buffer.bytes.span, to: &value)
        }
        return value
    }

    /// A key's JSON: an item's attributes of the given names and no others.
    static func json(_ keys: [KeyAttribute], of item: ItemBuffer.Item, in buffer: ItemBuffer) -> [UInt8] {
        var json: [UInt8] = [UInt8(ascii: "{")]
        for key in keys {
            guard let attribute = buffer.attribute(key.nameInJSON, of: item) else { continue }
            if json.count > 1 { json.append(UInt8(ascii: ",")) }
            json.append(buffer.bytes.span.extracting(attribute.json))
        }
        json.append(UInt8(ascii: "}"))
        return json
    }
}

extension Span<UInt8> {
    fileprivate var hasEscapes: Bool {
        for index in 0..<count where self[index] == UInt8(ascii: "\\") { return true }
        return false
    }
}
