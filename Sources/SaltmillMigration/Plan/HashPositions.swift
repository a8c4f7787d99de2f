import SaltmillBytes
import SaltmillDynamoDB

/// Reads single attributes out of items' JSON.
enum ItemAttribute {
    /// The value of a string, number or binary attribute, its text still escaped; nil where the item has none.
    static func scalar(_ name: Span<UInt8>, in item: Span<UInt8>) throws(JSONError) -> JSONStringToken? {
        var scanner = JSONScanner()
        guard try scanner.enterObject(item) else { return nil }
        repeat {
            let member = try scanner.memberName(item)
            guard !member.isEscaped, equals(item.extracting(member.range), name), try scanner.enterObject(item) else {
                try scanner.skipValue(item)
                continue
            }
            _ = try scanner.memberName(item)
            return try scanner.string(item)
        } while try scanner.nextMember(item)
        return nil
    }

    private static func equals(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        for index in a.indices where a[index] != b[index] { return false }
        return true
    }
}

/// Where the values of one hash key lie among partitions: the upper 64 bits of the MD5 of `Outliers` and the value, as the embedded endpoint
/// places them and dynalite found DynamoDB to.
struct HashPositions: ~Copyable {
    private let name: [UInt8]
    private let type: ScalarType
    private var digester = Digester(.md5)
    private var value: [UInt8] = []
    /// The positions of values that were asked for last, by lane.
    private var known = [(lane: UInt64, position: UInt64)](repeating: (0, 0), count: 4_096)

    private static let prefix = Array("Outliers".utf8)

    init(_ key: KeyAttribute) {
        name = Array(key.name.utf8)
        type = key.type
    }

    /// The position of an item.
    /// - Parameter lane: hash of its value, 0 for none.
    mutating func position(of item: Span<UInt8>, lane: UInt64) throws -> UInt64 {
        let slot = Int(truncatingIfNeeded: lane) & (known.count - 1)
        if known[slot].lane == lane, lane != 0 { return known[slot].position }
        guard let token = try ItemAttribute.scalar(name.span, in: item) else { return 0 }
        value.removeAll(keepingCapacity: true)
        JSONScanner.appendValue(of: token, in: item, to: &value)
        let position = try position(of: value)
        known[slot] = (lane, position)
        return position
    }

    private mutating func position(of text: [UInt8]) throws -> UInt64 {
        var bytes = text
        switch type {
        case .S: break
        case .N:
            bytes.removeAll(keepingCapacity: true)
            try DecimalNumber(parsing: text.span).appendOrdered(to: &bytes)
        case .B:
            bytes.removeAll(keepingCapacity: true)
            try Base64.append(decoding: text.span, to: &bytes)
        }
        digester.update(Self.prefix.span)
        digester.update(bytes.span)
        return digester.finish().prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
