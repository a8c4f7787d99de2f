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
        case .database:
            throw JobFailure(.usage, "\(source.name) is a live database, which this command does not read; load, verify and render do")
        }
    }

    /// Looks at the live database that the source is; nil when it is a file.
    /// - Throws: ``JobFailure`` when it cannot be reached or lets nobody in, `SourceError` when it has no such rows.
    package func openDatabase() throws -> DatabaseInput? {
        guard !source.isRejectFile, case .database(let selection) = source.content else { return nil }
        do {
            return try DatabaseInput(selection)
        } catch let pause as SourcePause {
            throw JobFailure(pause)
        }
    }

    /// The source's columns, as far as they can be known without copying standard input: otherwise those that the spec names.
    /// - Throws: as ``openSource()``.
    package func columnFacts() throws -> [ColumnFacts] {
        if case .database(let selection) = source.content, case .table(let name) = selection.rows {
            do {
                return try selection.url.catalog(selection.options).table(name).columns
                    .map { ColumnFacts(name: $0.name, type: $0.type, comment: $0.comment) }
            } catch let pause as SourcePause {
                throw JobFailure(pause)
            }
        }
        if let database = try openDatabase() { return database.columns.map { ColumnFacts(name: $0) } }
        let isUnread = source.path == "-" && !JobFolder(jobFolder).exists
        return (isUnread ? namedColumns : try openSource().columns).map { ColumnFacts(name: $0) }
    }

    /// How rejected rows are written.
    private var rejectedFormat: RejectedRows.Format {
        switch source.content {
        case .csv(let format): .csv(format)
        case .jsonLines(let isTyped): .jsonLines(JSONLinesFormat(columns: namedColumns, isTyped: isTyped))
        case .sqlite: .csv(CSVFormat())
        case .database: .jsonLines(JSONLinesFormat(columns: namedColumns, isTyped: false))
        }
    }

    /// Refuses a load in which rows of a live database could get the same primary key: no survey looks for them, since it would be out of date at once.
    /// - Throws: ``SpecError``.
    func checkKey(_ input: DatabaseInput) throws(SpecError) {
        guard duplicates != .unchecked, let missing = missingKeyColumns(input) else { return }
        var reader = SpecReader(problems: [], places: origin.places)
        reader.report(
            path: "key",
            "rows of \(source.name) that differ in \(listed(input.keys[0])) can get the same key, and then only one of them would stay; take "
                + "\(listed(missing)) into the key, each by `from` or in a template that can be read back in one way "
                + "only, or write `duplicates: unchecked`")
        throw SpecError(file: origin.file, problems: reader.problems)
    }

    /// Columns by which rows of a live database are told apart there and not by their primary key in the target; nil when that tells all of them apart.
    func missingKeyColumns(_ input: DatabaseInput) -> [String]? {
        let told = KeyCoverage(self, input.alphabets).columns
        guard !input.keys.contains(where: { told.isSuperset(of: $0) }) else { return nil }
        return input.keys[0].filter { !told.contains($0) }
    }

    /// The columns that the spec uses, then those that it drops: all that a source without a list of its own may have.
    var namedColumns: [String] {
        var seen: Set<String> = []
        return (allAttributes.flatMap(\.columns) + dropped).filter { seen.insert($0).inserted }
    }
}

extension JobFailure {
    /// A source that cannot be read now.
    init(_ pause: SourcePause) { self.init(pause.cause == .refusal ? .failed : .temporary, pause.description) }
}
