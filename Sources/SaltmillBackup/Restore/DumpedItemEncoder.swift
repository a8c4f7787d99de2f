import SaltmillBytes
package import SaltmillDynamoDB
package import SaltmillItems
package import SaltmillSources

/// Makes of a dump's items what goes over the wire: the same JSON with the key attributes first, and what sending it needs to know.
///
/// An item that has been read over is copied once; values stay as they are written. An encoder keeps what it uses again, so nothing is
/// allocated per item; each task has one of its own.
package struct DumpedItemEncoder: Sendable {
    /// An attribute that is part of a key: the table's or an index's.
    private struct KeyPart: Sendable {
        var name: [UInt8]
        var type: ScalarType
        /// Which of the attributes of the item at hand it is; nil where the item lacks it.
        var attribute: Int?

        var text: String { String(decoding: name, as: UTF8.self) }
    }

    private struct IndexKey: Sendable {
        var name: String
        var hash: Int
        var range: Int?
    }

    private let table: String
    /// The table's hash key, its range key where it has one, then what only indexes have as keys.
    private var parts: [KeyPart] = []
    private let keyCount: Int
    /// The global indexes, then the local ones, whose items cost the table.
    private var indexes: [IndexKey] = []
    private let globalCount: Int
    private var key: [UInt8] = []

    /// - Parameter table: what the items are for; its global indexes, in that order, are the items' index bits.
    package init(for table: TableDescription) {
        self.table = table.name
        keyCount = table.key.range == nil ? 1 : 2
        globalCount = table.globalIndexes.count
        _ = add(table.key.hash)
        if let range = table.key.range { _ = add(range) }
        for index in table.globalIndexes + table.localIndexes {
            let hash = add(index.key.hash)
            indexes.append(IndexKey(name: index.name, hash: hash, range: index.key.range.map { add($0) }))
        }
    }

    private mutating func add(_ attribute: KeyAttribute) -> Int {
        let name = Array(attribute.name.utf8)
        if let known = parts.firstIndex(where: { $0.name == name }) { return known }
        parts.append(KeyPart(name: name, type: attribute.type))
        return parts.count - 1
    }

    /// Appends an item to `chunk`, which is left as it was when the item cannot be sent.
    /// - Parameters:
    ///   - item: one item in DynamoDB JSON without white space between tokens.
    ///   - scanned: what reading over it has found.
    ///   - record: the item's position among the records of the chunk.
    /// - Throws: why the item cannot be sent.
    package mutating func append(
        _ item: Span<UInt8>, _ scanned: borrowing ItemScanner, record: Int, to chunk: inout ItemChunk
    ) throws(RowFault) {
        guard scanned.size <= ItemLimits.item else { throw RowFault(itemOf: scanned.size) }
        findKeys(scanned)
        key.removeAll(keepingCapacity: true)
        try appendKey(0, of: scanned, limit: ItemLimits.hashKey)
        let lane = KeyHash.hash64(key.span)
        if keyCount == 2 { try appendKey(1, of: scanned, limit: ItemLimits.rangeKey) }
        let lanes = chunk.indexLanes.count
        let members: UInt32
        do throws(RowFault) {
            members = try appendIndexLanes(of: scanned, to: &chunk.indexLanes)
        } catch {
            chunk.indexLanes.removeLast(chunk.indexLanes.count - lanes)
            throw error
        }
        let offset = chunk.bytes.count
        let keyLength = copy(item, scanned, to: &chunk.bytes)
        chunk.items.append(
            EncodedItem(
                offset: UInt32(offset), length: UInt32(chunk.bytes.count - offset), size: UInt32(scanned.size),
                keyLength: UInt32(keyLength), key: keyCount == 2 ? KeyHash.hash64(key.span) : lane, lane: lane, indexes: members,
                record: UInt32(record)))
    }

    // MARK: Keys

    private mutating func findKeys(_ scanned: borrowing ItemScanner) {
        for part in parts.indices { parts[part].attribute = nil }
        for attribute in scanned.attributes.indices {
            let name = scanned.attributes[attribute].name
            for part in parts.indices where parts[part].name.count == name.count {
                let isFound = scanned.withCanonical(name) { bytes in
                    var index = 0
                    while index < bytes.count, parts[part].name[index] == bytes[index] { index += 1 }
                    return index == bytes.count
                }
                guard isFound else { continue }
                parts[part].attribute = attribute
                break
            }
        }
    }

    /// Appends the canonical form of a part of the table's key.
    private mutating func appendKey(_ part: Int, of scanned: borrowing ItemScanner, limit: Int) throws(RowFault) {
        guard let attribute = parts[part].attribute else { throw RowFault(missingKey: parts[part].text) }
        try check(part, attribute, of: scanned, limit: limit, place: table)
        scanned.withCanonical(scanned.attributes[attribute].value) { key.append($0) }
    }

    /// Checks that an attribute can be part of a key. Its size is that of its canonical form behind type and length, for numbers too, which
    /// no limit concerns.
    private func check(
        _ part: Int, _ attribute: Int, of scanned: borrowing ItemScanner, limit: Int, place: @autoclosure () -> String
    ) throws(RowFault) {
        let range = scanned.attributes[attribute].value
        let type = scanned.withCanonical(range) { $0[0] }
        guard type == parts[part].type.letter else { throw RowFault(typeOf: parts[part].text, wanted: parts[part].type, in: place()) }
        let size = range.count - CanonicalKey.headerLength
        guard size > 0 else { throw RowFault(emptyKey: parts[part].text, in: place()) }
        guard size <= limit else { throw RowFault(keyOf: size, limit: limit, parts[part].text, in: place()) }
    }

    /// Appends the item's lane in each global index, and gives the set of those that it is in.
    private func appendIndexLanes(of scanned: borrowing ItemScanner, to lanes: inout [UInt64]) throws(RowFault) -> UInt32 {
        var members: UInt32 = 0
        for number in indexes.indices {
            let index = indexes[number]
            let hash = try attribute(index.hash, of: scanned, limit: ItemLimits.hashKey, index: number)
            var hasRange = true
            if let range = index.range { hasRange = try attribute(range, of: scanned, limit: ItemLimits.rangeKey, index: number) != nil }
            guard number < globalCount else { continue }
            guard let hash, hasRange else {
                lanes.append(0)
                continue
            }
            members |= 1 << UInt32(number)
            lanes.append(scanned.withCanonical(scanned.attributes[hash].value) { KeyHash.hash64($0) })
        }
        return members
    }

    /// The attribute of an index's key, which must be usable as one; nil where the item lacks it.
    private func attribute(_ part: Int, of scanned: borrowing ItemScanner, limit: Int, index: Int) throws(RowFault) -> Int? {
        guard let attribute = parts[part].attribute else { return nil }
        try check(part, attribute, of: scanned, limit: limit, place: "index \(indexes[index].name)")
        return attribute
    }

    // MARK: Writing

    /// Copies an item with its key attributes first, and gives the length of that beginning.
    private func copy(_ item: Span<UInt8>, _ scanned: borrowing ItemScanner, to output: inout [UInt8]) -> Int {
        guard let hashNumber = parts[0].attribute else { return 0 }
        let hash = scanned.attributes[hashNumber].member
        guard keyCount == 2, let rangeNumber = parts[1].attribute else {
            if hashNumber == 0 {
                output.append(item)
                return hash.upperBound
            }
            output.append(UInt8(ascii: "{"))
            output.append(item.extracting(hash))
            append(item, from: 1, to: hash.lowerBound - 1, into: &output)
            append(item, from: hash.upperBound + 1, to: item.count - 1, into: &output)
            output.append(UInt8(ascii: "}"))
            return hash.count + 1
        }
        let range = scanned.attributes[rangeNumber].member
        if hashNumber == 0, rangeNumber == 1 {
            output.append(item)
            return range.upperBound
        }
        output.append(UInt8(ascii: "{"))
        output.append(item.extracting(hash))
        output.append(UInt8(ascii: ","))
        output.append(item.extracting(range))
        let (first, second) = hashNumber < rangeNumber ? (hash, range) : (range, hash)
        append(item, from: 1, to: first.lowerBound - 1, into: &output)
        append(item, from: first.upperBound + 1, to: second.lowerBound - 1, into: &output)
        append(item, from: second.upperBound + 1, to: item.count - 1, into: &output)
        output.append(UInt8(ascii: "}"))
        return hash.count + range.count + 2
    }

    /// Appends the attributes between two commas or braces, if there are any.
    @inline(__always)
    private func append(_ item: Span<UInt8>, from start: Int, to end: Int, into output: inout [UInt8]) {
        guard start < end else { return }
        output.append(UInt8(ascii: ","))
        output.append(item.extracting(start..<end))
    }
}

extension ScalarType {
    /// The type's letter.
    var letter: UInt8 {
        switch self {
        case .S: UInt8(ascii: "S")
        case .N: UInt8(ascii: "N")
        case .B: UInt8(ascii: "B")
        }
    }
}
