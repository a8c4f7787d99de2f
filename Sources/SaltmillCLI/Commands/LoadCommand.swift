import ArgumentParser
import Foundation
import SaltmillBytes
import SaltmillControl
import SaltmillDelivery
import SaltmillMigration
import SaltmillPacing

struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Loads a source into a table as a spec says, at a limited rate; goes on by itself where an earlier run left off.",
        discussion: """
            The job's state is kept beside the spec, in JOB.saltmill. A run that was killed, interrupted or stopped is gone on with by giving
            the same command again. Rows that cannot be loaded go to the reject file, whole and with the reason.

            Sources are CSV, JSON Lines and DynamoDB JSON, also compressed with gzip, SQLite, and tables and queries of live MySQL, MariaDB and
            PostgreSQL. A live database is read in ranges of a key, in short statements; what is written to it after the load began is not covered,
            and rows that are deleted before they could be read again count as filtered. Where the spec says
            `file: "-"`, rows are piped in; they are copied into JOB.saltmill first, so going on needs no input.

            With --retry-rejects the rows of a reject file are loaded instead, by the spec as it is now: correct the spec, or the rows in the file
            (in a copy while the job is unfinished). That is a job of its own, JOB-retry-…, which the same command goes on with; once the spec or the
            file has been changed it begins anew. Rows that fail again go to JOB-retry-….rejects.jsonl. A row replaces an item of its key, unless
            the spec says `existing: keep`.

            EXAMPLES
              saltmill load flights.yaml
              saltmill load flights.yaml --rate 200/s --run-time 8h
              zcat flights.csv.gz | saltmill load piped.yaml
              saltmill load flights.yaml --endpoint-url http://127.0.0.1:8000 --json
              SALTMILL_MASK_SECRET=… saltmill load test-copy.yaml --masked
              saltmill load flights.yaml --retry-rejects flights.rejects.jsonl

            EXIT STATUS
              0 every row is in the table · 1 failed · 2 wrong usage or spec · 3 finished, but rows were rejected · 5 temporary, run again
              10 run time used up, or --exit-at-window · 11 another instance holds the job · 130 interrupted, checkpoint written
            """)

    @Argument(help: "The migration's spec, a YAML file.", completion: .file(extensions: ["yaml", "yml"])) var spec: String
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var masks: MaskOption
    @Option(
        help: "Ceiling for this run, e.g. 200/s, 80% or none; otherwise the spec's. Hours that the spec closes stay closed.",
        transform: RateOption.parse) var rate: RateOption?
    @Option(help: "Stop, resumable, after this time, e.g. 90s, 30m or 8h.", transform: DurationOption.parse) var runTime: DurationOption?
    @Flag(help: "Stop, resumable, when the schedule closes (ceiling: off) instead of waiting for it to open.") var exitAtWindow = false
    @Option(help: "Load the rows of this reject file again, by the spec as it is now.", completion: .file(extensions: ["jsonl"]))
    var retryRejects: String?
    @Flag(help: "Send a test message to where the spec's `notify` says, and load nothing.") var notifyTest = false
    @Option(
        help: ArgumentHelp(
            "Serve a live page, /metrics for Prometheus, /status and /healthz, on loopback unless a host is named; port 0 for any.",
            valueName: "[host:]port"), transform: ListenOption.parse) var listen: ListenAddress?
    @Option(help: "Also write the report, as JSON, to this file.", completion: .file()) var report: String?
    @Flag(help: "Print the report as JSON.") var json = false
    @Flag(help: "Show no progress.") var noProgress = false

    func run() async throws {
        var spec = try masks.spec(path: spec)
        if let retryRejects { spec = try spec.retrying(retryRejects) }
        var options = LoadJob.Options()
        options.ceiling = rate?.ceiling
        options.runTime = runTime?.duration
        options.exitsAtWindow = exitAtWindow
        let job = LoadJob(spec, client: try await connection.client(), options: options)
        let notifier = JobNotifier(spec, monitor: job.monitor)
        if notifyTest {
            guard let notifier else {
                throw JobFailure(.usage, "\(self.spec) says nowhere who is to be told; add e.g. `notify: { slack: \"${SLACK_WEBHOOK}\" }`")
            }
            return try await notifier.test()
        }
        let watch = LoadWatch(job, given: rate == nil ? [] : [.rate])
        if let notifier { watch.journal.listen { notifier.notifier.note($0) } }
        var beside: [@Sendable () async -> Void] = [{ await watch.run() }]
        if let teller = notifier?.notifier { beside.append { await teller.run() } }
        let (masks, path, retry, steps) = (masks, self.spec, retryRejects, beside)
        let report = try await LoadSignals.with {
            watch.reread {
                let spec = try masks.spec(path: path)
                return try retry.map { try spec.retrying($0) } ?? spec
            }
        } print: {
            watch.printProgress()
        } body: {
            try await LoadPage.serving(listen, job, watch) {
                try await JobDisplay.show(LoadView(job.monitor), isQuiet: noProgress, beside: steps) {
                    try await job.run(observedBy: watch)
                }
            }
        }
        // What was noted after the display had ended.
        for note in job.monitor.takeNotes() { Terminal.error("saltmill: \(note)") }
        if let path = self.report { try Data(report.json.bytes).write(to: URL(fileURLWithPath: path)) }
        Terminal.output(json ? String(decoding: report.json.bytes, as: UTF8.self) : ReportText.make(report))
        if report.exitCode != 0 {
            if json { Terminal.error("saltmill: \(report.message)") }
            throw ExitCode(report.exitCode)
        }
    }
}

/// A ceiling on the command line.
struct RateOption {
    var ceiling: RateCeiling

    static func parse(_ text: String) throws -> RateOption {
        do { return RateOption(ceiling: try RateCeiling(parsing: text)) } catch { throw ValidationError("\(error)") }
    }
}

/// A span of time on the command line: a number and `s`, `m`, `h` or `d`.
struct DurationOption {
    var duration: Duration

    static func parse(_ text: String) throws -> DurationOption {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        // A hundred years.
        let longest = 3_153_600_000.0
        guard let unit = text.last.flatMap({ units[$0] }), let number = Double(text.dropLast()), number > 0, number * unit <= longest
        else {
            throw ValidationError("`\(text)` is no span of time; write e.g. 90s, 30m, 8h or 2d")
        }
        return DurationOption(duration: .seconds(number * unit))
    }
}
