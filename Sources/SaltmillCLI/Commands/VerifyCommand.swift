import ArgumentParser
import Foundation
import SaltmillBytes
import SaltmillDelivery
import SaltmillMigration

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compares a table with its source, row by row, through the mapping and the salts of the spec; repairs it where asked.",
        discussion: """
            Both sides are read once, at a limited rate. Values are compared by their types: 1000 equals 1e3, sets have no order, and what a
            sync notes in an item is passed over. Keys that differ are read again on both sides before they are reported, since a live
            side may have changed meanwhile. Rows that the load rejected or that another row of their key replaces are not missing. A run that
            was killed or interrupted is gone on with by giving the same command again; state is kept in JOB.saltmill/verify.

            Differences are lines of JSON: kind (missing, extra or different), key, row, and the attributes that differ with both values;
            values of personal attributes are told by a hash. They go to standard output, or with --output to a file that only you can read.

            --sample looks up some of the rows only. It cannot see items that no row has, nor differences in rows that it did not pick.

            --repair writes rows that are missing or different anew, at the spec's own rate, and --delete-extra deletes the items that no
            row has, each only if it still is what was compared; then all those keys are looked at again. Stop a sync before. Items that
            were in the table before the load, or came with existing: overwrite or keep, are extra too; those that existing: keep left in the
            place of a row count as different.

            A live database is read as a load reads it, after the table: an item is extra when it was in the table before the first row was read,
            no row made it then, and it still is in the table. Rows that are inserted while it is read are looked at or not; those that are deleted
            before they are looked at again count as gone. Let no replica that lags be the source, nor a program write items before their rows. Rows that
            DynamoDB itself refused count as missing where the source's key is anything but one whole number.

            Without --rate the spec's schedule applies, its numbers taken as read units (bytes at 4 KB each), its shares as shares of the provisioned read units.

            EXAMPLES
              saltmill verify answers.yaml --rate 50%
              saltmill verify answers.yaml --sample 10000 --seed 7
              saltmill verify answers.yaml --repair --delete-extra --output differences.jsonl

            EXIT STATUS
              0 nothing differs, or not any more after the repair · 1 failed · 2 wrong usage or spec · 4 differences were found
              5 temporary, run again · 10 run time used up, or --exit-at-window · 11 another instance verifies this job · 130 interrupted, resumable
            """)

    @Argument(help: "The migration's spec, a YAML file.", completion: .file(extensions: ["yaml", "yml"])) var spec: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var masks: MaskOption
    @Option(help: "Look up this many rows, e.g. 10000, or this share of them, e.g. 1%.", transform: SampleOption.parse) var sample:
        SampleOption?
    @Option(help: "A number that says which rows a sample has; otherwise others each time.") var seed: UInt64?
    @Option(help: "Read units a second: 100/s, 50% of what is provisioned, or none; otherwise the spec's.", transform: RateOption.parse)
    var rate: RateOption?
    @Option(help: "Rows of the source a second, e.g. 5000.") var sourceRate: Double?
    @Flag(help: "Scan with eventually consistent reads: half the read units. Keys that differ are read consistently all the same.")
    var eventuallyConsistent = false
    @Option(help: "Scans of the table that go side by side; otherwise chosen by its size.") var segments: Int?
    @Option(help: "Write the differences to this file.", completion: .file()) var output: String?
    @Flag(help: "Write rows that are missing or different anew.") var repair = false
    @Flag(help: "Delete items that no row has.") var deleteExtra = false
    @Flag(help: "Begin anew, whatever an earlier run has read.") var restart = false
    @Option(help: "Stop, resumable, after this time, e.g. 90s, 30m or 8h.", transform: DurationOption.parse) var runTime: DurationOption?
    @Flag(help: "Stop, resumable, when the schedule closes (ceiling: off) instead of waiting for it to open.") var exitAtWindow = false
    @Option(help: "Also write the report, as JSON, to this file.", completion: .file()) var report: String?
    @Flag(help: "Print the report as JSON: the last line of standard output.") var json = false
    @Flag(help: "Show no progress.") var noProgress = false

    func validate() throws {
        guard segments.map({ (1...4096).contains($0) }) ?? true else { throw ValidationError("--segments takes 1 to 4096") }
        guard sourceRate.map({ $0 > 0 && $0.isFinite }) ?? true else { throw ValidationError("--source-rate takes a number above 0") }
        guard seed == nil || sample != nil else { throw ValidationError("--seed belongs to --sample") }
        guard !deleteExtra || sample == nil else { throw ValidationError("a sample does not see extra items: leave out --delete-extra") }
    }

    func run() async throws {
        let spec = try masks.spec(path: spec)
        var options = VerifyJob.Options()
        options.sample = sample?.sample
        options.seed = seed
        options.ceiling = rate?.ceiling
        options.sourceRate = sourceRate
        options.isConsistent = !eventuallyConsistent
        options.segments = segments
        options.repairs = repair
        options.deletesExtra = deleteExtra
        options.restarts = restart
        options.runTime = runTime?.duration
        options.exitsAtWindow = exitAtWindow
        let job = VerifyJob(spec, client: try await connection.client(), options: options)
        let report = try await JobDisplay.show(VerifyView(monitor: job.monitor), isQuiet: noProgress) { try await job.run() }
        if let path = self.report { try Data(report.json.bytes).write(to: URL(fileURLWithPath: path)) }
        if report.ending == .finished { try DifferenceOutput.copy(job.differencesFile, to: output) }
        let text = json ? String(decoding: report.json.bytes, as: UTF8.self) : VerifyText.make(report)
        // Differences on standard output are read by programs: the summary is not one of them.
        if json || output != nil || report.found.all == 0 { Terminal.output(text) } else { Terminal.error(text) }
        if report.exitCode != 0 {
            if json { Terminal.error("saltmill: \(report.message)") }
            throw ExitCode(report.exitCode)
        }
    }
}

/// A sample's size on the command line.
struct SampleOption {
    var sample: VerifySample

    static func parse(_ text: String) throws -> SampleOption {
        if text.hasSuffix("%"), let percent = Double(text.dropLast()), percent > 0, percent <= 100 {
            return SampleOption(sample: .share(percent / 100))
        }
        guard let count = Int(text), (1...VerifySample.maximumRows).contains(count) else {
            throw ValidationError(
                "`\(text)` is no size of a sample; write up to \(VerifySample.maximumRows) rows, or a share above 0 and up to 100, e.g. 5%")
        }
        return SampleOption(sample: .rows(count))
    }
}
