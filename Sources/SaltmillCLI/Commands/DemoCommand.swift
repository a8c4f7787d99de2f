import ArgumentParser
import Foundation
import SaltmillDynamoDB
import SaltmillEndpoint
import SaltmillMigration
import SaltmillPartitions

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Shows the trap and the cure on this machine: a load held by a hot partition, and the same load under salted keys.",
        discussion: """
            Starts the embedded endpoint, makes a table of 8,000 write units over 9 partitions, and loads 20,000 answers, most of one day,
            at a limit of 4,000 units a second: first with the date as hash key, then with the date salted over 200 shards. Needs no
            account and no network, and takes about half a minute.
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

        var configuration = EndpointConfiguration()
        configuration.port = 0
        configuration.physics = Physics(.even2015, burst: .zero)
        let endpoint = try await SaltmillEndpoint.Endpoint.start(configuration)
        Terminal.output(
            "embedded endpoint on http://127.0.0.1:\(endpoint.port); \(rows) rows, \(DemoStory.limit) units/s allowed, 9 partitions")
        do {
            try await tell(folder, port: endpoint.port)
        } catch {
            await endpoint.shutdown()
            throw error
        }
        await endpoint.shutdown()
        if keep { Terminal.output("kept in \(folder)") }
    }

    private func tell(_ folder: String, port: Int) async throws {
        let settings = try AWSSettings(
            .init(region: "us-east-1", endpointURL: "http://127.0.0.1:\(port)"),
            environment: ["AWS_ACCESS_KEY_ID": "demo", "AWS_SECRET_ACCESS_KEY": "demo"], read: { _ in nil })
        let client = try await DynamoDBClient(
            endpoint: settings.endpoint, signingRegion: settings.signingRegion, provider: settings.credentials, transport: CurlTransport())
        try DemoStory.writeRows(rows, to: folder)
        var columns: [DemoStory.Column] = []
        for variant in DemoStory.Variant.allCases {
            Terminal.error("\(variant.title) …")
            let spec = try MigrationSpec(path: try DemoStory.writeSpec(variant, to: folder), environment: [:])
            let job = LoadJob(spec, client: client)
            let report = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await ProgressDisplay(monitor: job.monitor, isQuiet: false).run() }
                defer { group.cancelAll() }
                return try await job.run()
            }
            guard report.exitCode == 0 else { throw UsageError("the demo's load did not finish: \(report.message)") }
            columns.append(DemoStory.Column(variant: variant, report: report, comparison: try await TableComparison(spec, client: client)))
        }
        Terminal.output(DemoStory.table(columns))
        guard columns.allSatisfy({ $0.comparison.isEqual }) else { throw UsageError("the demo's tables are not equal to their source") }
    }
}
