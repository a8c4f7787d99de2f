import SaltmillBytes

/// Reading the folder that dynamodump, or ``TableDumpWriter``, made of a table.
enum DynamodumpDump {
    /// - Parameter isOurs: whether a manifest of ours, which names all data files, stands beside them.
    static func table(_ folder: String, as prefix: String, isOurs: Bool) throws(DumpError) -> DumpedTable {
        let schema = "\(prefix)schema.json"
        guard let description = try SmallFile.json("\(folder)/schema.json", as: schema)["Table"],
            let name = description["TableName"]?.string
        else { throw DumpError(schema, "it has no Table with a TableName") }
        var parts = try pages(folder, as: prefix)
        if !isOurs { try checkSequence(&parts, as: prefix) }
        return DumpedTable(format: .dynamodump, name: name, description: description, parts: parts)
    }

    private static func pages(_ folder: String, as prefix: String) throws(DumpError) -> [DumpedPart] {
        switch FileSystem.kind(of: "\(folder)/data") {
        case .folder: break
        case nil: return []
        case .link: throw DumpError("\(prefix)data", "this is a link, and a dump holds none")
        case .file, .other: throw DumpError("\(prefix)data", "this is no folder")
        }
        var parts: [DumpedPart] = []
        for name in try FileSystem.names(in: "\(folder)/data") {
            guard name.hasSuffix(".json"), name.dropLast(5).allSatisfy({ ("0"..."9").contains($0) }),
                FileSystem.isFile("\(folder)/data/\(name)")
            else { throw DumpError("\(prefix)data/\(name)", "this does not belong into a dump of dynamodump; remove it") }
            parts.append(DumpedPart(file: "\(prefix)data/\(name)", path: "\(folder)/data/\(name)", shape: .page))
        }
        // 10000.json comes behind 9999.json.
        return parts.sorted { ($0.file.utf8.count, $0.file) < ($1.file.utf8.count, $1.file) }
    }

    /// Makes sure that no page of the tool's is missing: it numbers them from 1 on, and the last one has no `LastEvaluatedKey`.
    private static func checkSequence(_ parts: inout [DumpedPart], as prefix: String) throws(DumpError) {
        for index in 0..<max(parts.count, 1) {
            let file = "\(prefix)data/\(TableDumpWriter.padded(index + 1, 4)).json"
            guard parts.indices.contains(index), parts[index].file == file else {
                let remedy = parts.isEmpty ? #"; if the schema alone was dumped, put {"Items": []} there"# : ""
                throw DumpError(file, "this page of the scan is missing, so the dump is not complete\(remedy)")
            }
        }
        parts[parts.count - 1].isLastPage = true
    }
}
