import SaltmillSources

extension SpecReader {
    private enum FormatName: String, CaseIterable {
        case csv
        case jsonLines = "jsonl"
        case dynamoDBJSON = "dynamodb-json"

        /// The format that a file's name tells.
        init(ofFile name: String) {
            let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
            self = [".jsonl", ".ndjson", ".json"].contains { plain.lowercased().hasSuffix($0) } ? .jsonLines : .csv
        }
    }

    /// The section `source`.
    mutating func source(_ node: SpecNode, origin: SpecOrigin) -> FileSource? {
        guard let object = object(node, .source, example: "{ file: flights.csv }") else { return nil }
        if let url = object["url"] { return recording(object, liveDatabase(url, object, origin: origin)) }
        for name in Self.liveFields {
            if let node = object[name] {
                report(node, "is for a live database; name it, e.g. `url: \"mysql://reader@db1/pairs\"`, or remove this")
            }
        }
        if let sqlite = object["sqlite"] { return recording(object, database(sqlite, object, origin: origin)) }
        for name in ["table", "query", "key"] {
            if let node = object[name] { report(node, "is for a database; name it, e.g. `sqlite: old.db`, or remove this") }
        }
        guard let file = required(object, "file", "name the file to read, e.g. `file: flights.csv`").flatMap({ self.name($0) })
        else { return nil }
        let format = object["format"].map { choice($0, FormatName.allCases) } ?? FormatName(ofFile: file)
        var content = FileSource.Content.csv(csv(object))
        if let format, format != .csv {
            for name in Self.csvFields {
                if let node = object[name] { report(node, "is for CSV, and this is \(format.rawValue); remove it") }
            }
            content = .jsonLines(isTyped: format == .dynamoDBJSON)
        }
        return FileSource(name: file, path: file == "-" ? file : origin.resolve(file), content: content)
    }

    /// A database with its columns on record.
    private mutating func recording(_ object: SpecObject, _ source: FileSource?) -> FileSource? {
        guard let node = object["columns"] else { return source }
        if object["query"] != nil { report(node, "is what a table looked like, and `query` is none; remove it") }
        var source = source
        source?.recorded = recordedColumns(node)
        return source
    }

    static let csvFields = ["null", "delimiter", "header", "columns"]

    /// A source in a SQLite database.
    private mutating func database(_ sqlite: SpecNode, _ object: SpecObject, origin: SpecOrigin) -> FileSource? {
        for name in ["file", "format"] + Self.csvFields where name != "columns" {
            if let node = object[name] { report(node, "is for files, and `sqlite` names a database; keep one of them") }
        }
        let selection: SQLiteSelection?
        if let query = object["query"] {
            if let node = object["table"] { report(node, "and `query` exclude one another; keep one") }
            let key = required(object, "key", "name the column of the query's result that numbers its rows").flatMap { name($0) }
            let text = name(query)
            selection = key.flatMap { key in text.map { .query($0, key: key) } }
        } else {
            if let node = object["key"] { report(node, "is for `query`; a table's rows are told apart by their rowids, so remove it") }
            selection = required(object, "table", "name the table to read, e.g. `table: answers`").flatMap { name($0) }.map { .table($0) }
        }
        guard let file = name(sqlite), let selection else { return nil }
        return FileSource(name: file, path: origin.resolve(file), content: .sqlite(selection))
    }

    private mutating func csv(_ object: SpecObject) -> CSVFormat {
        var format = CSVFormat()
        if let node = object["delimiter"], let byte = delimiter(node) { format.delimiter = byte }
        if let node = object["null"], let nulls = names(node, of: "texts", orOne: true, mayBeEmpty: true) { format.nulls = nulls }
        let hasHeader = object["header"].flatMap { boolean($0) } ?? true
        if let node = object["columns"] {
            format.columns = names(node, of: "column names")
            if hasHeader {
                report(node, "names columns that the header names already; add `header: false` if there is none, or remove this")
            }
            if format.columns == [] { report(node, "must name at least one column") }
        } else if !hasHeader {
            report(path: SpecNode.path(object.node.path, "columns"), "missing; without a header, list the columns' names in their order")
        }
        return format
    }

    private mutating func delimiter(_ node: SpecNode) -> UInt8? {
        guard let text = text(node) else { return nil }
        if let byte = text.utf8.first, text.utf8.count == 1, byte == 0x09 || (0x20..<0x7F).contains(byte), byte != 0x22 { return byte }
        let hint = text == "\\t" ? "for a tab, write \"\\t\" in double quotes" : "e.g. \",\", \";\" or \"\\t\""
        report(node, "must be one ASCII character other than a quote, not \(node.kind); \(hint)")
        return nil
    }
}
