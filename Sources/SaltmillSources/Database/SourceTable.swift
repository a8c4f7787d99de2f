/// A table of a live database, as its catalog describes it.
package struct SourceTable: Sendable, Equatable {
    package struct Column: Sendable, Equatable {
        package var name: String
        /// The type as it was declared: `int(10) unsigned`, `numeric(10,2)`.
        package var type: String
        package var isNullable: Bool
        /// The default's expression or text, as the catalog has it.
        package var defaultValue: String?
        /// The comment that was given to the column; nil where there is none, as always in SQLite.
        package var comment: String?
        package var characterSet: String?
        package var collation: String?
        package var isUnsigned: Bool
        /// The attribute type that keeps its values best: `N`, `S`, `B`, `BOOL`, `M` or `L`, the last two for JSON and arrays.
        package var suggestedType: String

        package init(name: String, type: String, isNullable: Bool = true) {
            self.name = name
            self.type = type
            self.isNullable = isNullable
            isUnsigned = type.lowercased().contains("unsigned")
            suggestedType = SuggestedType.of(type)
        }
    }

    /// Columns that no two rows agree in, none of them null in a primary key.
    package struct Key: Sendable, Equatable {
        package var name: String
        package var columns: [String]

        package init(name: String, columns: [String]) {
            self.name = name
            self.columns = columns
        }
    }

    package struct ForeignKey: Sendable, Equatable {
        package var name: String
        package var columns: [String]
        package var otherTable: String
        /// Empty where SQLite means the other table's primary key.
        package var otherColumns: [String]
        /// What happens to rows of this table when the other's is deleted or its key changed: `CASCADE`, `SET NULL`, `RESTRICT`,
        /// `NO ACTION` or `SET DEFAULT`. In MySQL and MariaDB no trigger sees it.
        package var onDelete: String
        package var onUpdate: String

        package init(
            name: String, columns: [String], otherTable: String, otherColumns: [String], onDelete: String, onUpdate: String
        ) {
            self.name = name
            self.columns = columns
            self.otherTable = otherTable
            self.otherColumns = otherColumns
            self.onDelete = onDelete
            self.onUpdate = onUpdate
        }

        /// Rows of this table change or go when those of another one do.
        package var isCascading: Bool {
            [onDelete, onUpdate].contains { ["CASCADE", "SET NULL", "SET DEFAULT"].contains($0) }
        }
    }

    package var name: String
    package var comment: String?
    package var columns: [Column] = []
    /// Nil when there is none; in SQLite the rowid's column, if it has one.
    package var primaryKey: Key?
    /// The other unique keys over whole columns.
    package var uniqueKeys: [Key] = []
    package var foreignKeys: [ForeignKey] = []
    /// How many rows the database thinks it has, which may be far off; nil when it has no idea.
    package var estimatedRows: Int?
    /// Bytes a row takes there on average.
    package var averageRowLength: Int?

    package init(name: String) { self.name = name }
}

/// Rows of a table, taken here and there.
package struct SourceSample: Sendable {
    /// The names of the batch's columns, in their order.
    package var columns: [String]
    /// At most as many rows as asked for, in the order of the key; all of them where the table has no more.
    package var rows: RowBatch

    package init(columns: [String], rows: RowBatch) {
        self.columns = columns
        self.rows = rows
    }
}

/// What a database knows of its own tables.
package protocol SourceCatalog: Sendable {
    /// What messages call the database: no user or password is in it.
    var name: String { get }

    /// Names of the tables that can be read, with a schema before those that need one.
    /// - Throws: ``SourceError``, ``SourcePause``.
    func tables() throws -> [String]

    /// Describes a table.
    /// - Throws: ``SourceError`` when there is no such table; ``SourcePause``.
    func table(_ name: String) throws -> SourceTable

    /// Reads rows at places spread over the range of the table's key; in tables whose key gives no such places, the first ones.
    ///
    /// It is no random sample: of keys that stand in clumps, sparse parts are over-represented.
    /// - Throws: ``SourceError``, ``SourcePause``.
    func sample(_ table: String, rows: Int) throws -> SourceSample
}

extension DatabaseURL {
    /// Opens the catalog; a database on a server is connected to when it is first asked.
    /// - Throws: ``SourceError``.
    package func catalog(_ options: DatabaseOptions = DatabaseOptions()) throws(SourceError) -> any SourceCatalog {
        switch kind {
        case .mysql: MySQLCatalog(database: LiveDatabase(self, options))
        case .postgresql: PostgreSQLCatalog(database: LiveDatabase(self, options))
        case .sqlite: try SQLiteCatalog(path: database)
        }
    }
}

/// Which attribute type suits a column.
private enum SuggestedType {
    static func of(_ declared: String) -> String {
        let type = declared.lowercased()
        if type.hasSuffix("[]") { return "L" }
        let name = type.prefix { $0.isLetter || $0 == "_" || $0.isNumber }
        switch name {
        case "bool", "boolean": return "BOOL"
        case "json", "jsonb": return "M"
        case "blob", "tinyblob", "mediumblob", "longblob", "binary", "varbinary", "bytea", "geometry", "point", "polygon", "linestring":
            return "B"
        case "bit": return type.contains("varying") ? "S" : "N"
        default:
            let numbers = ["int", "serial", "decimal", "numeric", "double", "float", "real", "year"]
            return name != "interval" && name != "point" && numbers.contains { name.contains($0) } ? "N" : "S"
        }
    }
}
