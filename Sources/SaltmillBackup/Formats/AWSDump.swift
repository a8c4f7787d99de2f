import SaltmillBytes
import SaltmillItems

/// Reading DynamoDB's own exports to S3, full ones and incremental ones (Amazon DynamoDB Developer Guide, "DynamoDB table export output
/// format"); ION is not read.
enum AWSDump {
    /// - Parameter folder: what holds `AWSDynamoDB`, or the export's own folder.
    static func table(_ folder: String, as prefix: String) throws(DumpError) -> DumpedTable {
        guard FileSystem.isFolder("\(folder)/AWSDynamoDB") else { return try export(folder, as: prefix) }
        var exports: [String] = []
        for name in try FileSystem.names(in: "\(folder)/AWSDynamoDB")
        where name != "data" && FileSystem.kind(of: "\(folder)/AWSDynamoDB/\(name)") == .folder { exports.append(name) }
        guard let first = exports.first else { throw DumpError("\(folder)/AWSDynamoDB", "there is no export in this folder") }
        guard exports.count == 1 else {
            throw DumpError(
                "\(folder)/AWSDynamoDB",
                "\(exports.count) exports are in this folder; name one of them, e.g. \(folder)/AWSDynamoDB/\(first)")
        }
        return try export("\(folder)/AWSDynamoDB/\(first)", as: "\(prefix)AWSDynamoDB/\(first)/")
    }

    private static func export(_ folder: String, as prefix: String) throws(DumpError) -> DumpedTable {
        let (summaryName, filesName) = ("\(prefix)manifest-summary.json", "\(prefix)manifest-files.json")
        guard FileSystem.exists("\(folder)/manifest-summary.json"), FileSystem.exists("\(folder)/manifest-files.json") else {
            throw DumpError(summaryName, "the export is not complete: a manifest is missing")
        }
        try check(folder, "manifest-summary", as: prefix)
        try check(folder, "manifest-files", as: prefix)
        let summary = try SmallFile.json("\(folder)/manifest-summary.json", as: summaryName)
        let isIncremental = summary["exportType"]?.string == "INCREMENTAL_EXPORT"
        guard let version = summary["version"]?.string, version == (isIncremental ? "2023-08-01" : AWSExport.version) else {
            throw DumpError(summaryName, "version \(summary["version"]?.string ?? "none") of the export format is not known")
        }
        guard summary["outputFormat"]?.string == "DYNAMODB_JSON" else {
            throw DumpError(
                summaryName, "only exports in DYNAMODB_JSON can be read, and this one is in \(summary["outputFormat"]?.string ?? "another")"
            )
        }
        var parts: [DumpedPart] = []
        var total = 0
        try SmallFile.jsonLines("\(folder)/manifest-files.json", as: filesName) { line, offset throws(DumpError) in
            parts.append(try part(line, at: offset, of: filesName, in: folder, as: prefix, isIncremental ? .changeLines : .itemLines))
            total += parts[parts.count - 1].count ?? 0
            guard total <= ItemDigest.maximumCount else {
                throw DumpError(filesName, at: offset, "there are more than 2^53 items up to here")
            }
        }
        guard Set(parts.map(\.path)).count == parts.count else { throw DumpError(filesName, "a data file is named twice") }
        guard let count = summary["itemCount"]?.int, count == total else {
            throw DumpError(summaryName, "itemCount is not the sum of the data files', which is \(total)")
        }
        var table = DumpedTable(
            format: isIncremental ? .awsIncremental : .aws,
            name: summary["tableArn"]?.string.flatMap { $0.split(separator: "/").last.map(String.init) }, parts: parts)
        table.expected.count = count
        table.when = summary["exportTime"]?.string ?? summary["exportToTime"]?.string
        return table
    }

    /// The data file that a line of `manifest-files.json` names.
    private static func part(
        _ line: JSONValue, at offset: UInt64, of manifest: String, in folder: String, as prefix: String, _ shape: DumpedPart.Shape
    ) throws(DumpError) -> DumpedPart {
        guard let key = line["dataFileS3Key"]?.string, let count = line["itemCount"]?.int, (0...ItemDigest.maximumCount).contains(count)
        else { throw DumpError(manifest, at: offset, "the line has no dataFileS3Key, or no itemCount up to 2^53") }
        guard let (path, file) = locate(key, from: folder, as: prefix) else {
            throw DumpError(manifest, at: offset, "\"\(key)\" is no path within the export")
        }
        guard let slash = path.lastIndex(of: "/"), FileSystem.isFolder(String(path[..<slash])) else {
            throw DumpError(file, "its folder is missing, or is a link, and a dump holds none")
        }
        var part = DumpedPart(file: file, path: path, shape: shape)
        part.count = count
        guard let text = line["md5Checksum"]?.string else { return part }
        var md5: [UInt8] = []
        guard (try? Base64.append(decoding: Array(text.utf8).span, to: &md5)) != nil, md5.count == 16 else {
            throw DumpError(manifest, at: offset, "md5Checksum is no MD5 in Base64")
        }
        part.md5 = md5
        return part
    }

    /// Checks a manifest against the MD5 beside it, in the file that the service writes or in the one that its guide speaks of.
    private static func check(_ folder: String, _ stem: String, as prefix: String) throws(DumpError) {
        for ending in ["md5", "checksum"] where FileSystem.exists("\(folder)/\(stem).\(ending)") {
            let text = try SmallFile.bytes("\(folder)/\(stem).\(ending)", as: "\(prefix)\(stem).\(ending)").filter { $0 > 0x20 }
            guard text == AWSExport.checksum(md5: try SmallFile.md5("\(folder)/\(stem).json", as: "\(prefix)\(stem).json")) else {
                throw DumpError("\(prefix)\(stem).json", "its MD5 is not the one in \(stem).\(ending): one of the two was altered")
            }
        }
    }

    /// Where a key of the bucket is on disk, and what to call it: below the export's folder, or in the folder that exports share.
    private static func locate(_ key: String, from folder: String, as prefix: String) -> (path: String, file: String)? {
        let names = key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let root = names.lastIndex(of: "AWSDynamoDB") else { return nil }
        let tail = names[(root + 1)...]
        guard !tail.contains(".."), !tail.contains("."), !tail.contains("") else { return nil }
        switch tail.count {
        case 3:
            let rest = tail.dropFirst().joined(separator: "/")
            return ("\(folder)/\(rest)", "\(prefix)\(rest)")
        case 2:
            let rest = tail.joined(separator: "/")
            return ("\(folder)/../\(rest)", "\(prefix)../\(rest)")
        default: return nil
        }
    }
}
