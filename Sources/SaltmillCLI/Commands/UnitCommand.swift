import ArgumentParser
import Foundation
import Glibc
import SaltmillControl
import SaltmillDelivery
import SaltmillMigration

struct UnitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unit",
        abstract: "Prints a hardened systemd unit that runs a load until it is done, over failures and reboots.",
        discussion: """
            The unit waits for the load to say that it is ready, watches it, starts it again after failures that may pass, and not after
            those that will not (exit codes 2, 3, 4 and 11). Credentials are read from /etc/saltmill/JOB.env.

            EXAMPLE
              saltmill unit answers.yaml | sudo tee /etc/systemd/system/saltmill-answers.service
            """)

    @Argument(help: "The migration's spec, a YAML file.", completion: .file(extensions: ["yaml", "yml"])) var spec: String
    @OptionGroup var masks: MaskOption
    @Option(help: "The user that the load runs as; whoever asks otherwise.") var user: String?
    @Option(help: "URL of the endpoint; otherwise that of the environment file or the region's.") var endpointUrl: String?

    func run() async throws {
        let migration = try MigrationSpec(path: spec, environment: ProcessInfo.processInfo.environment)
        let writable = [migration.jobFolder, migration.rejects.path].map { Self.folder(of: Self.absolute($0)) }
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            throw JobFailure(.failed, "where this program lies cannot be told: /proc/self/exe is not readable")
        }
        let unit = SystemdUnit(
            job: migration.job, program: program, spec: Self.absolute(spec),
            writable: writable.reduce(into: []) { list, path in
                if !list.contains(path) { list.append(path) }
            }, user: user ?? Actor(uid: geteuid()).user,
            arguments: (endpointUrl.map { ["--endpoint-url", $0] } ?? []) + (masks.masked ? ["--masked"] : []))
        Terminal.output(String(unit.text.dropLast()))
    }

    private static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

    private static func folder(of path: String) -> String { URL(fileURLWithPath: path).deletingLastPathComponent().path }
}
