import ArgumentParser
import Foundation
import SaltmillBytes
import SaltmillDelivery
import SaltmillMigration

struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Shows how a source's table has changed since its spec was written.",
        discussion: """
            Compares the table's columns with those that the spec has on record (source.columns). `saltmill init --update SPEC` takes the
            changes over.

            EXIT STATUS
              0 nothing has changed · 1 failed · 2 wrong usage or spec · 4 the source has changed · 5 temporary, run again
            """)

    @Argument(help: "The migration's spec, a YAML file.", completion: .file(extensions: ["yaml", "yml"])) var spec: String
    @Flag(help: "Print as JSON.") var json = false

    func run() async throws {
        let spec = try MigrationSpec(path: spec, environment: ProcessInfo.processInfo.environment)
        guard let drift = try spec.drift() else {
            throw JobFailure(
                .usage, "\(self.spec) has no columns of a database's table on record; `saltmill init --update \(self.spec)` adds them")
        }
        if json {
            let value = JSONValue.object([.init("changes", .array(drift.changes.map(Self.json)))])
            Terminal.output(String(decoding: value.bytes, as: UTF8.self))
        } else {
            for change in drift.changes { Terminal.output("\(change)") }
        }
        if !drift.isEmpty { throw ExitCode(ExitStatus.differences) }
    }

    private static func json(_ change: SchemaDrift.Change) -> JSONValue {
        switch change {
        case .added(let name, let type): ["column": .string(name), "change": "added", "type": .string(type)]
        case .removed(let name): ["column": .string(name), "change": "removed"]
        case .retyped(let name, let from, let to):
            ["column": .string(name), "change": "retyped", "from": .string(from), "type": .string(to)]
        }
    }
}
