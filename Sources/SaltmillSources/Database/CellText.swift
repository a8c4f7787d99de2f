import Glibc
import SaltmillBytes

/// A value as a client library hands it over; nil for null.
typealias RawValue = UnsafeBufferPointer<UInt8>

/// Makes cells of what databases send. A record is CSV text, of which its cells are parts, so that a reject file holds rows that can be read.
extension RowBatch {
    /// Appends a value as a cell.
    /// - Parameter zone: what to put behind a time that is in no zone.
    mutating func append(_ value: RawValue?, as kind: ColumnKind, zone: [UInt8]) {
        guard let value else { return appendCell(from: bytes.count, .null) }
        let start = bytes.count
        switch kind {
        case .text: return appendText(value)
        case .number, .date: bytes.append(contentsOf: value)
        case .boolean: bytes.append(contentsOf: (value.first == UInt8(ascii: "t") ? "true" : "false").utf8)
        case .single: appendSingle(value)
        case .bits: bytes.append(contentsOf: String(value.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }).utf8)
        case .bytes:
            if value.isEmpty { return appendText(value) }
            Base64.append(encoding: value.span, to: &bytes)
        case .hexadecimal:
            if value.count <= 2 { return appendText(RawValue(start: nil, count: 0)) }
            var binary: [UInt8] = []
            binary.reserveCapacity(value.count / 2)
            // The server writes nothing else than hexadecimal digits.
            try? Hex.append(decoding: RawValue(rebasing: value.dropFirst(2)).span, to: &binary)
            Base64.append(encoding: binary.span, to: &bytes)
        case .localTime: appendTime(value, zone: zone)
        case .instant: appendTime(value, zone: Self.utc)
        case .document:
            let isDocument = value.first == UInt8(ascii: "{") || value.first == UInt8(ascii: "[")
            return isDocument ? appendDocument(value) : appendText(value)
        }
        appendCell(from: start)
    }

    private static let utc: [UInt8] = [UInt8(ascii: "Z")]

    private mutating func appendCell(from start: Int, _ flags: Cell.Flags = []) {
        cells.append(Cell(offset: UInt32(start), length: UInt32(bytes.count - start), flags: flags))
    }

    /// Appends a text as a cell, in quotes where CSV wants them, and an empty one, so that it differs from null.
    mutating func appendText(_ value: RawValue) {
        var special = 0
        for byte in value where byte == 0x22 || byte == 0x2C || byte == 0x0A || byte == 0x0D { special |= byte == 0x22 ? 2 : 1 }
        guard special != 0 || value.isEmpty else {
            let start = bytes.count
            bytes.append(contentsOf: value)
            return appendCell(from: start)
        }
        bytes.append(0x22)
        let start = bytes.count
        if special & 2 == 0 {
            bytes.append(contentsOf: value)
        } else {
            for byte in value {
                if byte == 0x22 { bytes.append(0x22) }
                bytes.append(byte)
            }
        }
        appendCell(from: start, special & 2 == 0 ? .quoted : [.quoted, .escaped])
        bytes.append(0x22)
    }

    /// Appends JSON as a cell: as it is, since its quotes are its own.
    private mutating func appendDocument(_ value: RawValue) {
        let start = bytes.count
        bytes.append(contentsOf: value)
        appendCell(from: start, .document)
    }

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
