import SaltmillBytes

/// Reading what AWS Data Pipeline and the EMR connector's export tool wrote: a file `manifest` that names the data files.
enum PipelineDump {
    static func table(_ folder: String, as prefix: String) throws(DumpError) -> DumpedTable {
        let name = "\(prefix)manifest"
        let manifest = try SmallFile.json("\(folder)/manifest", as: name, limit: SmallFile.maximumManifestBytes)
        guard manifest["name"]?.string == "DynamoDB-export", let entries = manifest["entries"]?.array else {
            throw DumpError(name, "this is no manifest of a DynamoDB export by Data Pipeline")
        }
        guard let version = manifest["version"]?.int, version == 3 else {
            throw DumpError(
                name, "version \(manifest["version"].map { String(decoding: $0.bytes, as: UTF8.self) } ?? "none") is not known, only 3")
        }
        var parts: [DumpedPart] = []
        for entry in entries {
            guard let file = entry["url"]?.string?.split(separator: "/").last.map(String.init), file != "..", file != "." else {
                throw DumpError(name, "an entry has no url")
            }
            parts.append(DumpedPart(file: "\(prefix)\(file)", path: "\(folder)/\(file)", shape: .pipelineLines))
        }
        return DumpedTable(format: .dataPipeline, name: nil, parts: parts)
    }
}
