import SaltmillBytes
import SaltmillDynamoDB
import SaltmillItems
import SaltmillSources

/// Tells items by hashes: equal for equal keys, and for equal content, however the items are written.
///
/// Content is compared in the canonical form of ``SaltmillItems/ItemDigest``, without what a sync adds.
struct ItemHasher: ~Copyable {
    struct Hashes: Sendable, Equatable {
        /// Hash of the primary key.
        var high: UInt64
        var low: UInt64
        /// The first bytes of the SHA-256 of the canonical form.
        var content: UInt64
        /// The item only says that its row is gone.
        var isTombstone: Bool
    }

    private var scanner = ItemScanner(passingOver: [SyncAttributes.version, SyncAttributes.deleted])
    private var digester = Digester(.sha256)
    private let keyNames: [[UInt8]]
    /// Positions of the last item's key attributes.
    private var keys: [Int] = []
    private var key: [UInt8] = []

    init(_ schema: KeySchema) {
        keyNames = ([schema.hash.name] + (schema.range.map { [$0.name] } ?? [])).map { Array($0.utf8) }
    }

    /// Reads an item.
    /// - Throws: ``SaltmillItems/ItemFault`` for anything else, and for an item without the key.
    mutating func hash(_ item: Span<UInt8>) throws(ItemFault) -> Hashes {
        try scanner.scan(item)
        scanner.update(&digester)
        let content = digester.finishSHA256().words.0
        keys.removeAll(keepingCapacity: true)
        key.removeAll(keepingCapacity: true)
        for name in keyNames {
            guard let position = Self.position(of: name, in: scanner) else {
                throw ItemFault(.shape("the key attribute \(String(decoding: name, as: UTF8.self))"), at: 0)
            }
            keys.append(position)
            Self.append(scanner.attributes[position].value, of: scanner, to: &key)
        }
        let hash = KeyHash.hash128(key.span)
        return Hashes(high: hash.high, low: hash.low, content: content, isTombstone: scanner.found.contains(1))
    }

    private static func position(of name: [UInt8], in scanner: borrowing ItemScanner) -> Int? {
        for position in scanner.attributes.indices where scanner.attributes[position].name.count == name.count {
            let isIt = scanner.withCanonical(scanner.attributes[position].name) { bytes in name.indices.allSatisfy { bytes[$0] == name[$0] }
            }
            if isIt { return position }
        }
        return nil
    }

    private static func append(_ range: Range<Int>, of scanner: borrowing ItemScanner, to output: inout [UInt8]) {
        scanner.withCanonical(range) { output.append($0) }
    }

    /// Appends the JSON of the last item's key.
    /// - Parameter item: what was hashed.
    func appendKey(of item: Span<UInt8>, to output: inout [UInt8]) {
        for (number, position) in keys.enumerated() {
            output.append(UInt8(ascii: number == 0 ? "{" : ","))
            output.append(item.extracting(scanner.attributes[position].member))
        }
        output.append(UInt8(ascii: "}"))
    }

    /// The last item's attributes by name: each value's canonical form, and its JSON.
    func attributes(of item: Span<UInt8>) -> [[UInt8]: (canonical: [UInt8], json: [UInt8])] {
        var attributes: [[UInt8]: (canonical: [UInt8], json: [UInt8])] = [:]
        for attribute in scanner.attributes {
            let name = scanner.withCanonical(attribute.name) { $0.array }
            let value = scanner.withCanonical(attribute.value) { $0.array }
            var json = JSONScanner(at: attribute.member.lowerBound, maximumDepth: 256)
            // The member was read before: its value stands behind the name and the colon.
            guard (try? json.memberName(item)) != nil, (try? json.peek(item)) != nil else { continue }
            attributes[name] = (value, item.extracting(json.index..<attribute.member.upperBound).array)
        }
        return attributes
    }
}
