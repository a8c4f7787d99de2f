import SaltmillBytes
import Synchronization

/// Where a row lies: bytes that order all rows of all tables and indexes as the service orders them.
///
/// The number of the table or index; the MD5 of `Outliers` and the partition key, as dynalite found DynamoDB to place items; the sort key in
/// bytes that order like its values; for an index entry, the same of the item's own key. Sort keys are closed by two zero bytes (a zero byte
/// in them becomes 00 FF), so no row's key is the beginning of another's.
struct RowKey: Hashable {
    var bytes: [UInt8]

    private static let salt: [UInt8] = Array("Outliers".utf8)
    private static let digester = Mutex(Digester(.md5))
    private static let collectionLength = 4
    private static let hashLength = 16

    /// The key of the first row that a table or index might have.
    init(collection: UInt32) {
        bytes = []
        bytes.reserveCapacity(64)
        for shift: UInt32 in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: collection >> shift)) }
    }

    /// The first position of a parallel scan's segment: the hash space is cut on its first 12 bits.
    init(collection: UInt32, segment: Int, of total: Int) {
        self.init(collection: collection)
        let first = (4096 * segment + total - 1) / total
        bytes.append(UInt8(truncatingIfNeeded: first >> 4))
        bytes.append(UInt8(truncatingIfNeeded: first << 4))
    }

    /// Appends the hash position of a partition key value.
    mutating func appendHash(_ value: [UInt8]) {
        let hash = Self.digester.withLock { digester in
            digester.update(Self.salt)
            digester.update(value)
            return digester.finish()
        }
        bytes.append(contentsOf: hash)
    }

    /// Appends a whole sort key value.
    mutating func appendRange(_ value: [UInt8]) {
        appendRange(startingWith: value)
        bytes.append(0)
        bytes.append(0)
    }

    /// Appends the beginning of a sort key value.
    mutating func appendRange(startingWith value: [UInt8]) {
        for byte in value {
            bytes.append(byte)
            if byte == 0 { bytes.append(0xFF) }
        }
    }

    /// Appends the place of the item that an index entry stands for.
    mutating func appendPlace(of key: RowKey) { bytes.append(contentsOf: key.bytes[Self.collectionLength...]) }

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The hash position is a hash already.
    func hash(into hasher: inout Hasher) { hasher.combine(position) }

    /// The upper 64 bits of the hash position, zeros where the key is shorter.
    var position: UInt64 { Self.position(of: bytes.span) }

    static func position(of key: Span<UInt8>) -> UInt64 {
        var position: UInt64 = 0
        for index in collectionLength..<collectionLength + 8 { position = position << 8 | UInt64(index < key.count ? key[index] : 0) }
        return position
    }

    /// Whether both keys have the same partition key.
    func sharesPartition(with other: RowKey) -> Bool {
        let length = Self.collectionLength + Self.hashLength
        return bytes.prefix(length) == other.bytes.prefix(length)
    }

    /// What all keys of the same partition key begin with in another collection.
    func partition(in collection: UInt32) -> RowKey {
        var prefix = RowKey(collection: collection)
        prefix.bytes.append(contentsOf: bytes[Self.collectionLength..<Self.collectionLength + Self.hashLength])
        return prefix
    }

    /// The first key behind all those that begin with this one.
    var successor: RowKey {
        var next = self
        while let last = next.bytes.popLast() {
            if last < 0xFF {
                next.bytes.append(last + 1)
                break
            }
        }
        return next
    }
}

/// Half-open range of row keys.
struct KeyRange: Equatable {
    var lower: RowKey
    var upper: RowKey

    /// All keys that begin with `prefix`.
    init(prefix: RowKey) { self.init(prefix, prefix.successor) }

    init(_ lower: RowKey, _ upper: RowKey) {
        self.lower = lower
        self.upper = upper
    }

    func contains(_ key: RowKey) -> Bool {
        !key.bytes.lexicographicallyPrecedes(lower.bytes) && key.bytes.lexicographicallyPrecedes(upper.bytes)
    }

    /// What comes behind a row, in the direction of reading.
    func after(_ key: RowKey, descending: Bool) -> KeyRange { descending ? KeyRange(lower, key) : KeyRange(key.successor, upper) }
}
