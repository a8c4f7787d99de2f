/// SQL as MySQL and MariaDB want it.
struct MySQLDialect: SQLDialect {
    func quoted(_ identifier: String) -> String { "`\(identifier.replacing("`", with: "``"))`" }

    // In hexadecimal digits, so that no server setting changes what a quote or a backslash means.
    func literal(_ text: String) -> String { text.isEmpty ? "''" : "_utf8mb4 X'\(hexadecimal(text.utf8))'" }

    func literal(_ value: [UInt8], of key: ResultColumn.KeyKind) -> String {
        switch key {
        case .signed, .unsigned, .decimal: String(decoding: value, as: UTF8.self)
        case .bytes: "X'\(hexadecimal(value))'"
        case .text, .date, .other, .none: literal(String(decoding: value, as: UTF8.self))
        }
    }

    /// Written out, since MariaDB does not use an index for a comparison of rows (MariaDB Knowledge Base, "Optimizing key_part1,key_part2").
    func compare(_ columns: [String], _ isBehind: Bool, orEqual: Bool, _ values: [String]) -> String {
        let sign = isBehind ? ">" : "<"
        let cases = columns.indices.map { last in
            let equals = (0..<last).map { "\(columns[$0]) = \(values[$0])" }
            let isEnd = last == columns.count - 1
            return (equals + ["\(columns[last]) \(sign)\(isEnd && orEqual ? "=" : "") \(values[last])"]).joined(separator: " AND ")
        }
        return cases.count == 1 ? cases[0] : "(" + cases.map { "(\($0))" }.joined(separator: " OR ") + ")"
    }

    private func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
