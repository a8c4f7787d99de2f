import Glibc
import SaltmillBytes
import SaltmillSources

/// The ways in which rows can be written for a source.
enum SourceKind: String, CaseIterable, Sendable {
    case csv, jsonLines, dynamoDBJSON, gzipCSV, gzipJSONLines, sqlite, rejectedCSV, rejectedJSONLines

    var isRejectFile: Bool { self == .rejectedCSV || self == .rejectedJSONLines }
}

/// Random rows of three columns: two numbers and a text that is hard on every format, sometimes null.
struct SampleRows {
    static let columns = ["key", "lane", "text"]

    var rows: [[String?]]

    init(seed: UInt64, count: Int) {
        var random = SeededGenerator(seed: seed)
        let pieces = ["a", "\"", "\\", "\n", "\r\n", ",", "é", "日", "😀", "\t", "\u{1}", " ", "{", "]", "null", "0"]
        rows = (0..<count).map { number in
            let length = Int.random(in: 0..<30, using: &random)
            let text = (0..<length).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }.joined()
            let key = number % 3 == 0 ? Int.random(in: 0..<30, using: &random) : number + 1_000
            return ["\(key)", "\(Int.random(in: 0..<5, using: &random))", Int.random(in: 0..<9, using: &random) == 0 ? nil : text]
        }
    }

    /// The rows written, and the source opened.
    func input(_ kind: SourceKind, in folder: TestFolder) throws -> any RecordInput {
        switch kind {
        case .csv: folder.write(csv, to: "rows.csv")
        case .jsonLines: folder.write(jsonLines, to: "rows.jsonl")
        case .dynamoDBJSON: folder.write(dynamoDBJSON, to: "rows.json")
        case .gzipCSV: folder.write(gzip(Array(csv.utf8), members: 1), to: "rows.csv.gz")
        case .gzipJSONLines: folder.write(gzip(Array(jsonLines.utf8), members: 7), to: "rows.jsonl.gz")
        case .sqlite: try database(in: folder)
        case .rejectedCSV: try folder.write(rejected(.csv), to: "csv.rejects.jsonl")
        case .rejectedJSONLines: try folder.write(rejected(.jsonLines), to: "jsonl.rejects.jsonl")
        }
        return try opened(kind, in: folder)
    }

    func opened(_ kind: SourceKind, in folder: TestFolder) throws -> any RecordInput {
        switch kind {
        case .csv: try CSVFile(path: folder.path + "/rows.csv")
        case .gzipCSV: try CSVFile(path: folder.path + "/rows.csv.gz")
        case .jsonLines, .gzipJSONLines:
            try JSONLinesFile(
                path: folder.path + (kind == .jsonLines ? "/rows.jsonl" : "/rows.jsonl.gz"),
                format: JSONLinesFormat(columns: Self.columns))
        case .dynamoDBJSON:
            try JSONLinesFile(path: folder.path + "/rows.json", format: JSONLinesFormat(columns: Self.columns, isTyped: true))
        case .sqlite: try SQLiteInput(path: folder.path + "/rows.db", .table("rows"))
        case .rejectedCSV: try RejectedRows(path: folder.path + "/csv.rejects.jsonl", format: .csv(CSVFormat()))
        case .rejectedJSONLines:
            try RejectedRows(path: folder.path + "/jsonl.rejects.jsonl", format: .jsonLines(JSONLinesFormat(columns: Self.columns)))
        }
    }

    /// Changes the source in place.
    func change(_ kind: SourceKind, in folder: TestFolder) throws {
        var other = self
        other.rows[0][2] = "changed"
        _ = try other.input(kind, in: folder)
    }

    // MARK: Formats

    private func database(in folder: TestFolder) throws {
        unlink(folder.path + "/rows.db")
        let database = try TestDatabase(folder.path + "/rows.db")
        try database.run("BEGIN; CREATE TABLE rows (key INTEGER, lane INTEGER, text TEXT)")
        for (number, row) in rows.enumerated() {
            try database.run("INSERT INTO rows (rowid, key, lane, text) VALUES (?, ?, ?, ?)", ["\(number * 3 + 1)"] + row)
        }
        try database.run("COMMIT")
    }

    /// The lines of a reject file with the rows as they stand in a source of another kind.
    private func rejected(_ kind: SourceKind) throws -> [UInt8] {
        let records = try RecordSource(unsurveyed: input(kind, in: TestFolder())).records()
        return records.flatMap { record in
            RejectLine(record: record.raw, isCut: false, columns: kind == .csv ? Self.columns : nil)
                .bytes(file: "rows", at: record.locator, RowFault("test", "a reason"))
        }
    }

    var csv: String {
        let lines = rows.map { row in
            row.map { text in text.map { "\"\($0.replacing("\"", with: "\"\""))\"" } ?? "" }.joined(separator: ",") + "\n"
        }
        return Self.columns.joined(separator: ",") + "\n" + lines.joined()
    }

    /// Numbers as numbers, members in turning order, nulls written or left out, some blank lines and line ends of both kinds.
    var jsonLines: String {
        rows.enumerated().map { number, row in
            var members = zip(Self.columns, row).compactMap { name, text -> String? in
                guard let text else { return number % 2 == 0 ? "\"\(name)\": null" : nil }
                return "\"\(name)\":\(name == "text" ? Self.quoted(text, escapingAll: number % 5 == 0) : text)"
            }
            members.append(members.removeFirst())
            return " {\(members.joined(separator: " ,"))} " + ["\n", "\r\n", "\n  \n"][number % 3]
        }.joined()
    }

    private var dynamoDBJSON: String {
        rows.enumerated().map { number, row in
            let members = zip(Self.columns, row).map { name, text in
                guard let text else { return "\"\(name)\":{\"NULL\":true}" }
                return "\"\(name)\":{\"\(name == "text" ? "S" : "N")\":\(Self.quoted(text))}"
            }
            let item = "{\(members.joined(separator: ","))}"
            return (number % 2 == 0 ? "{\"Item\":\(item)}" : item) + "\n"
        }.joined()
    }

    private static func quoted(_ text: String, escapingAll: Bool = false) -> String {
        guard escapingAll else {
            var output: [UInt8] = []
            JSONText.appendQuoted(text, to: &output)
            return String(decoding: output, as: UTF8.self)
        }
        let units = text.utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        return "\"\(units.joined())\""
    }
}

extension TakenRecord {
    /// The cells' values, nulls as `nil`, with doubled quotes and backslashes resolved.
    var values: [String?] {
        cells.map { cell in
            guard !cell.flags.contains(.null) else { return nil }
            var value = cell.bytes
            if cell.flags.contains(.backslashes) {
                value = []
                let token = JSONStringToken(range: 0..<cell.bytes.count, isEscaped: true)
                JSONScanner.appendValue(of: token, in: cell.bytes.span, to: &value)
            }
            let text = String(decoding: value, as: UTF8.self)
            return cell.flags.contains(.escaped) ? text.replacing("\"\"", with: "\"") : text
        }
    }
}

/// Bytes compressed as so many members.
func gzip(_ bytes: [UInt8], members: Int) -> [UInt8] {
    var encoder = GzipEncoder()
    var output: [UInt8] = []
    for member in 0..<members {
        let part = bytes[bytes.count * member / members..<bytes.count * (member + 1) / members]
        encoder.append(Array(part), to: &output)
        encoder.finish(to: &output)
    }
    return output
}
