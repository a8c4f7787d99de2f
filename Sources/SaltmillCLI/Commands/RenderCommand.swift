import ArgumentParser
import Foundation
import SaltmillBackup
import SaltmillBytes
import SaltmillDynamoDB
import SaltmillItems
import SaltmillMigration

struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render",
        abstract: "Writes the items that a load would write as gzipped DynamoDB JSON, ready for S3 import or bulk put.",
        discussion: """
            Rows are mapped, salted and, with --masked, masked as a load does it. Items stand in the order of their keys' hashes, the same way each
            time, so that sorted input does not become a rolling hot partition; files are of about equal size. The folder has the layout of
            DynamoDB's own export to S3, with its manifests and one with counts and digests: inspect checks it, restore loads it at a limited
            rate. table-creation-parameters.json is what `aws dynamodb import-table` makes the table from; its --s3-key-prefix is the data folder.

            A live database is read as a load reads it: in short statements, and waiting while it is down or busy. Its rows are those of the moments
            at which they were read.

            It is written to DIR.partial, which takes the name DIR when it is whole. Nothing is read from or written to a table. Rows that cannot
            become items go to DIR.rejects.jsonl, whole and with the reason.

            EXAMPLES
              saltmill render answers.yaml --to answers-items
              saltmill restore answers-items --as answers-copy --endpoint-url http://127.0.0.1:8000

            EXIT STATUS
              0 every row is written · 1 failed · 2 wrong usage or spec · 3 finished, but rows were rejected · 130 interrupted
            """)

    @Argument(help: "The migration's spec, a YAML file.", completion: .file(extensions: ["yaml", "yml"])) var spec: String
    @Option(help: "Folder to write; must not exist.", completion: .directory) var to: String
    @OptionGroup var masks: MaskOption
    @Option(help: "Length of a file in MB of JSON before it is compressed, 1 to 1000.") var fileSize = 64
    @Flag(help: "Print the report as JSON.") var json = false
    @Flag(help: "Show no progress.") var noProgress = false

    func validate() throws {
        guard (1...1000).contains(fileSize) else { throw ValidationError("--file-size takes 1 to 1000, not \(fileSize)") }
    }

    func run() async throws {
        let spec = try masks.spec(path: spec)
        let job = RenderJob(spec, fileBytes: fileSize * 1_000_000)
        var display = RenderProgress(isQuiet: noProgress)
        let output = try RenderedDump.begin(try job.table(), at: to)
        let report = try await job.run(to: output, rejectFile: DumpFolder.withoutSlashes(to) + ".rejects.jsonl", scratch: output.scratch) {
            display.show($0)
        }
        let manifest = try output.finish()
        display.end()
        Terminal.output(json ? String(decoding: Self.json(report, manifest).bytes, as: UTF8.self) : Self.text(report, to: to))
        if report.exitCode != 0 { throw ExitCode(report.exitCode) }
    }

    private static func json(_ report: RenderReport, _ manifest: DumpManifest) -> JSONValue {
        [
            "job": .string(report.job), "table": manifest.table["TableName"] ?? .null,
            "rows": [
                "read": .integer(report.read), "written": .integer(report.written), "rejected": .integer(report.rejectedCount),
                "superseded": .integer(report.superseded),
            ],
            "rejects": [
                "file": .string(report.rejectFile),
                "reasons": .object(report.rejected.sorted { $0.key < $1.key }.map { .init($0.key, .integer($0.value)) }),
            ],
            "files": .integer(report.files), "bytes": .integer(report.bytes), "items": .integer(manifest.digest.count),
            "digest": .string(manifest.digest.hex), "seconds": .number("\((report.seconds * 1000).rounded() / 1000)"),
        ]
    }

    private static func text(_ report: RenderReport, to path: String) -> String {
        var lines = [
            "\(path): \(report.written) items in \(report.files) files, \(ProgressLine.number(Double(report.bytes) / 1e6)) MB of JSON",
            "  rows      read \(report.read) = written \(report.written) + rejected \(report.rejectedCount) + superseded \(report.superseded)",
        ]
        for (code, count) in report.rejected.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            lines.append("  rejected  \(count) × \(code), see \(report.rejectFile)")
        }
        return lines.joined(separator: "\n")
    }
}

/// Tells where a render is, on a terminal.
private struct RenderProgress {
    let isQuiet: Bool
    private var last = ContinuousClock.now - .seconds(1)
    private var hasDrawn = false

    init(isQuiet: Bool) { self.isQuiet = isQuiet || !Terminal.isInteractive }

    mutating func show(_ phase: RenderJob.Phase) {
        guard !isQuiet, last.duration(to: .now) > .milliseconds(200) else { return }
        last = .now
        hasDrawn = true
        switch phase {
        case .surveying(let done, let total): Terminal.redraw(ProgressLine.surveying(doneBytes: done, totalBytes: total))
        case .reading(let rows): Terminal.redraw("render \(ProgressLine.count(rows)) rows read")
        case .waiting(let reason): Terminal.redraw("render WAITING: \(reason)")
        case .writing(let items, let total):
            Terminal.redraw("render \(ProgressLine.count(items))/\(ProgressLine.count(total)) items written")
        }
    }

    func end() { if hasDrawn { Terminal.redraw("") } }
}
