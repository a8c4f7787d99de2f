import SaltmillMigration
import SaltmillSources
import Testing

@Suite struct SpecUpdateTests {
    private static let yaml = """
        # by hand
        version: 1
        job: answers
        source:
          sqlite: old.db      # the copy of Monday
          table: answers
          columns:
            id: INTEGER
            mail: TEXT
            age: INTEGER

        target: { table: answers }
        key: { hash: { attribute: id, type: N } }
        attributes:
          address: { from: mail, type: S, about: "where to write to" }   # asked twice
          age: N

        rate: { ceiling: 500/s }
        """

    private func table(_ columns: [(String, String)]) -> SourceTable {
        var table = SourceTable(name: "answers")
        table.columns = columns.map { SourceTable.Column(name: $0.0, type: $0.1) }
        return table
    }

    private func read(_ yaml: String) throws -> MigrationSpec { try MigrationSpec(yaml: yaml, file: "f", environment: [:]) }

    @Test func aSourceThatHasNotChangedLeavesTheSpecAlone() throws {
        let spec = try read(Self.yaml)
        let now = table([("id", "INTEGER"), ("mail", "TEXT"), ("age", "INTEGER")])
        let update = SpecUpdate(Self.yaml, of: spec, to: now)
        #expect(update.text == Self.yaml && update.notes.isEmpty)
        #expect(SchemaDrift(from: try #require(spec.source.recorded), to: now.columns).isEmpty)
    }

    /// Every line that was written by hand is still there; the new column is described, the changes are told.
    @Test func changesAreTakenOverAndTheRestIsKept() throws {
        let spec = try read(Self.yaml)
        let now = table([("id", "BIGINT"), ("mail", "TEXT"), ("nick name", "VARCHAR(40)")])
        let drift = SchemaDrift(from: try #require(spec.source.recorded), to: now.columns)
        #expect(drift.changes.map(\.description) == ["~ id INTEGER → BIGINT", "+ nick name VARCHAR(40)", "- age"])
        let update = SpecUpdate(Self.yaml, of: spec, to: now)
        let lines = update.text.split(separator: "\n")
        for line in Self.yaml.split(separator: "\n") where !line.hasPrefix("    ") { #expect(lines.contains(line), "\(line)") }
        #expect(update.notes.contains { $0.contains("`age`") } && update.notes.contains { $0.contains("`nick name`") })
        let updated = try read(update.text)
        #expect(updated.source.recorded?.map(\.name) == ["id", "mail", "nick name"])
        #expect(updated.attributes.map(\.name) == ["address", "age", "nick name"])
        let again = SpecUpdate(update.text, of: updated, to: now)
        #expect(again.text == update.text)
    }

    @Test func columnsAreRefusedWhereThereIsNoTable() {
        for source in [
            "{ sqlite: a.db, query: \"SELECT 1\", key: id, columns: { id: INTEGER } }", "{ file: a.csv, columns: { id: INTEGER } }",
        ] {
            #expect(throws: SpecError.self) {
                try read(
                    "version: 1\njob: j\nsource: \(source)\ntarget: { table: abc }\nkey: { hash: { attribute: id, type: N } }\nrate: { ceiling: none }"
                )
            }
        }
    }
}
