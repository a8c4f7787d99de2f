import SaltmillItems

/// Reads a dump again that is whole and has not been given its name yet.
package enum DumpVerification {
    /// - Parameters:
    ///   - path: the folder as it is named now.
    ///   - expected: what was written.
    /// - Throws: ``DumpError`` for the first difference.
    package static func run(_ path: String, expected: [DumpReport.Table]) throws(DumpError) {
        let tables = try DumpRecognition.folder(path)
        for table in expected {
            guard let found = tables.first(where: { $0.name == table.name }) else {
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
