import ArgumentParser
import Glibc
import SaltmillBackup
import SaltmillBytes
import SaltmillDelivery
import SaltmillDynamoDB

struct DumpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump",
        abstract: "Backs tables up: schema, settings and every item, at a limited rate, complete or not at all.",
        discussion: """
            Tables are named, matched by a pattern (quote it: 'prod-*'), chosen by tag, or all of them. The dump is written to PATH.partial,
            which takes the name PATH when it is whole; what is at PATH already is never touched. A run that was killed or interrupted is
            gone on with by giving the same command again. A scan is no snapshot: the manifest records when it began and ended.

            Formats: aws is the layout of DynamoDB's own export to S3, which S3 import takes; dynamodump is that of bchew/dynamodump.
            Time to live, tags and point-in-time recovery are in the dump; what the credentials may not ask for is named in its manifest
            and in the summary. Auto scaling is a service of its own (Application Auto Scaling): its policies are not in the dump.

            With --verify a dump that is not what was read from the tables ends as PATH.bad with exit status 1, never as PATH. With --keep only
            whole dumps of this same command and endpoint are counted and removed; dumps of other commands in the folder are left alone. One that
            ended as .bad is removed when no dump stays that is older.

            EXAMPLES
              saltmill dump answers --to backup/answers --rate 100/s
              saltmill dump --all --to backup/all --schedule hours.yaml
              saltmill dump 'prod-*' --tag team=data --to /backup/nightly --keep 7 --rate 50%
              saltmill dump answers --to - | age -r KEY > answers.tar.age

            EXIT STATUS
              0 the dump is whole, and verified where asked · 1 failed, a failed verification included · 2 wrong usage · 5 temporary, run again · 10 run time used up, resumable
              11 another instance dumps to this path · 130 interrupted, resumable
            """)

    @Argument(help: "Tables: names or patterns with *, ? and […].") var tables: [String] = []
    @Option(help: "Folder to make the dump in; - writes a tar to standard output.", completion: .directory) var to: String
    @OptionGroup var connection: ConnectionOptions
    @Option(help: "aws or dynamodump.") var format = WrittenFormat.aws
    @Flag(help: "Dump every table of the account and region.") var all = false
    @Option(help: "Only tables with this tag, KEY=VALUE; several must all be there.", transform: TagOption.parse) var tag: [TagOption] = []
    @OptionGroup var pace: PaceOptions
    @Flag(help: "Strongly consistent reads: twice the read units.") var consistent = false
    @Option(help: "Filter expression: only items that it is true for.") var filter: String?
    @Option(help: "Projection expression: only these attributes of each item.") var projection: String?
    @Option(help: "What the #names in expressions stand for: JSON as the AWS CLI takes it, or file://PATH.") var names: String?
    @Option(help: "What the :values in the filter stand for: DynamoDB JSON as the AWS CLI takes it, or file://PATH.") var values: String?
    @Flag(help: "Schema and settings without items.") var schemaOnly = false
    @Option(help: "Scans of each table that go side by side; otherwise chosen by the table's size.") var segments: Int?
    @Option(help: "Tables that are read at once.") var tablesAtOnce = 4
    @Option(help: "Make PATH a folder of dumps named by their time, and keep this many.") var keep: Int?
    @Flag(help: "Read the dump again before it takes its name, and compare it with what was read from the tables.") var verify = false
    @Option(help: "Stop, resumable, after this time, e.g. 90s, 30m or 8h.", transform: DurationOption.parse) var runTime: DurationOption?
    @Flag(help: "Print the report as JSON.") var json = false
    @Flag(help: "Show no progress.") var noProgress = false

    /// A format that can be written.
    enum WrittenFormat: String, ExpressibleByArgument, CaseIterable { case aws, dynamodump }

    private var isStream: Bool { to == "-" }

    func validate() throws {
        guard all != (!tables.isEmpty || !tag.isEmpty) else {
            throw ValidationError(all ? "--all stands alone: leave out names and --tag" : "name tables, or give --all or --tag")
        }
        guard segments.map({ (1...DumpJob.mostSegments).contains($0) }) ?? true else {
            throw ValidationError("--segments takes 1 to \(DumpJob.mostSegments)")
        }
        guard (1...64).contains(tablesAtOnce) else { throw ValidationError("--tables-at-once takes 1 to 64") }
        guard keep.map({ $0 >= 1 }) ?? true else { throw ValidationError("--keep takes a number of at least 1") }
        if isStream {
            guard keep == nil, !verify, runTime == nil else {
                throw ValidationError(
                    "a stream cannot be kept, read again or resumed: leave out --keep, --verify and --run-time with --to -")
            }
            guard isatty(STDOUT_FILENO) == 0 else {
                throw ValidationError("--to - writes a tar; redirect standard output to a file or a command")
            }
        }
        guard !schemaOnly || (filter == nil && projection == nil) else { throw ValidationError("--schema-only reads no items to filter") }
        guard filter != nil || projection != nil || (names == nil && values == nil) else {
            throw ValidationError("--names and --values belong to --filter or --projection")
        }
        _ = try makeRequest()
    }

    func run() async throws {
        var options = DumpJob.Options()
        options.timetable = try pace.timetable()
        options.segments = segments
        options.tablesAtOnce = tablesAtOnce
        options.verifies = verify
        options.runTime = runTime?.duration
        let target = isStream ? DumpJob.Target.stream(STDOUT_FILENO) : .folder(to, keep: keep)
        let job = DumpJob(try makeRequest(), to: target, client: try await connection.client(), options: options)
        let report = try await JobDisplay.show(DumpView(job.monitor), isQuiet: noProgress) { try await job.run() }
        let text = json ? String(decoding: report.json.bytes, as: UTF8.self) : "\(report.path ?? "dump"): \(report.message)"
        // What goes to standard output is the dump itself when it is streamed.
        if isStream { Terminal.error(text) } else { Terminal.output(text) }
        if report.exitCode != 0 {
            if json { Terminal.error("saltmill: \(report.message)") }
            throw ExitCode(report.exitCode)
        }
    }

    private func makeRequest() throws -> DumpRequest {
        var request = DumpRequest()
        request.tables = tables
        request.isAll = all
        request.tags = tag.map(\.tag)
        request.format = format == .aws ? .aws : .dynamodump
        request.isConsistent = consistent
        request.filter = filter
        request.projection = projection
        request.isSchemaOnly = schemaOnly
        if let names {
            guard let members = try JSONOption.read(names, "--names").members else { throw ValidationError("--names takes a JSON object") }
            for member in members {
                guard let name = member.value.string else { throw ValidationError("--names: \(member.name) must stand for a text") }
                request.names[member.name] = name
            }
        }
        if let values {
            do { request.values = try Item(try JSONOption.read(values, "--values")) } catch let error as AttributeValueError {
                throw ValidationError("--values takes DynamoDB JSON, e.g. {\":v\":{\"N\":\"1\"}}: \(error)")
            }
        }
        return request
    }
}

/// A tag on the command line.
struct TagOption {
    var tag: Tag

    static func parse(_ text: String) throws -> TagOption {
        guard let mark = text.firstIndex(of: "="), mark > text.startIndex else {
            throw ValidationError("`\(text)` is no tag; write KEY=VALUE")
        }
        return TagOption(tag: Tag(String(text[..<mark]), String(text[text.index(after: mark)...])))
    }
}
