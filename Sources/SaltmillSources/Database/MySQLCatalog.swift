/// What MySQL's or MariaDB's `information_schema` knows.
struct MySQLCatalog: SourceCatalog {
    let database: LiveDatabase

    var name: String { database.url.name }

    func tables() throws -> [String] {
        try rows(
            """
            SELECT table_name FROM information_schema.tables
            WHERE table_schema = DATABASE() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY table_name
            """
        ).compactMap { $0[0] }
    }

    func table(_ name: String) throws -> SourceTable {
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        let dialect = MySQLDialect()
        let schema = parts.count > 1 ? dialect.literal(parts[0]) : "DATABASE()"
        let place = "table_schema = \(schema) AND table_name = \(dialect.literal(parts.last ?? name))"
        var table = SourceTable(name: name)
        guard
            let about = try rows(
                "SELECT table_comment, table_rows, avg_row_length FROM information_schema.tables WHERE \(place)"
            ).first
        else { throw SourceError(.open, "\(self.name) has no table \(name), or this user may not read it") }
        table.comment = about[0].flatMap { $0.isEmpty ? nil : $0 }
        table.estimatedRows = about[1].flatMap { Int($0) }
        table.averageRowLength = about[2].flatMap { Int($0) }
        table.columns = try rows(
            """
            SELECT column_name, column_type, is_nullable, column_default, column_comment, character_set_name, collation_name
            FROM information_schema.columns WHERE \(place) ORDER BY ordinal_position
            """
        ).map(Self.column)
        try readKeys(&table, place)
        try readForeignKeys(&table, place)
        return table
    }

    private static func column(_ row: [String?]) -> SourceTable.Column {
        var column = SourceTable.Column(name: row[0] ?? "", type: row[1] ?? "", isNullable: row[2] == "YES")
        // MariaDB writes a missing default of a column that may be null as the word NULL.
        column.defaultValue = row[3] == "NULL" ? nil : row[3]
        column.comment = row[4].flatMap { $0.isEmpty ? nil : $0 }
        column.characterSet = row[5]
        column.collation = row[6]
        return column
    }

    private func readKeys(_ table: inout SourceTable, _ place: String) throws {
        let parts = try rows(
            """
            SELECT index_name, column_name, sub_part FROM information_schema.statistics
            WHERE \(place) AND non_unique = 0 ORDER BY index_name <> 'PRIMARY', index_name, seq_in_index
            """)
        var keys: [SourceTable.Key] = []
        var partial: Set<String> = []
        for part in parts {
            let name = part[0] ?? ""
            guard let column = part[1], part[2] == nil else {
                // A key over an expression, or over the beginning of a text.
                partial.insert(name)
                continue
            }
            if keys.last?.name != name { keys.append(SourceTable.Key(name: name, columns: [])) }
            keys[keys.count - 1].columns.append(column)
        }
        keys.removeAll { partial.contains($0.name) }
        table.primaryKey = keys.first { $0.name == "PRIMARY" }
        table.uniqueKeys = keys.filter { $0.name != "PRIMARY" }
    }

    private func readForeignKeys(_ table: inout SourceTable, _ place: String) throws {
        let parts = try rows(
            """
            SELECT k.constraint_name, k.column_name, k.referenced_table_name, k.referenced_column_name, r.delete_rule, r.update_rule
            FROM (SELECT * FROM information_schema.key_column_usage WHERE \(place) AND referenced_table_name IS NOT NULL) k
            JOIN information_schema.referential_constraints r
            ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
            ORDER BY k.constraint_name, k.ordinal_position
            """)
        for part in parts {
            let name = part[0] ?? ""
            if table.foreignKeys.last?.name != name {
                table.foreignKeys.append(
                    SourceTable.ForeignKey(
                        name: name, columns: [], otherTable: part[2] ?? "", otherColumns: [], onDelete: part[4] ?? "",
                        onUpdate: part[5] ?? ""))
            }
            table.foreignKeys[table.foreignKeys.count - 1].columns.append(part[1] ?? "")
            table.foreignKeys[table.foreignKeys.count - 1].otherColumns.append(part[3] ?? "")
        }
    }

    func sample(_ table: String, rows: Int) throws -> SourceSample {
        try RowQuery(database, .table(table), key: []).sample(rows, from: database)
    }

    private func rows(_ statement: String) throws -> [[String?]] { try database.ask { try $0.rows(statement) } }
}
