package import SaltmillSources

extension MigrationSpec {
    /// Opens the source.
    /// - Throws: `SourceError`.
    package func openSource() throws(SourceError) -> any RecordInput {
        switch source.content {
        case .csv(let format): try CSVFile(path: source.path, format: format)
        case .jsonLines(let isTyped):
            try JSONLinesFile(path: source.path, format: JSONLinesFormat(columns: namedColumns, isTyped: isTyped))
        }
    }

    /// The columns that the spec uses, then those that it drops: all that a source without a list of its own may have.
    private var namedColumns: [String] {
        var seen: Set<String> = []
        return (allAttributes.flatMap(\.columns) + dropped).filter { seen.insert($0).inserted }
    }
}
