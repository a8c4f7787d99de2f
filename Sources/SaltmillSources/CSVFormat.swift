import SaltmillBytes

/// How a CSV file is to be read.
package struct CSVFormat: Sendable, Equatable {
    /// One byte that separates cells.
    package var delimiter: UInt8
    /// Texts that mean null where they are a whole unquoted cell. By default the empty one; an empty cell in quotes is an empty string.
    package var nulls: [String]
    /// Names of the columns, for a file without a header line; nil when the first record names them.
    package var columns: [String]?
    /// Longest record in bytes, line end included.
    package var maximumRecordLength: Int

    /// The longest record that is read unless told otherwise: 4 MiB, ten times what the largest item takes.
    package static let defaultMaximumRecordLength = 4 << 20
    /// More columns than this are taken for a sign of the wrong delimiter or file.
    package static let maximumColumns = 16_384

    package init(
        delimiter: UInt8 = 0x2C, nulls: [String] = [""], columns: [String]? = nil, maximumRecordLength: Int = defaultMaximumRecordLength
    ) {
        self.delimiter = delimiter
        self.nulls = nulls
        self.columns = columns
        self.maximumRecordLength = maximumRecordLength
    }

    /// Everything about the format that shapes rows, as compact JSON: equal texts mean equal rows from equal bytes.
    package var fingerprint: String {
        let value: JSONValue = [
            "delimiter": .integer(delimiter),
            "nulls": .array(nulls.map { .string($0) }),
            "columns": columns.map { .array($0.map { .string($0) }) } ?? .null,
            "maximumRecordLength": .integer(maximumRecordLength),
        ]
        return String(decoding: value.bytes, as: UTF8.self)
    }
}

/// The texts that mean null, ready for comparing with cells.
struct NullMarkers: Sendable {
    private let texts: [[UInt8]]
    /// Bit *n* is set when there is a text of *n* bytes; bit 63 stands for all that are longer than 62.
    private let lengths: UInt64

    init(_ texts: [String]) {
        self.texts = texts.map { Array($0.utf8) }
        lengths = self.texts.reduce(0) { $0 | 1 << UInt64(min($1.count, 63)) }
    }

    /// Whether the bytes of an unquoted cell mean null.
    @inline(__always)
    func match(_ bytes: Span<UInt8>, at offset: Int, length: Int) -> Bool {
        guard lengths & (1 << UInt64(min(length, 63))) != 0 else { return false }
        return texts.contains { text in
            guard text.count == length else { return false }
            for index in 0..<length where bytes[offset + index] != text[index] { return false }
            return true
        }
    }
}
