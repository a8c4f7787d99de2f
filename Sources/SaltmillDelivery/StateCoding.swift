import Foundation
import SaltmillSources

/// How the parts of a checkpoint are written.
enum StateCoding {
    private struct Totals: Codable {
        var account: Account
        var usage: Usage
        var deferred: [Checkpoint.Deferral]
        var rejectBytes: UInt64
        var rejectReasons: [String: Int]
        var runs: Int
        var seconds: Double
        var takenAt: Double
    }

    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    static func totals(of checkpoint: Checkpoint) throws -> String {
        try encode(
            Totals(
                account: checkpoint.account, usage: checkpoint.usage, deferred: checkpoint.deferred,
                rejectBytes: checkpoint.rejectBytes,
                rejectReasons: checkpoint.rejectReasons, runs: checkpoint.runs, seconds: checkpoint.seconds, takenAt: checkpoint.takenAt))
    }

    static func checkpoint(ranges: [Checkpoint.Range], totals text: String, unsettled: Data) throws -> Checkpoint {
        let totals = try decode(Totals.self, from: text)
        var checkpoint = Checkpoint(ranges: ranges, indexCount: max(totals.usage.units.count - 1, 0))
        checkpoint.account = totals.account
        checkpoint.usage = totals.usage
        checkpoint.deferred = totals.deferred
        checkpoint.rejectBytes = totals.rejectBytes
        checkpoint.rejectReasons = totals.rejectReasons
        checkpoint.runs = totals.runs
        checkpoint.seconds = totals.seconds
        checkpoint.takenAt = totals.takenAt
        checkpoint.unsettled = try locators(in: unsettled)
        let listed = checkpoint.unsettled.count + checkpoint.deferred.reduce(0) { $0 + Int($1.tail - $1.head) }
        guard listed == checkpoint.account.pending else {
            throw StateError.damaged(what: "\(listed) unsettled records are listed and \(checkpoint.account.pending) are counted")
        }
        return checkpoint
    }

    /// Locators as 16 bytes each: offset, then line, little-endian.
    static func bytes(of locators: [RecordLocator]) -> Data {
        var data = Data(capacity: locators.count * 16)
        for locator in locators {
            withUnsafeBytes(of: locator.offset.littleEndian) { data.append(contentsOf: $0) }
            withUnsafeBytes(of: locator.line.littleEndian) { data.append(contentsOf: $0) }
        }
        return data
    }

    static func locators(in data: Data) throws -> [RecordLocator] {
        guard data.count.isMultiple(of: 16) else { throw StateError.damaged(what: "the list of unsettled records is cut off") }
        return data.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 16).map { start in
                RecordLocator(
                    offset: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)),
                    line: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self)))
            }
        }
    }
}
