import SaltmillBytes

/// Reads the keys out of an answer's `UnprocessedItems`.
struct UnprocessedReader {
    /// What is wrong with an answer, as the end of a sentence that begins "the answer to BatchWriteItem".
    struct Fault: Error {
        var what: String

        static let request = Fault(what: "returns a request that is neither a put with an item nor a delete with a key")
    }

    private let table: String
    private let keySchema: KeySchema
    /// One key's canonical bytes.
    private var key: [UInt8] = []

    init(table: String, keySchema: KeySchema) {
        self.table = table
        self.keySchema = keySchema
    }

    /// Reads `{"table":[request,…]}` and appends each request's key hash.
    mutating func readTables(_ scanner: inout JSONScanner, _ body: Span<UInt8>, into hashes: inout [UInt64]) throws {
        guard try scanner.enterObject(body) else { return }
        repeat {
            let name = try scanner.memberName(body)
            guard name.matches(table.utf8.span, body) else {
                throw Fault(what: "returns items of a table \"\(JSONScanner.value(of: name, in: body))\" that was not asked for")
            }
            guard try scanner.enterArray(body) else { continue }
            repeat { hashes.append(try readRequest(&scanner, body)) } while try scanner.nextElement(body)
        } while try scanner.nextMember(body)
    }

    /// Reads `{"PutRequest":{"Item":{…}}}` or `{"DeleteRequest":{"Key":{…}}}`.
    private mutating func readRequest(_ scanner: inout JSONScanner, _ body: Span<UInt8>) throws -> UInt64 {
        var hash: UInt64?
        if try scanner.enterObject(body) {
            repeat {
                let kind = try scanner.memberName(body)
                let isPut = kind.matches("PutRequest", body)
                guard isPut || kind.matches("DeleteRequest", body) else { throw Fault.request }
                guard try scanner.enterObject(body) else { throw Fault.request }
                repeat {
                    if try scanner.memberName(body).matches(isPut ? "Item" : "Key", body) {
                        hash = try readKey(&scanner, body)
                    } else {
                        try scanner.skipValue(body)
                    }
                } while try scanner.nextMember(body)
            } while try scanner.nextMember(body)
        }
        guard let hash else { throw Fault.request }
        return hash
    }

    /// Reads over an item's attributes and hashes those of its key.
    private mutating func readKey(_ scanner: inout JSONScanner, _ body: Span<UInt8>) throws -> UInt64 {
        var hashValue: JSONStringToken?
        var rangeValue: JSONStringToken?
        if try scanner.enterObject(body) {
            repeat {
                let name = try scanner.memberName(body)
                if name.matches(keySchema.hash.name.utf8.span, body) {
                    hashValue = try scalar(keySchema.hash, &scanner, body)
                } else if let range = keySchema.range, name.matches(range.name.utf8.span, body) {
                    rangeValue = try scalar(range, &scanner, body)
                } else {
                    try scanner.skipValue(body)
                }
            } while try scanner.nextMember(body)
        }
        key.removeAll(keepingCapacity: true)
        try append(keySchema.hash, hashValue, body)
        if let range = keySchema.range { try append(range, rangeValue, body) }
        return KeyHash.hash64(key.span)
    }

    /// Reads `{"S":"…"}` of the attribute's own type and gives the string.
    private func scalar(_ attribute: KeyAttribute, _ scanner: inout JSONScanner, _ body: Span<UInt8>) throws -> JSONStringToken {
        if try scanner.enterObject(body), try scanner.memberName(body).matches(attribute.type.rawValue.utf8.span, body) {
            let value = try scanner.string(body)
            if try !scanner.nextMember(body) { return value }
        }
        throw Fault(what: "returns an item whose key attribute \"\(attribute.name)\" is not of type \(attribute.type.rawValue)")
    }

    private mutating func append(_ attribute: KeyAttribute, _ token: JSONStringToken?, _ body: Span<UInt8>) throws {
        guard let token else { throw Fault(what: "returns an item without its key attribute \"\(attribute.name)\"") }
        var raw: [UInt8] = []
        JSONScanner.appendValue(of: token, in: body, to: &raw)
        switch attribute.type {
        case .S: CanonicalKey.append(type: UInt8(ascii: "S"), value: raw.span, to: &key)
        case .N:
            var text: [UInt8] = []
            _ = try DecimalNumber.appendText(normalizing: raw.span, to: &text)
            CanonicalKey.append(type: UInt8(ascii: "N"), value: text.span, to: &key)
        case .B:
            var bytes: [UInt8] = []
            try Base64.append(decoding: raw.span, to: &bytes)
            CanonicalKey.append(type: UInt8(ascii: "B"), value: bytes.span, to: &key)
        }
    }
}
