import SaltmillBytes

/// Files of items without a manifest: one item, or one change, on each line.
enum LooseFiles {
    private static let endings = [".json", ".jsonl", ".ndjson"]

    /// The table of a folder that holds nothing but such files; nil when it does not.
    static func folder(_ path: String) throws(DumpError) -> DumpedTable? {
        let names = try FileSystem.names(in: path).filter { !$0.hasPrefix(".") }
        guard !names.isEmpty, names.allSatisfy({ name in endings.contains { name.hasSuffix($0) || name.hasSuffix($0 + ".gz") } }) else {
            return nil
        }
        return try table(names.map { "\(path)/\($0)" }, names: names)
    }

    /// One table of files that must all be of one kind.
    static func table(_ paths: [String], names: [String]) throws(DumpError) -> DumpedTable {
        var parts: [DumpedPart] = []
        var first: (shape: DumpedPart.Shape, name: String)?
        for (path, name) in zip(paths, names) {
            let shape = try shape(path, name)
            if let shape {
                if let first, first.shape != shape {
                    throw DumpError(name, "its lines are of another kind than those of \(first.name); keep different dumps apart")
                }
                first = first ?? (shape, name)
            }
            parts.append(DumpedPart(file: name, path: path, shape: shape ?? .bareLines))
        }
        if let first, first.shape == .changeLines {
            throw DumpError(
                first.name,
                "these are the changes of an incremental export, and without its manifest nothing tells their order; name the export's folder"
            )
        }
        let format: DumpFormat =
            switch first?.shape {
            case .pipelineLines: .dataPipeline
            case .array: .mifi
            default: .jsonLines
            }
        return DumpedTable(format: format, name: nil, parts: parts)
    }

    /// What the first line of a file says; nil for a file without lines.
    private static func shape(_ path: String, _ name: String) throws(DumpError) -> DumpedPart.Shape? {
        var window = TextWindow(try DumpInput(path: path, name: name, wantsMD5: false), name: name)
        guard let first = try window.peek() else { return nil }
        if first == UInt8(ascii: "[") { return .array }
        if let foreign = foreign(window.bytes) { throw DumpError.noDump(name, foreign) }
        guard first == UInt8(ascii: "{"), let line = try window.line() else {
            throw DumpError.noDump(name, at: window.offset(of: window.start), "this is no line of DynamoDB JSON")
        }
        let json = try SmallFile.json(window.withBytes(line) { $0.array }, as: name)
        if json["Keys"] != nil, json["Metadata"]?.members != nil { return .changeLines }
        if json["Items"]?.array != nil { return .page }
        guard let value = json.members?.first else { return .bareLines }
        if value.name == "Item", json.members?.count == 1, isItem(value.value) { return .itemLines }
        guard let type = value.value.members?.first?.name else {
            throw DumpError.noDump(name, at: window.offset(of: line.lowerBound), "this line is no item in DynamoDB JSON")
        }
        return PipelineItem.isType(type) ? .pipelineLines : .bareLines
    }

    /// True for an object of attribute values, false for an attribute value.
    private static func isItem(_ json: JSONValue) -> Bool { json.members?.allSatisfy { $0.value.members?.count == 1 } ?? false }

    /// What to do about a file of another kind.
    private static func foreign(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: "PK".utf8) { return "this is a zip archive: unpack it with unzip, then name the folder" }
        if bytes.starts(with: "BZh".utf8) { return "this is a bzip2 archive: unpack it with tar -xjf, then name the folder" }
        if bytes.count > 262, bytes[257..<262].elementsEqual("ustar".utf8) {
            return "this is a tar archive: unpack it with tar -xf and name the folder, or give it on standard input, named -"
        }
        if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return "this is compressed with zstd: expand it with zstd -d first" }
        if bytes.prefix(4096).contains(0x03) && bytes.prefix(4096).contains(0x02) {
            return "this is an export of the oldest kind, with control characters between fields, which is not read"
        }
        return nil
    }
}
