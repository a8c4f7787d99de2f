import ArgumentParser
import SaltmillBackup
import SaltmillBytes

struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Tells what a dump holds and checks all of it: every file, checksum, count and item.",
        discussion: """
            The format is recognised: dumps of saltmill, exports of DynamoDB to S3 (full and incremental), dynamodump, Data Pipeline, mifi,
            and JSON Lines in DynamoDB JSON. Archives of dynamodump are unpacked first, with tar or unzip. Also found are the null binaries
            of dynamodump 1.2 to 1.8, whose bytes are lost, and binaries that dynamodump's restore has encoded in Base64 a second time.

            EXAMPLE
              saltmill inspect backup/answers

            EXIT STATUS
              0 the dump is sound · 1 nothing there looks like a dump · 4 something is wrong with it
            """)

    @Argument(help: "The dump's folder or file.", completion: .directory) var path: String
    @Flag(help: "Print the findings as JSON.") var json = false

    func run() async throws {
        let inspection = try Inspection(path: path) { _, _ in try Task.checkCancellation() }
        Terminal.output(json ? String(decoding: inspection.json.bytes, as: UTF8.self) : InspectionText.make(inspection))
        guard !inspection.isSound else { return }
        throw ExitCode(inspection.isDump ? ExitStatus.differences : ExitStatus.failed)
    }
}
