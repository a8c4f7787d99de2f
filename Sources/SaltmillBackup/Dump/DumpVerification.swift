/// Reads a finished dump again.
enum DumpVerification {
    /// - Parameter expected: what was written.
    /// - Throws: ``DumpError`` for the first difference.
    static func run(_ path: String, expected: [DumpReport.Table]) throws(DumpError) {
        let reader = try DumpReader(opening: path)
        for table in expected {
            guard let found = reader.tables.first(where: { $0.name == table.name }) else {
                throw DumpError("\(path)/\(table.name)", "the table is not in the dump")
            }
            var digest = ItemDigest.empty
            for number in found.parts.indices {
                var part = try found.open(number)
                while try part.next() != nil {}
                digest += part.digest
            }
            guard digest == table.digest else {
                throw DumpError("\(path)/\(table.name)", "what was read again is not what was written: \(digest), not \(table.digest)")
            }
        }
    }
}
