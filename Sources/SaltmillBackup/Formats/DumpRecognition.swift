import Glibc
import SaltmillBytes
import SaltmillItems

/// Finds out what a path holds.
enum DumpRecognition {
    /// How far a data file may lie below its dump's folder: the table, `AWSDynamoDB`, the export, `data`, the file.
    private static let depth = 5

    /// Refuses what lies within a dump that was never finished.
    static func checkFinished(_ path: String) throws(DumpError) {
        var place = FileSystem.absolute(path) ?? path
        for _ in 0...depth {
            // A table may have such a name too; the folder of an unfinished dump holds no table of its own.
            let isUnfinished = place.hasSuffix(".partial") && !isFile(DumpManifest.fileName, in: place) && !isFile("schema.json", in: place)
            if isUnfinished || isFile(DumpJournal.fileName, in: place) {
                throw DumpError(place, "this dump is not complete: it was never finished")
            }
            guard let slash = place.lastIndex(of: "/"), slash > place.startIndex else { return }
            place = String(place[..<slash])
        }
    }

    private static func isFile(_ name: String, in folder: String) -> Bool { FileSystem.isFile("\(folder)/\(name)") }

    /// The tables of a folder: a dump's, one table's, or an export's.
    static func folder(_ path: String) throws(DumpError) -> [DumpedTable] {
        let folders = try FileSystem.names(in: path).filter { FileSystem.isFolder("\(path)/\($0)") }
        // A table may have the name of any file or folder that tells another format, so our own dumps are looked for first.
        let isOurs = !isFile(DumpManifest.fileName, in: path) && folders.contains { isFile(DumpManifest.fileName, in: "\(path)/\($0)") }
        if !isOurs {
            if let table = try table(path, as: "") { return [table] }
            if let tables = try MifiDump.tables(path) { return tables }
        }
        var tables: [DumpedTable] = []
        for name in folders {
            if let table = try table("\(path)/\(name)", as: "\(name)/") { tables.append(table) }
        }
        if tables.isEmpty, let table = try LooseFiles.folder(path) { return [table] }
        for table in tables {
            guard let facts = table.manifest?.facts else { continue }
            let others = Set(tables.compactMap { $0.manifest?.facts.dumpID })
            guard others.count == 1 else {
                throw DumpError(
                    path, "tables of \(others.count) different dumps are mixed here; name one table's folder, or keep dumps apart")
            }
            if let lost = facts.tables.first(where: { name in !tables.contains { $0.name == name } }) {
                throw DumpError(path, "the dump has lost its table \(lost); name the folder of one table if you want just that")
            }
        }
        return tables
    }

    /// The table whose folder this is; nil when it is none of a known format.
    /// - Parameter prefix: what stands before paths in messages.
    private static func table(_ folder: String, as prefix: String) throws(DumpError) -> DumpedTable? {
        func has(_ name: String) -> Bool { isFile(name, in: folder) }
        // What dynamodump made of a table of that name is no export.
        let holdsExport = FileSystem.isFolder("\(folder)/AWSDynamoDB") && !has("AWSDynamoDB/schema.json")
        let isAWS = holdsExport || has("manifest-summary.json") || has("manifest-files.json")
        let manifest = try manifest(folder, as: prefix)
        if isAWS, has("schema.json") {
            throw DumpError(folder, "an export to S3 and a dump of dynamodump are mixed in this folder; keep them apart")
        }
        var table: DumpedTable?
        if has("schema.json") {
            table = try DynamodumpDump.table(folder, as: prefix, isOurs: manifest != nil)
        } else if isAWS {
            table = try AWSDump.table(folder, as: prefix)
        } else if has("manifest") {
            table = try PipelineDump.table(folder, as: prefix)
        }
        guard let manifest else { return table }
        let file = "\(prefix)\(DumpManifest.fileName)"
        guard var table, table.format == manifest.format else {
            throw DumpError(file, "it speaks of a dump in the format \(manifest.format.rawValue), and the files beside it are not one")
        }
        try table.take(manifest, file: file, folder: folder, prefix: prefix)
        return table
    }

    /// Our own manifest; nil where there is none.
    private static func manifest(_ folder: String, as prefix: String) throws(DumpError) -> DumpManifest? {
        let kind = FileSystem.kind(of: "\(folder)/\(DumpManifest.fileName)")
        guard let kind, kind != .folder else { return nil }
        let file = "\(prefix)\(DumpManifest.fileName)"
        let json = try SmallFile.json("\(folder)/\(DumpManifest.fileName)", as: file, limit: SmallFile.maximumManifestBytes)
        do throws(ManifestFault) {
            return try DumpManifest(json: json)
        } catch {
            throw DumpError(file, error.description)
        }
    }

    /// The tables of one file of items.
    static func file(_ path: String) throws(DumpError) -> [DumpedTable] {
        if path.hasSuffix(".dynamodata") || path.hasSuffix(".dynamoschema") {
            return [try MifiDump.table(String(path[..<(path.lastIndex(of: ".") ?? path.endIndex)]), as: "")]
        }
        return [try LooseFiles.table([path], names: [path])]
    }
}

extension DumpedTable {
    /// Adds what our own manifest says, and checks that the files are those that it names.
    fileprivate mutating func take(_ manifest: DumpManifest, file: String, folder: String, prefix: String) throws(DumpError) {
        let named = manifest.parts.map { "\(prefix)\($0.file)" }
        let found = Set(parts.map(\.file))
        if let lost = named.first(where: { !found.contains($0) }) {
            throw DumpError(lost, "the manifest names this file, and it is missing")
        }
        if let foreign = parts.first(where: { !named.contains($0.file) }) {
            throw DumpError(foreign.file, "this file does not belong to the dump: the manifest beside it does not name it")
        }
        parts = manifest.parts.map { part in
            var dumped = DumpedPart(
                file: "\(prefix)\(part.file)", path: "\(folder)/\(part.file)", shape: format == .aws ? .itemLines : .page)
            dumped.count = part.digest.count
            dumped.sha256 = part.sha256
            dumped.digest = part.digest
            return dumped
        }
        for (dumped, part) in zip(parts, manifest.parts) where dumped.bytes != part.bytes {
            throw DumpError(dumped.file, "the manifest says that it has \(part.bytes) bytes, and it has \(dumped.bytes)")
        }
        if let expected = expected.count, expected != manifest.digest.count {
            throw DumpError(file, "it says that there are \(manifest.digest.count) items, and manifest-summary.json says \(expected)")
        }
        name = manifest.table["TableName"]?.string
        description = manifest.table
        expected = (manifest.digest.count, manifest.digest)
        when = manifest.json["scan"]?["began"]?.string
        self.manifest = manifest
    }
}
