import SaltmillBytes

/// Reading what mifi/dynamodump made of tables: `NAME.dynamoschema`, the table's description, and `NAME.dynamodata`, an array of items.
enum MifiDump {
    /// The tables of a folder that holds such files; nil when it holds none.
    static func tables(_ folder: String) throws(DumpError) -> [DumpedTable]? {
        let stems = try FileSystem.names(in: folder).compactMap { name in
            (name.hasSuffix(".dynamodata") || name.hasSuffix(".dynamoschema")) && FileSystem.isFile("\(folder)/\(name)")
                ? String(name[..<(name.lastIndex(of: ".") ?? name.endIndex)]) : nil
        }
        guard !stems.isEmpty else { return nil }
        var tables: [DumpedTable] = []
        for stem in Set(stems).sorted() { tables.append(try table("\(folder)/\(stem)", as: "")) }
        return tables
    }

    /// The table of two files, or one of them.
    /// - Parameter path: without the ending.
    static func table(_ path: String, as prefix: String) throws(DumpError) -> DumpedTable {
        let stem = path.split(separator: "/").last.map(String.init) ?? path
        var description: JSONValue?
        if FileSystem.exists("\(path).dynamoschema") {
            let json = try SmallFile.json("\(path).dynamoschema", as: "\(prefix)\(stem).dynamoschema")
            // One version wrote the description, another the whole answer.
            description = json["Table"] ?? json
        }
        var parts: [DumpedPart] = []
        if FileSystem.exists("\(path).dynamodata") {
            parts.append(DumpedPart(file: "\(prefix)\(stem).dynamodata", path: "\(path).dynamodata", shape: .array))
        }
        return DumpedTable(format: .mifi, name: description?["TableName"]?.string ?? stem, description: description, parts: parts)
    }
}
