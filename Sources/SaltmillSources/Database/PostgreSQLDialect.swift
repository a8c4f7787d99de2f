/// SQL as PostgreSQL wants it; SQLite takes it, too.
struct PostgreSQLDialect: SQLDialect {
    func quoted(_ identifier: String) -> String { "\"\(identifier.replacing("\"", with: "\"\""))\"" }

    // Backslashes mean themselves: the session has standard_conforming_strings on.
    func literal(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }

    func literal(_ value: [UInt8], of key: ResultColumn.KeyKind) -> String { literal(String(decoding: value, as: UTF8.self)) }

    /// As a comparison of rows, which goes down an index of several columns (PostgreSQL documentation, "Row Constructor Comparison").
    func compare(_ columns: [String], _ isBehind: Bool, orEqual: Bool, _ values: [String]) -> String {
        let sign = (isBehind ? ">" : "<") + (orEqual ? "=" : "")
        guard columns.count > 1 else { return "\(columns[0]) \(sign) \(values[0])" }
        return "(\(columns.joined(separator: ", "))) \(sign) (\(values.joined(separator: ", ")))"
    }
}
