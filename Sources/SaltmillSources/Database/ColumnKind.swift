/// How a column's values come from a database, and what text becomes of them.
///
/// | kind | MySQL, MariaDB | PostgreSQL | the cell's text |
/// |---|---|---|---|
/// | number | integers, unsigned too, `YEAR`, `DECIMAL`, `DOUBLE` | integers, `oid`, `numeric`, `real`, `double precision` | the number, every digit of it |
/// | single | `FLOAT` | | the shortest decimal that is this number |
/// | bits | `BIT` | | the bits as a whole number |
/// | boolean | | `boolean` | `true`, `false` |
/// | text | `CHAR`, `TEXT`, `ENUM`, `SET` (`a,b`), `TIME`, `UUID`, `INET6` | `text`, `uuid`, enums, `time`, `interval` (ISO 8601), `bit`, ranges, everything else | as it is, in UTF-8 |
/// | bytes | `BINARY`, `BLOB`, `GEOMETRY` | `bytea` | Base64 |
/// | date | `DATE` | `date` | `2013-12-31` |
/// | local time | `DATETIME` | `timestamp` | `2013-12-31T23:59:59`, with the zone behind it that the source states |
/// | instant | `TIMESTAMP` | `timestamptz` | `2013-12-31T23:59:59Z`, always UTC |
/// | document | `JSON` | `json`, `jsonb`, arrays | JSON |
///
/// NULL is null everywhere. PostgreSQL's `infinity` and MySQL's zero dates stay what they are.
enum ColumnKind: Sendable, Equatable {
    case number
    case single
    case bits
    case boolean
    case text
    /// Bytes as they are.
    case bytes
    /// Bytes as PostgreSQL writes them: `\x` and hexadecimal digits.
    case hexadecimal
    case date
    case localTime
    case instant
    case document
}

/// A column of a result.
package struct ResultColumn: Sendable, Equatable {
    /// What a key's values are like: how they are written in SQL, and how keys between two others are made.
    package enum KeyKind: Sendable, Equatable {
        case signed
        case unsigned
        /// Another number.
        case decimal
        case text
        case bytes
        case date
        /// Any other whose text means the same value again.
        case other
        /// What its text does not tell exactly, or is not ordered by.
        case none
    }

    var name: String
    var kind: ColumnKind
    var key: KeyKind
    /// What to select instead of the column, where its own text says too little; `?` stands for the column.
    var expression = "?"
}
