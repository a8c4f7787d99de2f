import Glibc
import SaltmillBytes

/// The parts that a table is read in, fixed when a job begins: a later run must read the same ones, whatever was written to the table since.
struct DatabaseRanges: Sendable, Equatable {
    /// The last key of each range, ascending in the database's own order; rows behind the last one came later and are left out.
    /// Empty when there were no rows.
    var ends: [RowQuery.KeyValues]
    /// When they were fixed, in seconds since 1970.
    var begun: Int64

    /// Asks a database for the first and the last key, and for some between them.
    init(asking database: LiveDatabase, _ query: RowQuery, count: Int) throws {
        ends = []
        begun = Int64(time(nil))
        guard let low = try query.key(query.outermostKey(isLast: false), database),
            let high = try query.key(query.outermostKey(isLast: true), database)
        else { return }
        for cut in KeySpace.cuts(from: low[0], to: high[0], of: query.key.kinds[0], parts: count) {
            guard let key = try query.key(query.firstKey(from: cut, behind: ends.last ?? low), database), key != high else { continue }
            ends.append(key)
        }
        // The last guess may have come to the last key, or behind it when rows are being written.
        ends.append(high)
    }

    /// Reads what an earlier run has written.
    init(path: String, width: Int) throws {
        let file = try InputFile(path: path)
        var text: [UInt8] = []
        try file.show(0..<file.stamp.size) { text.append($0) }
        ends = []
        guard let json = try? JSONValue(parsing: text.span), let list = json["ends"]?.array, let begun = json["begun"]?.int else {
            throw Self.damaged(path)
        }
        self.begun = Int64(begun)
        for key in list {
            var values: RowQuery.KeyValues = []
            for value in key.array ?? [] {
                var bytes: [UInt8] = []
                guard let text = value.string else { throw Self.damaged(path) }
                do throws(BinaryTextError) { try Base64.append(decoding: Array(text.utf8).span, to: &bytes) } catch {
                    throw Self.damaged(path)
                }
                values.append(bytes)
            }
            guard values.count == width else { throw Self.damaged(path) }
            ends.append(values)
        }
    }

    private static func damaged(_ path: String) -> SourceError {
        SourceError(.survey, "\(path) is damaged; give the job another name to load anew")
    }

    /// What tells these ranges from others.
    var digest: String {
        var digester = Digester(.sha256)
        digester.update(json.bytes.span)
        return digester.finishSHA256().description
    }

    private var json: JSONValue {
        let keys = ends.map { key in
            JSONValue.array(
                key.map { value in
                    var text: [UInt8] = []
                    Base64.append(encoding: value.span, to: &text)
                    return .string(String(decoding: text, as: UTF8.self))
                })
        }
        return ["begun": .integer(begun), "ends": .array(keys)]
    }

    func write(to path: String) throws(SourceError) {
        let file = try NewFile(path: path)
        try file.append(json.bytes)
        try file.commit()
    }
}
