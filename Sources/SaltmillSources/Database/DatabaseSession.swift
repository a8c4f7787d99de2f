/// One connection to a database, used by one thread at a time.
///
/// It can only read; what it sends is in UTF-8, times are in UTC, and no statement runs or waits for locks longer than the options say.
protocol DatabaseSession: AnyObject {
    /// How statements are written for it.
    var dialect: any SQLDialect { get }

    /// What a query's result consists of.
    func columns(of query: String) throws(DatabaseFailure) -> [ResultColumn]

    /// Runs a statement and shows each row of its result; the values are gone when `row` returns.
    /// - Returns: how many rows there were.
    func read(_ statement: String, _ row: (UnsafeBufferPointer<RawValue?>) -> Void) throws(DatabaseFailure) -> Int
}

extension DatabaseSession {
    /// Runs a statement whose result is small, and gives its rows as text; null is nil.
    func rows(_ statement: String) throws(DatabaseFailure) -> [[String?]] {
        var rows: [[String?]] = []
        _ = try read(statement) { row in rows.append(row.map { value in value.map { String(decoding: $0, as: UTF8.self) } }) }
        return rows
    }
}

/// How one make of database wants its statements.
protocol SQLDialect: Sendable {
    func quoted(_ identifier: String) -> String

    /// A text as SQL writes it.
    func literal(_ text: String) -> String

    /// A key's value as SQL writes it.
    func literal(_ value: [UInt8], of key: ResultColumn.KeyKind) -> String

    /// The condition that a key is behind (`>`) or before (`<`) another; or equal, too.
    func compare(_ columns: [String], _ isBehind: Bool, orEqual: Bool, _ values: [String]) -> String
}

extension SQLDialect {
    /// A table's name with what may stand before a dot in it.
    func table(_ name: String) -> String {
        name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map { quoted(String($0)) }.joined(separator: ".")
    }
}
