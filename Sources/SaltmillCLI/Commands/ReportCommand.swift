import ArgumentParser
import Foundation
import SaltmillBytes
import SaltmillControl
import SaltmillDelivery
import SaltmillMigration

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Tells a job's whole story, over all its runs, as one page.",
        discussion: """
            The account of rows; units a second over time with ceiling, refusals and waits drawn; hot keys with their cure; every wait and
            outage with its length; what was changed by whom; rejects by reason; figures per day. It can be asked for at any time.

            EXAMPLES
              saltmill report answers.yaml --output answers.html
              saltmill report answers --json | jq .waits
            """)

    @Argument(help: ArgumentHelp(JobReference.help)) var job: String
    @Option(name: .shortAndLong, help: "Write to this file instead of standard output.", completion: .file()) var output: String?
    @Flag(help: "As JSON, described by schemas/job-report.schema.json.") var json = false

    func run() async throws {
        let reference = try JobReference(job)
        let reader = JournalReader(folder: reference.folder)
        guard reader.exists else { throw JobFailure(.usage, "the job \(reference.job) has no journal: it has not been started yet") }
        var story = JobStory()
        reader.forEach { story.note($0) }
        let rejects = try JobStatus.rejects(in: reference.folder)
        let text =
            json
            ? String(decoding: story.json(job: reference.job, rejects: rejects).bytes, as: UTF8.self)
            : story.page(job: reference.job, rejects: rejects)
        guard let output else { return Terminal.output(text.hasSuffix("\n") ? String(text.dropLast()) : text) }
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
        } catch {
            throw UsageError("\(output) cannot be written: \(error.localizedDescription)")
        }
    }
}
