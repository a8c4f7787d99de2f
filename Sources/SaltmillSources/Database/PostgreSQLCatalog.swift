/// What PostgreSQL's system catalogs know.
struct PostgreSQLCatalog: SourceCatalog {
    let database: LiveDatabase
    private let dialect = PostgreSQLDialect()

    init(database: LiveDatabase) { self.database = database }

    var name: String { database.url.name }

    func tables() throws -> [String] {
        // Parts of a partitioned table are read with it.
        try rows(
            """
            SELECT CASE WHEN pg_table_is_visible(c.oid) THEN c.relname ELSE n.nspname || '.' || c.relname END
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
            ORDER BY 1
            """
        ).compactMap { $0[0] }
    }

    func table(_ name: String) throws -> SourceTable {
        let identifier = "to_regclass(\(dialect.literal(dialect.table(name))))"
        guard
            let about = try rows(
                """
                SELECT c.oid, obj_description(c.oid, 'pg_class'), c.reltuples::bigint,
                CASE WHEN c.reltuples > 0 THEN (pg_table_size(c.oid) / c.reltuples)::bigint END
                FROM pg_class c WHERE c.oid = \(identifier)
                """
            ).first, let number = about[0]
        else { throw SourceError(.open, "\(self.name) has no table \(name), or this user may not see it") }
        var table = SourceTable(name: name)
        table.comment = about[1]
        // Below zero: never analyzed.
        table.estimatedRows = about[2].flatMap { Int($0) }.flatMap { $0 < 0 ? nil : $0 }
        table.averageRowLength = about[3].flatMap { Int($0) }
        table.columns = try rows(
            """
            SELECT a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
            col_description(a.attrelid, a.attnum), l.collname
            FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            LEFT JOIN pg_collation l ON l.oid = a.attcollation
            WHERE a.attrelid = \(number) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
            """
        ).map(Self.column)
        try readKeys(&table, number)
        try readForeignKeys(&table, number)
        return table
    }

    private static func column(_ row: [String?]) -> SourceTable.Column {
        var column = SourceTable.Column(name: row[0] ?? "", type: row[1] ?? "", isNullable: row[2] == "t")
        column.defaultValue = row[3]
        column.comment = row[4]
        column.collation = row[5]
        // A database has one character set, and it is converted on the way.
        if column.collation != nil { column.characterSet = "UTF8" }
        return column
    }

    private func readKeys(_ table: inout SourceTable, _ number: String) throws {
        // Not those over expressions or a part of the rows, nor the columns that an index only includes.
        let parts = try rows(
            """
            SELECT i.relname, x.indisprimary, a.attname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
            CROSS JOIN LATERAL unnest(x.indkey) WITH ORDINALITY k(number, position)
            JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.number
            WHERE x.indrelid = \(number) AND x.indisunique AND x.indisvalid AND x.indpred IS NULL AND x.indexprs IS NULL
            AND k.position <= x.indnkeyatts ORDER BY NOT x.indisprimary, i.relname, k.position
            """)
        for part in parts {
            let (name, column) = (part[0] ?? "", part[2] ?? "")
            if part[1] == "t" {
                table.primaryKey = SourceTable.Key(name: name, columns: (table.primaryKey?.columns ?? []) + [column])
            } else {
                if table.uniqueKeys.last?.name != name { table.uniqueKeys.append(SourceTable.Key(name: name, columns: [])) }
                table.uniqueKeys[table.uniqueKeys.count - 1].columns.append(column)
            }
        }
    }

    private func readForeignKeys(_ table: inout SourceTable, _ number: String) throws {
        let parts = try rows(
            """
            SELECT f.conname, a.attname, f.confrelid::regclass::text, b.attname, f.confdeltype, f.confupdtype FROM pg_constraint f
            CROSS JOIN LATERAL unnest(f.conkey, f.confkey) WITH ORDINALITY k(own, other, position)
            JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.own
            JOIN pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = k.other
            WHERE f.contype = 'f' AND f.conrelid = \(number) ORDER BY f.conname, k.position
            """)
        let rules = ["a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"]
        for part in parts {
            let name = part[0] ?? ""
            if table.foreignKeys.last?.name != name {
                table.foreignKeys.append(
                    SourceTable.ForeignKey(
                        name: name, columns: [], otherTable: part[2] ?? "", otherColumns: [], onDelete: rules[part[4] ?? ""] ?? "",
                        onUpdate: rules[part[5] ?? ""] ?? ""))
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
