import Foundation
import SaltmillItems
import SaltmillMigration
import SaltmillSources
import Testing

@Suite struct SpecDraftTests {
    private func column(_ name: String, _ type: String, comment: String? = nil, isNullable: Bool = false) -> SourceTable.Column {
        var column = SourceTable.Column(name: name, type: type, isNullable: isNullable)
        column.comment = comment
        return column
    }

    /// Rows of a table of two columns, as a database gives them.
    private func sample(_ columns: [String], _ rows: [[String]]) -> SourceSample {
        var batch = RowBatch(columnCount: columns.count)
        for row in rows {
            let start = batch.bytes.count
            for value in row {
                batch.cells.append(Cell(offset: UInt32(batch.bytes.count), length: UInt32(value.utf8.count)))
                batch.bytes += Array(value.utf8)
            }
            batch.records.append(Record(locator: RecordLocator(offset: 0, line: 1), raw: start..<batch.bytes.count))
        }
        return SourceSample(columns: columns, rows: batch)
    }

    private func answers() -> SourceTable {
        var table = SourceTable(name: "answers")
        table.comment = "what was answered: yes # or \"no\""
        table.columns = [
            column("answered_on", "date"), column("id", "bigint(20) unsigned"), column("user_id", "int(11)", comment: "who asked ${x}"),
            column("mail", "varchar(255)", isNullable: true), column("yes", "tinyint(1)"), column("extra: data", "json"),
        ]
        table.primaryKey = SourceTable.Key(name: "PRIMARY", columns: ["answered_on", "id"])
        table.foreignKeys = [
            SourceTable.ForeignKey(
                name: "fk", columns: ["user_id"], otherTable: "users", otherColumns: ["id"], onDelete: "CASCADE", onUpdate: "RESTRICT")
        ]
        table.estimatedRows = 1_000_000
        return table
    }

    private func read(_ yaml: String) throws -> MigrationSpec { try MigrationSpec(yaml: yaml, file: "drafted.yaml", environment: [:]) }

    /// A hash key of which there are few values is salted by the rest of the key; names and comments are read back as they were.
    @Test func aDraftIsAValidSpec() throws {
        let rows = (0..<1000).map { ["2015-12-0\($0 / 500 + 1)", "\($0)"] }
        let draft = try SpecDraft(
            answers(), at: .file(path: "a.csv", nulls: ["", "NA"]), sample: sample(["answered_on", "id"], rows))
        let yaml = draft.yaml(schema: "s.json", date: "2026-11-21")
        let spec = try read(yaml)
        #expect(spec.key.hash.name == "answered_on" && spec.key.hash.type == .S)
        #expect(spec.key.range?.name == "id" && spec.key.range?.type == .N)
        #expect(try #require(spec.key.salt).by == ["id"])
        #expect(spec.attributes.map(\.name) == ["user_id", "mail", "yes", "extra: data"])
        #expect(spec.attributes.map(\.type) == [.N, .S, .N, .M])
        #expect(spec.attributes[0].about == "who asked ${x}")
        #expect(spec.attributes[1].isPersonal && spec.attributes[1].mask == .email)
        #expect(spec.source.csv?.nulls == ["", "NA"])
        #expect(yaml.contains("1000000 rows") && yaml.contains("CASCADE") && yaml.contains("fire no trigger"))
        _ = try spec.resolve(columns: answers().columns.map(\.name))
    }

    @Test func aUniqueSingleKeyIsNotSalted() throws {
        var table = answers()
        table.primaryKey = SourceTable.Key(name: "PRIMARY", columns: ["id"])
        let spec = try read(
            try SpecDraft(table, at: .file(path: "a.csv", nulls: []), sample: nil).yaml(schema: "s", date: "2026-11-21"))
        #expect(spec.key.hash.name == "id" && spec.key.hash.type == .N && spec.key.salt == nil && spec.key.range == nil)
    }

    /// Many values of the first key column need no salt; more than two columns make a composed range key.
    @Test func threeKeyColumnsBecomeHashAndComposedRange() throws {
        var table = answers()
        table.primaryKey = SourceTable.Key(name: "PRIMARY", columns: ["user_id", "answered_on", "id"])
        let rows = (0..<1000).map { ["\($0)", "2015-12-01", "\($0)"] }
        let draft = try SpecDraft(
            table, at: .file(path: "a.csv", nulls: []), sample: sample(["user_id", "answered_on", "id"], rows))
        let spec = try read(draft.yaml(schema: "s", date: "2026-11-21"))
        #expect(spec.key.salt == nil && spec.key.range?.name == "sort")
        #expect(spec.key.range?.columns == ["answered_on", "id"])
        #expect(spec.attributes.contains { $0.name == "id" })
    }

    @Test func aTableWithoutKeyIsRefusedWithTheCure() {
        var table = answers()
        table.primaryKey = nil
        table.uniqueKeys = [SourceTable.Key(name: "u", columns: ["mail"])]
        let error = #expect(throws: SpecDraft.Impossible.self) {
            _ = try SpecDraft(table, at: .file(path: "a.csv", nulls: []), sample: nil)
        }
        #expect(error?.description.contains("neither a primary key nor a unique key") == true)
    }

    @Test func aFilesFirstRowsTellTypesNullsAndKey() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "draft-\(UUID()).csv").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let rows = (0..<50).map { "2013-01-0\($0 % 5 + 1),\($0 / 5),\($0 == 7 ? "NA" : "\($0).5"),00\($0),true" }
        try (["day,number,delay,code,ok"] + rows).joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        let spec = try read(try SpecDraft(csv: path, named: path).yaml(schema: "s", date: "2026-11-21"))
        #expect(spec.key.hash.name == "code" && spec.key.hash.type == .S)
        #expect(
            Dictionary(uniqueKeysWithValues: spec.attributes.map { ($0.name, $0.type) }) == [
                "day": .S, "number": .N, "delay": .N, "ok": .BOOL,
            ])
        #expect(spec.source.csv?.nulls.contains("NA") == true)
    }
}
