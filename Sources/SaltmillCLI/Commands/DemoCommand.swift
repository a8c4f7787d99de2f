import ArgumentParser
import Foundation
import SaltmillDynamoDB
import SaltmillMigration
import SaltmillPartitions

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Shows the trap and the cure on this machine: loads held by a hot partition, and the same loads under salted keys.",
        discussion: """
            Starts the embedded endpoint twice, with the partitions of 2015 and with those of today, and loads the same 20,000 answers, most of
            one day, into tables of 8,000 write units over 9 partitions, at a limit of 4,000 units a second: with the date as hash key, with
            the date in an index, and with either salted over 200 shards. The loads run side by side. Needs no account and no network, and
            takes about half a minute.
            """)

    @Option(help: "Rows to load.") var rows = 20_000
    @Flag(help: "Keep the folder with specs, rows and reports, and say where it is.") var keep = false

    func validate() throws {
        guard (1000...1_000_000).contains(rows) else { throw ValidationError("--rows takes 1000 to 1000000, not \(rows)") }
    }

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "saltmill-demo-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { if !keep { try? FileManager.default.removeItem(atPath: folder) } }
        try DemoStory.writeRows(rows, to: folder)
        Terminal.output(
            "\(rows) rows into tables of \(DemoStory.provisioned) write units over 9 partitions, \(DemoStory.limit) units/s allowed; the loads run side by side"
        )
        let outcomes = try await LocalService.with(Physics(.even2015, burst: .zero)) { then in
            try await LocalService.with(Physics(.adaptive, burst: .zero)) { today in
                try await load(folder) { $0 == .even2015 ? then : today }
            }
        }
        Terminal.output(DemoStory.table(outcomes))
        guard outcomes.allSatisfy({ $0.verification.isEqual }) else { throw UsageError("the demo's tables are not equal to their source") }
        if keep { Terminal.output("kept in \(folder)") }
    }

    /// Runs all loads at once.
    private func load(_ folder: String, _ service: @escaping (Physics.Model) -> LocalService) async throws -> [DemoStory.Outcome] {
        var jobs: [(variant: DemoStory.Variant, client: DynamoDBClient, job: LoadJob)] = []
        for variant in DemoStory.Variant.allCases {
            let spec = try MigrationSpec(path: try DemoStory.writeSpec(variant, to: folder), environment: [:])
            let client = try await service(variant.model).client()
            jobs.append((variant, client, LoadJob(spec, client: client)))
        }
        return try await withThrowingTaskGroup(of: DemoStory.Outcome?.self) { group in
            let monitors = jobs.map(\.job.monitor)
            group.addTask {
                await DemoProgress.show(monitors)
                return nil
            }
            for (variant, client, job) in jobs {
                group.addTask {
                    let report = try await job.run()
                    guard report.exitCode == 0 else {
                        throw UsageError("the demo's load \(job.spec.job) did not finish: \(report.message)")
                    }
                    return DemoStory.Outcome(
                        variant: variant, report: report, verification: try await VerifyJob(job.spec, client: client).run())
                }
            }
            defer { group.cancelAll() }
            var outcomes: [DemoStory.Outcome] = []
            while outcomes.count < jobs.count, let outcome = try await group.next() { outcome.map { outcomes.append($0) } }
            group.cancelAll()
            try await group.waitForAll()
            return DemoStory.Variant.allCases.compactMap { variant in outcomes.first { $0.variant == variant } }
        }
    }
}
