import SaltmillBytes
import SaltmillSources

extension SpecDraft {
    /// Rows of a file that are looked at, at its beginning.
    private static let sampleSize = 1000
    /// Texts that programs write for null.
    private static let nullTexts = ["NA", "NULL", "null", "\\N"]

    /// A draft for a CSV file with a header, made from its first rows.
    /// - Parameter name: the file as the spec will name it.
    /// - Throws: `SourceError` for a file that cannot be read; ``Impossible`` for one whose first rows no two columns tell apart.
    package init(csv path: String, named name: String) throws {
        let file = try CSVFile(path: path, format: CSVFormat())
        let source = RecordSource(unsurveyed: file)
        var batch = RowBatch(columnCount: file.columns.count)
        if let range = source.ranges.first {
            var reader = try source.open(range)
            _ = try reader.read(into: &batch, maximumRows: Self.sampleSize, maximumBytes: 1 << 22)
        }
        let base = path.split(separator: "/").last.map(String.init) ?? path
        var table = SourceTable(name: base.split(separator: ".").first.map(String.init) ?? base)
        var nulls: Set<String> = []
        for (position, column) in file.columns.enumerated() {
            table.columns.append(Self.column(column, values: Self.values(position, batch), nulls: &nulls))
        }
        let sample = SourceSample(columns: file.columns, rows: batch)
        guard let key = Self.key(of: file.columns, batch) else {
            throw Impossible(
                description:
                    "neither one nor two columns tell the first \(batch.records.count) rows of \(path) apart; write the spec by hand, with a template as key"
            )
        }
        try self.init(
            table, at: .file(path: name, nulls: nulls.isEmpty ? [] : [""] + nulls.sorted()), sample: sample, key: key)
    }

    private static func values(_ column: Int, _ batch: RowBatch) -> [String?] {
        batch.records.indices.map { record in
            let cell = batch.cells[record * batch.columnCount + column]
            return cell.flags.contains(.null) ? nil : ColumnStatistics.text(cell, batch)
        }
    }

    /// The type that all values of a column have; texts that mean null are found where all others are numbers.
    private static func column(_ name: String, values: [String?], nulls: inout Set<String>) -> SourceTable.Column {
        let present = values.compactMap(\.self)
        let marks = Set(present).intersection(nullTexts)
        let rest = present.filter { !marks.contains($0) }
        var column = SourceTable.Column(name: name, type: "", isNullable: present.count < values.count || !marks.isEmpty)
        if !rest.isEmpty, rest.allSatisfy(isNumber) {
            column.suggestedType = "N"
            nulls.formUnion(marks)
        } else if !present.isEmpty, present.allSatisfy({ ["true", "false"].contains($0.lowercased()) }) {
            column.suggestedType = "BOOL"
        } else {
            column.suggestedType = "S"
        }
        return column
    }

    /// Whether a text is a number and means nothing more: with a zero in front it is a code.
    private static func isNumber(_ text: String) -> Bool {
        let digits = text.drop { $0 == "-" }
        guard digits.first?.isNumber == true, !(digits.hasPrefix("0") && digits.dropFirst().first?.isNumber == true) else { return false }
        var normal: [UInt8] = []
        do throws(DecimalError) {
            _ = try DecimalNumber.appendText(normalizing: Array(text.utf8).span, to: &normal)
            return true
        } catch {
            return false
        }
    }

    /// The first column, or else the first pair of columns, of which no two rows have the same value, and none an empty one.
    private static func key(of columns: [String], _ batch: RowBatch) -> [String]? {
        let all = columns.indices.map { values($0, batch) }
        func isKey(_ positions: [Int]) -> Bool {
            var seen: Set<[String]> = []
            return batch.records.indices.allSatisfy { record in
                let values = positions.compactMap { all[$0][record].flatMap { $0.isEmpty ? nil : $0 } }
                return values.count == positions.count && seen.insert(values).inserted
            }
        }
        // Measurements differ by chance; what tells rows apart are names, codes and whole numbers.
        let candidates = columns.indices.filter { column in
            all[column].allSatisfy { value in value.map { !nullTexts.contains($0) && !(isNumber($0) && $0.contains(".")) } ?? false }
        }
        if let column = candidates.first(where: { isKey([$0]) }) { return [columns[column]] }
        for first in candidates {
            if let second = candidates.first(where: { $0 != first && isKey([first, $0]) }) { return [columns[first], columns[second]] }
        }
        return nil
    }
}
