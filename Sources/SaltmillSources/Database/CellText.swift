import Glibc
import SaltmillBytes

/// A value as a client library hands it over; nil for null.
typealias RawValue = UnsafeBufferPointer<UInt8>

/// Makes cells of what databases send. A record is a JSON object, of which its cells are parts, so that a reject file holds rows that can be read
/// and loaded again: texts in quotes, numbers too, and documents as they are.
extension RowBatch {
    /// Appends a value as a cell.
    /// - Parameter zone: what to put behind a time that is in no zone.
    mutating func append(_ value: RawValue?, as kind: ColumnKind, zone: [UInt8]) {
        guard let value else {
            bytes.append(contentsOf: "null".utf8)
            cells.append(Cell(offset: UInt32(bytes.count), length: 0, flags: .null))
            return
        }
        if kind == .document, value.first == UInt8(ascii: "{") || value.first == UInt8(ascii: "[") {
            let start = bytes.count
            bytes.append(contentsOf: value)
            return appendCell(from: start, .document)
        }
        bytes.append(0x22)
        let start = bytes.count
        var flags: Cell.Flags = .quoted
        switch kind {
        case .text, .document: if appendEscaped(value) { flags = [.quoted, .backslashes] }
        case .number, .date: bytes.append(contentsOf: value)
        case .boolean: bytes.append(contentsOf: (value.first == UInt8(ascii: "t") ? "true" : "false").utf8)
        case .single: appendSingle(value)
        case .bits: bytes.append(contentsOf: String(value.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }).utf8)
        case .bytes: Base64.append(encoding: value.span, to: &bytes)
        case .hexadecimal:
            var binary: [UInt8] = []
            binary.reserveCapacity(value.count / 2)
            // Behind `\x` the server writes nothing else than hexadecimal digits.
            try? Hex.append(decoding: RawValue(rebasing: value.dropFirst(2)).span, to: &binary)
            Base64.append(encoding: binary.span, to: &bytes)
        case .localTime: appendTime(value, zone: zone)
        case .instant: appendTime(value, zone: Self.utc)
        }
        appendCell(from: start, flags)
        bytes.append(0x22)
    }

    private mutating func appendCell(from start: Int, _ flags: Cell.Flags) {
        cells.append(Cell(offset: UInt32(start), length: UInt32(bytes.count - start), flags: flags))
    }

    /// Appends a text as it stands inside a JSON string.
    /// - Returns: whether there are backslashes in it.
    private mutating func appendEscaped(_ value: RawValue) -> Bool {
        var isSpecial = false
        for byte in value where byte < 0x20 || byte == 0x22 || byte == 0x5C { isSpecial = true }
        guard isSpecial else {
            bytes.append(contentsOf: value)
            return false
        }
        for byte in value {
            switch byte {
            case 0x22, 0x5C: bytes.append(contentsOf: [0x5C, byte])
            case ..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(Self.digits[Int(byte >> 4)])
                bytes.append(Self.digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        return true
    }

    private static let digits = Array("0123456789abcdef".utf8)
    private static let utc: [UInt8] = [UInt8(ascii: "Z")]

    /// Appends a time of day on a date, which a database writes with a space between them: `2013-12-31 23:59:59.5+00`.
    private mutating func appendTime(_ value: RawValue, zone: [UInt8]) {
        // Behind a year of four digits or more; other texts (`infinity`, years before Christ) stay as they are.
        guard let space = value.firstIndex(of: 0x20), value.count >= space + 9, value.last != UInt8(ascii: "C") else {
            bytes.append(contentsOf: value)
            return
        }
        var end = value.count
        if value[value.count - 3] == UInt8(ascii: "+") { end -= 3 }
        bytes.append(contentsOf: value[..<space])
        bytes.append(UInt8(ascii: "T"))
        bytes.append(contentsOf: value[(space + 1)..<end])
        bytes.append(contentsOf: zone)
    }

    /// Appends a number of single precision that was sent as one of double precision.
    private mutating func appendSingle(_ value: RawValue) {
        guard let number = Double(String(decoding: value, as: UTF8.self)) else {
            bytes.append(contentsOf: value)
            return
        }
        bytes.append(contentsOf: Float(number).description.utf8)
    }
}
