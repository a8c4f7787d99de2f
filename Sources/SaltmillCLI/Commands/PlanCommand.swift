import ArgumentParser
import Foundation
import SaltmillBytes
import SaltmillDynamoDB
import SaltmillMigration

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Tells what a load will be like: how long, how many units, what it costs, and what will go wrong.",
        discussion: """
            Reads the whole source once or twice and counts what the load would write; of a live database it reads a sample, scales it up
            and says so. The table is only looked at, and need not be reachable. With --simulate the load is rehearsed in virtual time against the partitions that the table will have.

            EXAMPLES
              saltmill plan flights.yaml
              saltmill plan flights.yaml --prices prices.json --start 2026-12-01T22:00:00Z
              saltmill plan flights.yaml --simulate --physics 2015 --report rehearsal.html
            """)

    @Argument(help: "The migration's spec, a YAML file.", completion: .file(extensions: ["yaml", "yml"])) var spec: String
    @OptionGroup var connection: ConnectionOptions
    @Option(help: "Price file to count the cost by; see schemas/examples/prices.json.", completion: .file()) var prices: String?
    @Option(help: "When the load begins, e.g. 2026-12-01T22:00:00Z; now otherwise.", transform: InstantOption.parse) var start:
        InstantOption?
    @Option(help: "How many rows of a live database to read: 1 % otherwise, and 2,000 to 50,000 rows.") var sample: Int?
    @Flag(help: "Count a live database's rows, however long it takes; its own estimate serves otherwise.") var count = false
    @Flag(help: "Rehearse the load in virtual time.") var simulate = false
    @OptionGroup var physics: PhysicsOptions
    @Option(
        help: "Write the plan with the rehearsal's chart to this file: a page, or the chart alone when it ends in .svg.",
        completion: .file())
    var report: String?
    @Flag(help: "Print the plan as JSON.") var json = false
    @Flag(help: "Show no progress.") var noProgress = false

    func validate() throws {
        if let sample, sample < 1 { throw ValidationError("--sample is a number of rows, at least 1") }
        if report != nil, !simulate { throw ValidationError("--report draws the rehearsal; give --simulate too") }
    }

    func run() async throws {
        let spec = try MigrationSpec(path: spec, environment: ProcessInfo.processInfo.environment)
        var options = LoadPlanner.Options(start: start?.seconds ?? Int64(Date.now.timeIntervalSince1970))
        options.prices = try prices.map { try PriceList(path: $0) }
        options.physics = physics.rules
        options.simulates = simulate
        options.sample = sample
        options.countsRows = count
        // Without a region or credentials nobody is asked, and the plan says so.
        let target = try await PlanTarget.find(spec, client: try? await connection.client())
        let planner = LoadPlanner(spec, target: target, options: options)
        var display = PlanProgress(isQuiet: noProgress)
        let plan = try planner.plan { display.show($0) }
        display.end()
        if let report {
            let text = report.hasSuffix(".svg") ? PlanChart.svg(plan) : PlanPage.make(plan)
            do {
                try Data(text.utf8).write(to: URL(fileURLWithPath: report))
            } catch {
                throw UsageError("the report \(report) cannot be written: \(error.localizedDescription)")
            }
        }
        Terminal.output(json ? String(decoding: plan.json.bytes, as: UTF8.self) : PlanText.make(plan))
    }
}

/// An instant on the command line.
struct InstantOption {
    var seconds: Int64

    static func parse(_ text: String) throws -> InstantOption {
        guard let date = try? Date(text, strategy: .iso8601) else {
            throw ValidationError("`\(text)` is no time; write e.g. 2026-12-01T22:00:00Z or 2026-12-01T22:00:00+0100")
        }
        return InstantOption(seconds: Int64(date.timeIntervalSince1970))
    }
}
