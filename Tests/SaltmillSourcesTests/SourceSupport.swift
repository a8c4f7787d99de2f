import Glibc
import SaltmillSources

/// A folder for one test's files, removed with everything in it.
final class TestFolder: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/saltmill-sources-XXXXXX\0".utf8CString)
        path = template.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress, let made = mkdtemp(base) else { preconditionFailure("no temporary folder") }
            return String(cString: made)
        }
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        for name in names(in: path) where unlink("\(path)/\(name)") != 0 { remove("\(path)/\(name)") }
        rmdir(path)
    }

    static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Writes a file over what is there, in place, and gives its path.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String = "rows.csv") -> String {
        let file = "\(path)/\(name)"
        let stream = fopen(file, "w")
        precondition(stream != nil && fwrite(bytes, 1, bytes.count, stream) == bytes.count && fclose(stream) == 0)
        return file
    }

    @discardableResult
    func write(_ text: String, to name: String = "rows.csv") -> String { write(Array(text.utf8), to: name) }

    func read(_ name: String) -> [UInt8] {
        guard let stream = fopen("\(path)/\(name)", "r") else { return [] }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        while case let byte = fgetc(stream), byte != EOF { bytes.append(UInt8(byte)) }
        return bytes
    }
}

/// One record of a batch, taken out of it.
struct TakenRecord: Equatable {
    var locator: RecordLocator
    var raw: [UInt8]
    var cells: [TakenCell]
    var fault: RowFault?
    var isSuperseded: Bool

    /// The cells' texts, nulls as `nil`.
    var texts: [String?] { cells.map { $0.flags.contains(.null) ? nil : String(decoding: $0.bytes, as: UTF8.self) } }
}

struct TakenCell: Equatable {
    var bytes: [UInt8]
    var flags: Cell.Flags
}

extension RowBatch {
    var taken: [TakenRecord] {
        records.indices.map { index in
            let record = records[index]
            let row = cells[(index * columnCount)..<((index + 1) * columnCount)]
            return TakenRecord(
                locator: record.locator, raw: Array(bytes[record.raw]),
                cells: row.map { TakenCell(bytes: Array(bytes[Int($0.offset)..<Int($0.offset + $0.length)]), flags: $0.flags) },
                fault: record.fault, isSuperseded: record.isSuperseded)
        }
    }
}

extension RowSource {
    /// All records of one range, read in batches of the given limits.
    func records(of range: RowRange, rows: Int = 7, bytes: Int = 200) throws -> [TakenRecord] {
        var reader = try open(range)
        var batch = RowBatch(columnCount: columns.count)
        var records: [TakenRecord] = []
        while try reader.read(into: &batch, maximumRows: rows, maximumBytes: bytes) { records += batch.taken }
        return records
    }

    /// All records of all ranges.
    func records() throws -> [TakenRecord] { try ranges.flatMap { try records(of: $0) } }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Takes the first cell, a number, for the primary key and the second for the partition key; an empty first cell is no key.
struct NumberKeys: RowKeyReading {
    /// How the number is turned into the key's hash.
    enum Hash: CaseIterable, Sendable {
        case mixed
        /// All keys share the hash's leading 100 bits or so.
        case crowded
    }

    var hash = Hash.mixed

    mutating func readKeys(_ batch: borrowing RowBatch, into keys: inout [RowKey]) {
        keys.removeAll(keepingCapacity: true)
        for index in batch.records.indices {
            let number = batch.number(index, 0)
            guard batch.records[index].fault == nil, let number else {
                keys.append(.invalid)
                continue
            }
            let lane = batch.columnCount > 1 ? batch.number(index, 1) ?? 0 : 0
            switch hash {
            case .mixed:
                keys.append(
                    RowKey(isValid: true, high: SeededGenerator.mix(number), low: SeededGenerator.mix(number ^ 0xABCD), lane: lane))
            case .crowded: keys.append(RowKey(isValid: true, high: 0, low: number, lane: lane))
            }
        }
    }
}

extension RowBatch {
    fileprivate borrowing func number(_ record: Int, _ column: Int) -> UInt64? {
        let cell = cells[record * columnCount + column]
        return UInt64(String(decoding: bytes[Int(cell.offset)..<Int(cell.offset + cell.length)], as: UTF8.self))
    }
}
