import SaltmillBytes

/// Reading the folder that dynamodump, or ``TableDumpWriter``, made of a table.
enum DynamodumpDump {
    static func table(_ folder: String, as prefix: String) throws(DumpError) -> DumpedTable {
        let schema = "\(prefix)schema.json"
        guard let description = try SmallFile.json("\(folder)/schema.json", as: schema)["Table"],
            let name = description["TableName"]?.string
        else { throw DumpError(schema, "it has no Table with a TableName") }
        var parts: [DumpedPart] = []
        if FileSystem.exists("\(folder)/data") {
            for name in try FileSystem.names(in: "\(folder)/data") {
                guard name.hasSuffix(".json"), FileSystem.kind(of: "\(folder)/data/\(name)") == .file else {
                    throw DumpError("\(prefix)data/\(name)", "this does not belong into a dump of dynamodump; remove it")
                }
                parts.append(DumpedPart(file: "\(prefix)data/\(name)", path: "\(folder)/data/\(name)", shape: .page))
            }
        }
        // 10000.json comes behind 9999.json.
        parts.sort { ($0.file.utf8.count, $0.file) < ($1.file.utf8.count, $1.file) }
        return DumpedTable(format: .dynamodump, name: name, description: description, parts: parts)
    }
}
