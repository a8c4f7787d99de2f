import Glibc
import SaltedKeys
import SaltmillBytes
import SaltmillDynamoDB
import SaltmillItems
import SaltmillSources

/// From the bytes of a file to those of items.
enum RowParts {
    /// Rows that are gone through again and again: few enough for the processor's cache, as the loader's own batches are.
    private static let rows = 256

    private static let columns = ["id", "name", "email", "city", "created", "note", "amount", "quantity", "score", "active"]
    private static let types: [AttributeType] = [.S, .S, .S, .S, .S, .S, .N, .N, .N, .BOOL]

    private static func cells(_ row: Int) -> [String] {
        let mixed = row &* 2_654_435_761 % 4_294_967_296
        return [
            "row-00000\(1_000_000 + row)", "user \(1_000_000_000 + mixed) of group \(100 + mixed % 800)",
            "u\(1_000_000_000 + mixed)@example.org", "Manchester", "2013-\(10 + mixed % 3)-\(10 + mixed % 19)T12:\(10 + mixed % 50):00Z",
            "left at the porch...", "\(100 + mixed % 900).\(mixed % 9 + 1)\(mixed % 9 + 1)", "\(mixed % 9000 + 1000)",
            "-\(mixed % 90 + 10).5",
            row.isMultiple(of: 2) ? "true" : "false",
        ]
    }

    private static func csv() -> [UInt8] {
        (0..<rows).map { cells($0).joined(separator: ",") + "\n" }.reduce(into: []) { $0 += $1.utf8 }
    }

    private static func json() -> [UInt8] {
        let lines = (0..<rows).map { row in
            let members = zip(columns, zip(types, cells(row))).map { name, cell in
                cell.0 == .S ? "\"\(name)\":\"\(cell.1)\"" : "\"\(name)\":\(cell.1)"
            }
            return "{\(members.joined(separator: ","))}\n"
        }
        return lines.reduce(into: []) { $0 += $1.utf8 }
    }

    /// A batch of rows as the loader has them, read from a file that is gone by then.
    private static func read(_ text: [UInt8], _ makeInput: (String) throws -> any RecordInput) throws -> (any RecordInput) {
        let path = "/tmp/saltmill-bench-\(getpid())"
        guard let file = fopen(path, "w") else { throw SourceError(.open, "\(path) cannot be written") }
        text.withUnsafeBytes { _ = fwrite($0.baseAddress, 1, $0.count, file) }
        fclose(file)
        defer { unlink(path) }
        return try makeInput(path)
    }

    private static func split(_ items: Int, _ text: [UInt8], _ makeInput: (String) throws -> any RecordInput) throws -> Part.Result {
        let input = try read(text, makeInput)
        var result = Part.Result()
        var batch = RowBatch(columnCount: columns.count)
        while result.items < items {
            var reader = try input.reader(of: RowRange(start: input.firstRecord, end: .max), duplicates: nil, blockSize: 1 << 17)
            while try reader.read(into: &batch, maximumRows: rows, maximumBytes: 1 << 17) {
                result.items += batch.records.count
                result.bytes += batch.bytes.count
            }
        }
        return result
    }

    @Sendable static func splitCSV(_ items: Int) throws -> Part.Result {
        // A longer text than for the rest: opening a reader is not what is measured.
        let text = [[UInt8]](repeating: csv(), count: 64).flatMap(\.self)
        return try split(items, text) { try CSVFile(path: $0, format: CSVFormat(columns: columns)) }
    }

    @Sendable static func readJSON(_ items: Int) throws -> Part.Result {
        let text = [[UInt8]](repeating: json(), count: 64).flatMap(\.self)
        return try split(items, text) { try JSONLinesFile(path: $0, format: JSONLinesFormat(columns: columns)) }
    }

    @Sendable static func buildItems(_ items: Int, isSalted: Bool) throws -> Part.Result {
        let salt = isSalted ? SaltMapping(recipe: SaltRecipe(shards: 200), by: [0]) : nil
        let attributes = zip(columns, types).enumerated().map { AttributeMapping(name: $1.0, type: $1.1, source: .column($0)) }
        var encoder = ItemEncoder(ItemMapping(attributes: attributes, hasRange: false, salt: salt), columnCount: columns.count)
        let input = try read(csv()) { try CSVFile(path: $0, format: CSVFormat(columns: columns)) }
        var reader = try input.reader(of: RowRange(start: input.firstRecord, end: .max), duplicates: nil, blockSize: 1 << 17)
        var batch = RowBatch(columnCount: columns.count)
        _ = try reader.read(into: &batch, maximumRows: rows, maximumBytes: .max)
        var chunk = ItemChunk()
        var rejects: [RejectedRow] = []
        var result = Part.Result()
        while result.items < items {
            chunk.removeAll()
            encoder.encode(batch, into: &chunk, rejects: &rejects)
            result.items += chunk.items.count
            result.bytes += chunk.bytes.count
        }
        return result
    }

    @Sendable static func sizeNumbers(_ items: Int) throws -> Part.Result {
        let texts = ["1000", "123.45", "-37.5", "1.50", "2013", "0.001"].map { Array($0.utf8) }
        var output: [UInt8] = []
        var result = Part.Result()
        while result.items < items {
            output.removeAll(keepingCapacity: true)
            for text in texts {
                _ = try DecimalNumber.appendText(normalizing: text.span, to: &output)
                result.bytes += text.count
            }
            result.items += texts.count
        }
        return result
    }

    @Sendable static func salt(_ items: Int) throws -> Part.Result {
        let recipe = SaltRecipe(shards: 200)
        let key = Array("row-000000001234".utf8)
        var identity = SaltIdentity()
        var result = Part.Result()
        while result.items < items {
            identity.removeAll()
            identity.append(canonical: key.span)
            result.bytes += key.count + recipe.shard(of: identity) & 0
            result.items += 1
        }
        return result
    }
}
