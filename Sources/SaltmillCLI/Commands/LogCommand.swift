import ArgumentParser
import Foundation
import SaltmillControl
import SaltmillDelivery

struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Tells what happened to a job: its journal.",
        discussion: """
            Starts and ends, waits and their lengths, refusals and hot keys, settings changed and by whom. The journal is kept in JOB.saltmill
            (journal.jsonl and files before it), at most 50 MB of it. Samples of the job's progress are left out unless asked for.

            EXAMPLES
              saltmill log answers.yaml --since 12h
              saltmill log answers --follow
              saltmill log answers --json --all | jq 'select(.event == "waited")'
            """)

    @Argument(help: ArgumentHelp(JobReference.help)) var job: String
    @Option(
        help: "Only what happened since then: an instant (2026-12-01T22:00:00Z), or how long ago (90s, 30m, 8h, 2d).",
        transform: SinceOption.parse)
    var since: SinceOption?
    @Flag(name: .shortAndLong, help: "Go on, and tell what happens, until interrupted.") var follow = false
    @Flag(help: "With samples of the progress.") var all = false
    @Flag(help: "Print the journal's own lines, one JSON object each.") var json = false

    func run() async throws {
        let reference = try JobReference(job)
        let reader = JournalReader(folder: reference.folder)
        guard reader.exists || follow else {
            throw JobFailure(.usage, "the job \(reference.job) has no journal: it has not been started yet")
        }
        var follower = follow ? JournalFollower(folder: reference.folder) : nil
        reader.forEach(since: since?.date) { show($0) }
        while follower != nil {
            do { try await ContinuousClock().sleep(for: .milliseconds(250)) } catch { break }
            for event in follower?.next() ?? [] { show(event) }
        }
        follower?.end()
    }

    private func show(_ event: JobEvent) {
        guard all || event.name != .progress else { return }
        if json {
            Terminal.output(String(decoding: event.line, as: UTF8.self))
        } else {
            let time = event.time.formatted(.iso8601.year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false))
            Terminal.output("\(time)Z  \(event.name.rawValue.padding(toLength: 9, withPad: " ", startingAt: 0))  \(event.sentence)")
        }
    }
}

/// A moment in the past on the command line.
struct SinceOption {
    var date: Date

    static func parse(_ text: String) throws -> SinceOption {
        if let span = try? DurationOption.parse(text) { return SinceOption(date: .now - span.duration / .seconds(1)) }
        if let date = try? Date(text, strategy: .iso8601) { return SinceOption(date: date) }
        throw ValidationError("`\(text)` is no moment; write e.g. 2026-12-01T22:00:00Z, or how long ago: 90s, 30m, 8h or 2d")
    }
}
