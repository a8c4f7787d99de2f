import ArgumentParser
import Foundation
import SaltmillMigration

struct DocCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doc",
        abstract: "Writes a page that tells what each column became and what it means.",
        discussion: """
            One self-contained page for those who will read the table: every source column with its type and comment, the attribute it
            became, what the spec says `about` it, the key and how its salt is computed with a program to copy, and which rows become no item.

            EXAMPLES
              saltmill doc answers.yaml --output answers.html
              saltmill doc answers.yaml --output ANSWERS.md
              saltmill doc answers.yaml --require-about > /dev/null    # for CI: fails while a column has no description
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case html, markdown }

    @Argument(help: "The migration's spec, a YAML file.", completion: .file(extensions: ["yaml", "yml"])) var spec: String
    @Option(name: .shortAndLong, help: "Write to this file instead of standard output.", completion: .file()) var output: String?
    @Option(help: "html or markdown (default: by the output's name; html).") var format: Format?
    @Flag(help: "Fail when a column has no `about`.") var requireAbout = false

    func run() async throws {
        let spec = try MigrationSpec(path: spec, environment: ProcessInfo.processInfo.environment)
        let document = SpecDocument(spec, columns: try spec.columnFacts(), rejects: try JobStatus(spec).rejectReasons)
        let isMarkdown = format.map { $0 == .markdown } ?? (output?.hasSuffix(".md") ?? false)
        let text = isMarkdown ? document.markdown : document.page
        if let output {
            do {
                try Data(text.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
            } catch {
                throw UsageError("\(output) cannot be written: \(error.localizedDescription)")
            }
        } else {
            Terminal.output(text.hasSuffix("\n") ? String(text.dropLast()) : text)
        }
        if requireAbout, !document.undescribed.isEmpty {
            let names = document.undescribed.map { "`\($0)`" }.joined(separator: ", ")
            throw UsageError(
                "\(document.undescribed.count == 1 ? "the column \(names) has" : "the columns \(names) have") no description; say under `about` what each means"
            )
        }
    }
}
