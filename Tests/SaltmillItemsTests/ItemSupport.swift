import SaltmillBytes
import SaltmillDynamoDB
import SaltmillItems
import SaltmillSources

/// A batch of the given rows, as a CSV source would give it; nil is a null cell.
func batch(_ rows: [[String?]]) -> RowBatch { batch(bytes: rows.map { $0.map { $0.map { Array($0.utf8) } } }) }

func batch(bytes rows: [[[UInt8]?]]) -> RowBatch {
    var batch = RowBatch(columnCount: rows.first?.count ?? 0)
    for (number, row) in rows.enumerated() {
        let start = batch.bytes.count
        for value in row {
            let doubled = (value ?? []).flatMap { $0 == UInt8(ascii: "\"") ? [$0, $0] : [$0] }
            var flags: Cell.Flags = value == nil ? [.null] : []
            if doubled.count != value?.count ?? 0 { flags.formUnion([.quoted, .escaped]) }
            batch.cells.append(Cell(offset: UInt32(batch.bytes.count), length: UInt32(doubled.count), flags: flags))
            batch.bytes += doubled + [UInt8(ascii: ",")]
        }
        batch.records.append(
            Record(locator: RecordLocator(offset: UInt64(start), line: UInt64(number + 1)), raw: start..<batch.bytes.count))
    }
    return batch
}

/// What encoding gave.
struct Encoded {
    var chunk: ItemChunk
    var rejects: [RejectedRow]

    init(_ mapping: ItemMapping, _ batch: RowBatch) {
        var encoder = ItemEncoder(mapping, columnCount: batch.columnCount)
        chunk = ItemChunk(indexCount: mapping.indexes.count)
        rejects = []
        encoder.encode(batch, into: &chunk, rejects: &rejects)
    }

    init(_ mapping: ItemMapping, _ rows: [[String?]]) { self.init(mapping, batch(rows)) }

    func json(_ item: Int) -> String {
        let item = chunk.items[item]
        return String(decoding: chunk.bytes[Int(item.offset)..<Int(item.offset + item.length)], as: UTF8.self)
    }

    func key(_ item: Int) -> String {
        let item = chunk.items[item]
        return String(decoding: chunk.bytes[Int(item.offset)..<Int(item.offset + item.keyLength)], as: UTF8.self)
    }
}

extension AttributeMapping {
    /// An attribute made from a column.
    init(
        _ name: String, _ type: AttributeType, column: Int, null: NullPolicy = .omit, encoding: BinaryEncoding = .base64,
        separator: String = ","
    ) {
        self.init(name: name, type: type, source: .column(column), null: null, encoding: encoding, separator: separator)
    }
}

/// One attribute of one row: its JSON behind the name and its value's size, or its fault.
struct OneValue: Equatable {
    var json: String?
    var size: Int?
    var code: String?
    var message: String?

    init(_ attribute: AttributeMapping, _ value: [UInt8]?) {
        self.init(attribute, batch(bytes: [[Array("1".utf8), value]]))
    }

    /// The value of a cell that has its text as it is, and these flags.
    init(_ attribute: AttributeMapping, _ text: String, _ flags: Cell.Flags) {
        var batch = RowBatch(columnCount: 2)
        batch.bytes = Array("1\(text)".utf8)
        batch.cells = [Cell(offset: 0, length: 1), Cell(offset: 1, length: UInt32(batch.bytes.count - 1), flags: flags)]
        batch.records = [Record(locator: RecordLocator(offset: 0, line: 1), raw: 0..<batch.bytes.count)]
        self.init(attribute, batch)
    }

    private init(_ attribute: AttributeMapping, _ batch: RowBatch) {
        let key = AttributeMapping("k", .S, column: 0)
        let encoded = Encoded(ItemMapping(attributes: [key, attribute], hasRange: false, salt: nil), batch)
        if encoded.chunk.items.count == 1 {
            let whole = encoded.json(0)
            let head = #"{"k":{"S":"1"}"#
            let middle = ",\"\(attribute.name)\":"
            json = whole.hasPrefix(head + middle) ? String(whole.dropFirst(head.count + middle.count).dropLast()) : nil
            size = json == nil ? nil : Int(encoded.chunk.items[0].size) - 2 - attribute.name.utf8.count
        }
        code = encoded.rejects.first?.fault.code
        message = encoded.rejects.first?.fault.message
    }

    init(_ attribute: AttributeMapping, _ value: String?) { self.init(attribute, value.map { Array($0.utf8) }) }
}

/// Hash of key values in canonical form, put together here by hand.
func canonicalHash(_ values: (Character, [UInt8])...) -> UInt64 {
    var bytes: [UInt8] = []
    for (type, value) in values {
        bytes += Array(String(type).utf8) + [0, 0, UInt8(value.count >> 8), UInt8(value.count & 255)] + value
    }
    return KeyHash.hash64(bytes.span)
}

func canonicalHash(_ values: (Character, String)...) -> UInt64 {
    var bytes: [UInt8] = []
    for (type, value) in values {
        let value = Array(value.utf8)
        bytes += Array(String(type).utf8) + [0, 0, UInt8(value.count >> 8), UInt8(value.count & 255)] + value
    }
    return KeyHash.hash64(bytes.span)
}

/// A generator of the same numbers in every run (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
