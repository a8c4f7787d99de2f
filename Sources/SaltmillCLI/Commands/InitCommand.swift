import ArgumentParser
import Foundation
import SaltmillDelivery
import SaltmillMigration
import SaltmillSources

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Drafts a migration spec from what a source says of itself.",
        discussion: """
            Reads the schema of a database, with its comments, keys and estimates, and a sample of its rows; of a CSV file its first rows. The
            draft is complete and valid; every choice that needs a person is marked CHECK. Nothing is written to the source, and no
            existing file is overwritten. Passwords come from where the database's own clients find them (~/.my.cnf, ~/.pgpass), or
            stand in the URL as ${VARIABLE}.

            EXAMPLES
              saltmill init mysql://reader@db1/pairs answers > answers.yaml
              saltmill init postgres://reader@db2/shop --to specs
              saltmill init sqlite:///old.db answers
              saltmill init flights.csv
              saltmill init --update answers.yaml
            """)

    @Argument(help: "A database's URL (mysql://, postgres://, sqlite:///) or a CSV file.", completion: .file()) var source: String?
    @Argument(help: "The tables to draft specs for (default: all).") var tables: [String] = []
    @Option(help: "Write TABLE.yaml into this folder for each table, instead of one spec to standard output.", completion: .directory)
    var to: String?

    @Option(
        help: "Take what has changed at the source over into this spec, and keep what was written into it.",
        completion: .file(extensions: ["yaml", "yml"]))
    var update: String?

    /// How many rows a draft looks at.
    private static let sampleSize = 10_000

    func validate() throws {
        if (source == nil) == (update == nil) {
            throw ValidationError("name a source to draft a spec for, or a spec to bring up to date with --update")
        }
        if update != nil, to != nil { throw ValidationError("--update writes into the spec itself; leave --to out") }
    }

    func run() async throws {
        if let update { return try bringUpToDate(update) }
        let source = source ?? ""
        let drafts = source.contains("://") ? try databaseDrafts(source) : [try fileDraft(source)]
        guard let to else {
            guard drafts.count == 1, let draft = drafts.first else {
                throw JobFailure(.usage, "\(source) has \(drafts.count) tables; name one of them, or a folder to write to with --to")
            }
            Terminal.output(String(text(draft).dropLast()))
            return
        }
        try FileManager.default.createDirectory(atPath: to, withIntermediateDirectories: true)
        for draft in drafts {
            let path = "\(to)/\(draft.name).yaml"
            do {
                try Data(text(draft).utf8).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
            } catch let error as CocoaError where error.code == .fileWriteFileExists {
                throw JobFailure(.failed, "\(path) is there already; move it away, or write to another folder")
            }
            Terminal.output(path)
        }
    }

    private func databaseDrafts(_ source: String) throws -> [SpecDraft] {
        let url: DatabaseURL
        do {
            url = try DatabaseURL(parsing: try expandVariables(in: source, from: ProcessInfo.processInfo.environment))
        } catch let fault as SpecVariableFault {
            throw JobFailure(.usage, fault.message)
        }
        guard url.password == nil || source.contains("${") else {
            throw JobFailure(
                .usage,
                "a password on the command line can be seen by everyone on this machine; write it as ${VARIABLE}, in single quotes, or leave it to ~/.my.cnf or ~/.pgpass"
            )
        }
        let catalog = try url.catalog()
        let place: SpecDraft.Place = url.kind == .sqlite ? .sqlite(path: url.database) : .server(url: source)
        let names = try tables.isEmpty ? catalog.tables() : tables
        guard !names.isEmpty else { throw JobFailure(.usage, "\(catalog.name) has no tables that this user may see") }
        return try names.compactMap { name in
            do {
                return try SpecDraft(try catalog.table(name), at: place, sample: try catalog.sample(name, rows: Self.sampleSize))
            } catch let error as SpecDraft.Impossible where names.count > 1 {
                Terminal.error("saltmill: left out: \(error)")
                return nil
            }
        }
    }

    private func fileDraft(_ source: String) throws -> SpecDraft {
        guard tables.isEmpty else { throw JobFailure(.usage, "\(source) is a file, which has no tables; leave their names out") }
        guard !source.hasSuffix(".jsonl"), !source.hasSuffix(".ndjson"), !source.hasSuffix(".json") else {
            throw JobFailure(.usage, "a spec names the members of JSON Lines itself; see schemas/examples/events.yaml, and start from that")
        }
        return try SpecDraft(csv: source, named: source)
    }

    private func bringUpToDate(_ path: String) throws {
        let spec = try MigrationSpec(path: path, environment: ProcessInfo.processInfo.environment)
        guard let table = try spec.sourceTable() else {
            throw JobFailure(.usage, "the source of \(path) is no table of a database, so nothing can be compared")
        }
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let update = SpecUpdate(text, of: spec, to: table)
        do {
            _ = try MigrationSpec(yaml: update.text, file: path, environment: ProcessInfo.processInfo.environment)
        } catch {
            for note in update.notes { Terminal.error(note) }
            throw JobFailure(
                .usage, "the changes do not fit into \(path) by themselves, so it is left as it is; take them over by hand: \(error)")
        }
        if update.text != text { try Data(update.text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) }
        for note in update.notes.isEmpty ? ["nothing has changed"] : update.notes { Terminal.output(note) }
    }

    private func text(_ draft: SpecDraft) -> String {
        draft.yaml(schema: "schemas/migration.schema.json", date: Date.now.formatted(.iso8601.year().month().day()))
    }
}
