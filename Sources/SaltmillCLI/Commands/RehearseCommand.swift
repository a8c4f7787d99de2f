import ArgumentParser
import Foundation
import SaltmillBytes
import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillEndpoint
import SaltmillMigration
import SaltmillPacing
import SaltmillPartitions

struct RehearseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Runs the whole load against the embedded endpoint, on a clock that skips every wait: days in minutes.",
        discussion: """
            Every row is read, mapped and sent as `load` would do it, to an endpoint in memory with the partitions that the table will have;
            only the waits of rate and schedule are skipped. Nothing reaches the target or the job's folder. The figures of the report, its
            seconds too, are those of the rehearsed time.

            EXAMPLES
              saltmill rehearse flights.yaml
              saltmill rehearse flights.yaml --start 2026-12-04T18:00:00Z --physics 2015 --burst 0

            EXIT STATUS
              as of `load`
            """)

    @Argument(help: "The migration's spec, a YAML file.", completion: .file(extensions: ["yaml", "yml"])) var spec: String
    @Option(help: "When the load begins, e.g. 2026-12-01T22:00:00Z; now otherwise.", transform: InstantOption.parse) var start:
        InstantOption?
    @OptionGroup var physics: PhysicsOptions
    @Option(help: "Also write the report, as JSON, to this file.", completion: .file()) var report: String?
    @Flag(help: "Print the report as JSON.") var json = false
    @Flag(help: "Show no progress.") var noProgress = false

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "saltmill-rehearsal-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let spec = try spec(in: folder)

        let begun = ContinuousClock.now
        let clock = JobClock.rehearsal(from: start.map { Double($0.seconds) } ?? Date.now.timeIntervalSince1970)
        let beginning = clock.secondsSince1970()
        let timepiece = EndpointClock(monotonic: { clock.now().nanoseconds }, epoch: clock.secondsSince1970)
        let report = try await LocalService.with(physics.rules, clock: timepiece) { service in
            var options = LoadJob.Options()
            options.clock = clock
            let job = LoadJob(spec, client: try await service.client(), options: options)
            return try await JobDisplay.show(LoadView(job.monitor), isQuiet: noProgress) { try await job.run() }
        }
        if let path = self.report { try Data(report.json.bytes).write(to: URL(fileURLWithPath: path)) }
        if json {
            Terminal.output(String(decoding: report.json.bytes, as: UTF8.self))
        } else {
            let real = (ContinuousClock.now - begun) / .seconds(1)
            let end = beginning + report.loadSeconds
            Terminal.output(
                """
                \(ReportText.make(report))
                  rehearsed \(Self.text(beginning)) to \(Self.text(end)), \(Self.span(report.loadSeconds)), in \(Self.span(real))
                """)
        }
        if report.exitCode != 0 { throw ExitCode(report.exitCode) }
    }

    /// The spec as it is, but with everything that it would write in the folder, and a table to be made in any case.
    private func spec(in folder: String) throws -> MigrationSpec {
        var spec = try MigrationSpec(path: spec, environment: ProcessInfo.processInfo.environment)
        spec.origin.file = "\(folder)/rehearsal.yaml"
        spec.rejects.path = "\(folder)/rejects.jsonl"
        if spec.target.create == nil {
            Terminal.error("saltmill: note: target.create does not say how the table is made; rehearsed on demand")
            spec.target.create = .onDemand
        }
        return spec
    }

    private static func text(_ seconds: Double) -> String {
        Date(timeIntervalSince1970: seconds).formatted(.iso8601)
    }

    /// A span of time in the two largest units that it has.
    static func span(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        let parts = [(whole / 86400, "d"), (whole / 3600 % 24, "h"), (whole / 60 % 60, "min"), (whole % 60, "s")]
        let filled = parts.drop { $0.0 == 0 }.prefix(2)
        return filled.isEmpty ? "0 s" : filled.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }
}
