import ArgumentParser
import SaltmillBackup
import SaltmillBytes
import SaltmillDynamoDB
import SaltmillMigration

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract:
            "Restores tables from a dump: schema, items, settings; goes on by itself where an earlier run left off, and verifies the result.",
        discussion: """
            PATH is what `saltmill dump` wrote, or dynamodump, or an export of DynamoDB to S3 fetched as it is; what it is is recognised. Archives of
            dynamodump are unpacked first, with tar or unzip. With - a dump is read from standard input, as `saltmill dump --to -` writes it, and
            unpacked under $TMPDIR, or /tmp, which must have room for it, until the restore has ended.
            The whole dump is looked at before anything is touched; one that is cut off, corrupt or mixed is refused.

            A table that is there already is used only if it is empty, unless --into-existing says that items may be written over, or --replace
            names it: then it is deleted once every item of the dump has been checked. Nothing else ever deletes a table, and no pattern does.

            Expiry of items, streams, point-in-time recovery and protection from deletion are enabled last. An incremental export is written over
            an existing table: new images are put, and what was deleted is deleted. State is kept in the folder TABLE.restore until all is done.

            EXAMPLES
              saltmill restore dumps/2026-11-20
              saltmill restore dumps/2026-11-20 answers --as answers-copy --rate 500/s
              saltmill restore dumps/2026-11-20 answers --as answers-salted --salt 'day:200:by=id'
              age -d answers.tar.age | saltmill restore - --prefix-from prod- --prefix-to test-

            EXIT STATUS
              0 restored, and found equal to the dump where that was verified: not with --verify none, nor in a table that had other items
              1 failed, or settings were refused · 2 wrong usage · 3 restored, but items were rejected · 4 not equal to the dump
              5 temporary, run again · 10 run time used up · 11 another instance restores that table · 130 interrupted, checkpoint written
            """)

    @Argument(help: "The dump's folder, or - for a tar on standard input.", completion: .directory) var path: String
    @Argument(help: "The tables to restore, as they are called in the dump; otherwise all.") var tables: [String] = []
    @OptionGroup var connection: ConnectionOptions
    @Option(name: .customLong("as"), help: "Restore the one table under this name.") var newName: String?
    @Option(help: "What the tables' names begin with in the dump.") var prefixFrom: String?
    @Option(help: "What they begin with instead when they are restored.") var prefixTo: String?
    @Flag(help: "Only the tables, without items.") var schemaOnly = false
    @Flag(help: "Only the items, into tables that are there.") var dataOnly = false
    @Flag(help: "Write into a table that has items; those of the same keys are replaced.") var intoExisting = false
    @Option(help: "Delete this table first, once the whole dump has been checked; may be given for several tables.") var replace: [String] =
        []
    @Flag(help: "Let --replace put a filtered or projected dump in the place of a whole table.") var partial = false
    @Option(help: "as-was, on-demand, or provisioned units to read and to write as 100/50.", transform: BillingOption.parse)
    var billing = BillingOption(choice: .asItWas)
    @Flag(help: "Create global indexes when the items are there, one after the other.") var createIndexesAfter = false
    @OptionGroup var pace: PaceOptions
    @Option(help: "Compare the result with the dump: scan (every item), count or none.") var verify = RestoreOptions.Verification.scan
    @Option(help: "Salt the hash key: its attribute, how many shards, and what decides the shard, e.g. day:200:by=id.") var salt: String?
    @Option(help: "Rename an attribute, as OLD=NEW; may be given several times.") var rename: [String] = []
    @Option(help: "Leave an attribute out; may be given several times.") var drop: [String] = []
    @Option(help: "Where the state is kept.", completion: .directory) var state = "."
    @Option(help: "Stop when more items than this are rejected.") var stopAfter: Int?
    @Option(help: "Stop, resumable, after this time, e.g. 90s, 30m or 8h.", transform: DurationOption.parse) var runTime: DurationOption?
    @Flag(help: "Print the report as JSON.") var json = false
    @Flag(help: "Show no progress.") var noProgress = false

    func validate() throws {
        if schemaOnly, dataOnly { throw ValidationError("--schema-only and --data-only exclude each other") }
        if newName != nil, prefixFrom != nil || prefixTo != nil { throw ValidationError("--as and the prefix options exclude each other") }
        if (prefixFrom == nil) != (prefixTo == nil) { throw ValidationError("--prefix-from and --prefix-to go together") }
        if !replace.isEmpty, dataOnly || intoExisting {
            throw ValidationError("--replace creates the table anew, so it does not go with --data-only or --into-existing")
        }
        if intoExisting, schemaOnly { throw ValidationError("--into-existing and --schema-only exclude each other") }
        if let bad = rename.first(where: { Self.renaming($0) == nil }) { throw ValidationError("`\(bad)` renames nothing; write OLD=NEW") }
    }

    func run() async throws {
        let options = try options()
        let client = try await connection.client()
        let dump = try ReceivedDump(path)
        defer { dump.remove() }
        let job = RestoreJob(dump.path, client: client, options: options)
        let report = try await JobDisplay.show(RestoreView(job.monitor), isQuiet: noProgress) { try await job.run() }
        Terminal.output(json ? String(decoding: report.json.bytes, as: UTF8.self) : RestoreText.make(report))
        if report.exitCode != 0 { throw ExitCode(report.exitCode) }
    }

    private func options() throws -> RestoreOptions {
        var options = RestoreOptions()
        var naming = TableNaming.same
        if let newName { naming = .exactly(newName) }
        if let prefixFrom, let prefixTo { naming = .prefix(from: prefixFrom, to: prefixTo) }
        options.selection = RestoreSelection(names: tables, naming: naming, replaced: replace)
        options.content = schemaOnly ? .schema : dataOnly ? .data : .everything
        options.intoExisting = intoExisting
        options.allowsPartial = partial
        options.billing = billing.choice
        options.createsIndexesAfter = createIndexesAfter
        options.transform = ItemTransform(
            dropped: drop, renamed: rename.compactMap(Self.renaming), salt: try salt.map { try ItemTransform.salt(parsing: $0) })
        options.verification = verify
        options.stateFolder = state
        options.maximumRejects = stopAfter
        options.runTime = runTime?.duration
        options.timetable = try pace.timetable()
        return options
    }

    private static func renaming(_ text: String) -> ItemTransform.Rename? {
        guard let sign = text.firstIndex(of: "=") else { return nil }
        let (from, to) = (String(text[..<sign]), String(text[text.index(after: sign)...]))
        return from.isEmpty || to.isEmpty || from == to ? nil : ItemTransform.Rename(from: from, to: to)
    }
}

extension RestoreOptions.Verification: ExpressibleByArgument {}

/// How the restored table is paid for, on the command line.
struct BillingOption {
    var choice: BillingChoice

    static func parse(_ text: String) throws -> BillingOption {
        switch text {
        case "as-was": return BillingOption(choice: .asItWas)
        case "on-demand": return BillingOption(choice: .onDemand)
        default: break
        }
        let units = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard units.count == 2, units.allSatisfy({ $0 > 0 }) else {
            throw ValidationError("`\(text)` is no way to pay; write as-was, on-demand, or units to read and to write, e.g. 100/50")
        }
        return BillingOption(choice: .provisioned(Throughput(read: units[0], write: units[1])))
    }
}
