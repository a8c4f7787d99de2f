import ArgumentParser
import Foundation
import SaltmillBytes
import SaltmillDelivery
import SaltmillMigration

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Tells how far a job is, running or not.",
        discussion: "The figures are those of the job's last checkpoint, which a running load writes twice a second.")

    @Argument(help: "The migration's spec, a YAML file.", completion: .file(extensions: ["yaml", "yml"])) var spec: String
    @Option(help: "Tell of the load of this reject file.", completion: .file(extensions: ["jsonl"])) var retryRejects: String?
    @Flag(help: "Print as JSON.") var json = false

    func run() async throws {
        var spec = try MigrationSpec(path: spec, environment: ProcessInfo.processInfo.environment)
        if let retryRejects { spec = try spec.retrying(retryRejects) }
        let status = try JobStatus(spec)
        Terminal.output(json ? String(decoding: status.json.bytes, as: UTF8.self) : StatusText.make(status))
    }
}
