import SaltmillSources

/// A random CSV file of three columns, the first two of them numbers, dense in quoted line ends and in malformed records.
struct NastyFile {
    private(set) var text: [UInt8] = Array("key,lane,text\n".utf8)

    /// - Parameter isClean: every record has three cells and is well-formed.
    init(seed: UInt64, rows: Int = 60, keys: Int = 20, isClean: Bool = false) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<Int.random(in: 0...rows, using: &random) {
            let key = Int.random(in: 0..<16, using: &random) == 0 ? "" : "\(Int.random(in: 0..<keys, using: &random))"
            var row = "\(key),\(Int.random(in: 0..<5, using: &random)),"
            switch Int.random(in: 0..<(isClean ? 6 : 10), using: &random) {
            case 0: row += ""
            case 1: row += "\"line\nbreak\"\"s,\r\n\""
            case 2: row += "\"\(String(repeating: "long,\n", count: Int.random(in: 0..<40, using: &random)))\""
            case 3: row += "\"\""
            case 4, 5: row += "plain text"
            case 6: row += "one,more"
            case 7: row += "stray\"quote"
            case 8: row += "\"behind\"x"
            default: row += "\"open"
            }
            text += Array(row.utf8) + [[0x0A], [0x0D, 0x0A], [0x0A, 0x0A]][Int.random(in: 0..<3, using: &random)]
        }
        if Bool.random(using: &random), text.last == 0x0A, text.count > 20 { text.removeLast() }
    }

    /// The file written and opened; its records are short enough, and its limit low enough, for open quotes to reach it.
    func file(in folder: TestFolder) throws -> CSVFile {
        try CSVFile(path: folder.write(text), format: CSVFormat(maximumRecordLength: 300))
    }
}
