package import SaltmillBytes
import Synchronization

/// Writes one table's folder of a dump: parts as they become full, then the schema or the manifests without which it is no dump.
///
/// Any number of threads may open parts, each its own.
package final class TableDumpWriter: Sendable {
    /// Written into the manifest.
    package static let program = "saltmill 0.1.0"

    /// The table's name, and the name of its folder.
    package let name: String
    private let destination: any DumpDestination
    private let table: JSONValue
    private let options: DumpOptions
    private let export: AWSExport
    private let sequence = Mutex(0)

    /// - Parameters:
    ///   - table: `DescribeTable`'s `Table`.
    ///   - began: when the dump was begun, in seconds since 1970; the same one when it is resumed, since paths are made from it.
    /// - Throws: ``DumpError`` when the table's name cannot be a folder's, or a file cannot be written.
    package init(
        to destination: any DumpDestination, table: JSONValue, began: Double, options: DumpOptions = DumpOptions()
    ) throws(DumpError) {
        guard let name = table["TableName"]?.string, !name.isEmpty, !name.contains("/"), name != ".", name != ".." else {
            throw DumpError("the table's description", "it has no name that a folder can have")
        }
        precondition(options.format.isWritable, "\(options.format.rawValue) is read only")
        self.name = name
        self.destination = destination
        self.table = table
        self.options = options
        export = AWSExport(table: table, began: began)
        if options.format == .aws { try write([], to: "\(export.folder)/_started") }
    }

    private var dataFolder: String { options.format == .dynamodump ? "data" : "\(export.folder)/data" }

    private func write(_ content: [UInt8], to file: String) throws(DumpError) {
        let output = try destination.newFile("\(name)/\(file)")
        try output.write(content)
        try output.commit()
    }

    /// Goes on with a dump that was interrupted: keeps the parts that are finished and removes every other data file.
    /// - Throws: ``DumpError`` when one of them is not there, or not of its length.
    package func resume(with parts: [DumpPart]) throws(DumpError) {
        for part in parts where destination.size(of: "\(name)/\(part.file)") != part.bytes {
            throw DumpError("\(name)/\(part.file)", "this finished part of the unfinished dump is missing or was altered; begin a new dump")
        }
        try destination.keep(only: Set(parts.map { "\(name)/\($0.file)" }), under: "\(name)/\(dataFolder)")
        let last = parts.compactMap { Int($0.file.split { !("0"..."9").contains($0) }.last ?? "") }.max() ?? 0
        sequence.withLock { $0 = max($0, last) }
    }

    /// Begins a data file.
    /// - Parameter segment: of the scan, from 0 on.
    package func openPart(segment: Int) throws(DumpError) -> PartWriter {
        let number = sequence.withLock {
            $0 += 1
            return $0
        }
        let file =
            options.format == .dynamodump
            ? "data/\(Self.padded(number, 4)).json" : "\(export.folder)/data/\(Self.padded(segment, 4))-\(Self.padded(number, 8)).json.gz"
        return PartWriter(file: file, output: try destination.newFile("\(name)/\(file)"), options: options)
    }

    static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// Ends the table's folder: the format's own schema or manifests, then ours.
    /// - Parameter parts: all finished ones, of this run and of those before it.
    package func finish(_ facts: DumpFacts, parts: [DumpPart]) throws(DumpError) -> DumpManifest {
        let parts = parts.sorted { $0.file.utf8.lexicographicallyPrecedes($1.file.utf8) }
        if options.format == .dynamodump {
            // Last, so that neither this program nor another takes half of a table for all of it.
            try write(DynamodumpSchema.text(table), to: "schema.json")
        } else {
            let files = export.files(parts)
            let summary = export.summary(parts, ended: facts.ended)
            try write(files, to: "\(export.folder)/manifest-files.json")
            try write(AWSExport.checksum(files), to: "\(export.folder)/manifest-files.md5")
            try write(summary, to: "\(export.folder)/manifest-summary.json")
            try write(AWSExport.checksum(summary), to: "\(export.folder)/manifest-summary.md5")
        }
        let manifest = DumpManifest(format: options.format, program: Self.program, table: table, facts: facts, parts: parts)
        var text: [UInt8] = []
        DynamodumpText.append(manifest.json.bytes.span, level: 0, to: &text)
        text.append(0x0A)
        try write(text, to: DumpManifest.fileName)
        return manifest
    }
}
