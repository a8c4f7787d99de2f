import Glibc
import SaltmillDelivery
package import SaltmillSources

extension MigrationSpec {
    /// Opens the source. Standard input is copied into the job's folder first; where that has been done before, it is not read again.
    /// - Throws: ``JobFailure``, `SourceError`.
    package func openSource() throws -> any RecordInput {
        if source.isRejectFile { return try RejectedRows(path: source.path, format: rejectedFormat) }
        var path = source.path
        if path == "-" {
            let folder = JobFolder(jobFolder)
            try folder.make()
            path = folder.standardInput
            try Spool.copy(STDIN_FILENO, to: path)
        }
        switch source.content {
        case .csv(let format): return try CSVFile(path: path, format: format)
        case .jsonLines(let isTyped):
            return try JSONLinesFile(path: path, format: JSONLinesFormat(columns: namedColumns, isTyped: isTyped))
        case .sqlite(let selection): return try selection.open(path: path)
        }
    }

    /// The source's columns, as far as they can be known without copying standard input: otherwise those that the spec names.
    /// - Throws: as ``openSource()``.
    package func columnFacts() throws -> [ColumnFacts] {
        let isUnread = source.path == "-" && !JobFolder(jobFolder).exists
        return (isUnread ? namedColumns : try openSource().columns).map { ColumnFacts(name: $0) }
    }

    /// How rejected rows are written.
    private var rejectedFormat: RejectedRows.Format {
        switch source.content {
        case .csv(let format): .csv(format)
        case .jsonLines(let isTyped): .jsonLines(JSONLinesFormat(columns: namedColumns, isTyped: isTyped))
        case .sqlite: .csv(CSVFormat())
        }
    }

    /// The columns that the spec uses, then those that it drops: all that a source without a list of its own may have.
    var namedColumns: [String] {
        var seen: Set<String> = []
        return (allAttributes.flatMap(\.columns) + dropped).filter { seen.insert($0).inserted }
    }
}
