import Foundation
import SaltmillBackup
import SaltmillBytes
import SaltmillDelivery
import SaltmillDynamoDB
import SaltmillItems
import SaltmillMigration

/// Rendered items as a dump: files, manifests and the table's definition in the layout of DynamoDB's own export, whole or not at all.
final class RenderedDump: RenderOutput {
    private let definition: TableDefinition
    private let folder: DumpFolder
    private let writer: TableDumpWriter
    private let began: Double
    private var part: PartWriter?
    private var parts: [DumpPart] = []

    /// What the table is created from, for `aws dynamodb import-table --table-creation-parameters`.
    private static let creationFile = "table-creation-parameters.json"
    /// Tells the folder of an unfinished render; goes when it is whole.
    private static let mark = DumpFolder.jobPrefix + "render"

    private init(_ definition: TableDefinition, _ folder: DumpFolder, _ writer: TableDumpWriter, began: Double) {
        (self.definition, self.folder, self.writer, self.began) = (definition, folder, writer, began)
    }

    /// Begins a dump.
    /// - Parameter path: must not exist; what a render has left unfinished beside it is removed.
    static func begin(_ definition: TableDefinition, at path: String) throws -> RenderedDump {
        let partial = DumpFolder.withoutSlashes(path) + ".partial"
        if FileManager.default.fileExists(atPath: "\(partial)/\(mark)") { try FileManager.default.removeItem(atPath: partial) }
        let folder = try DumpFolder(path: path, resume: false)
        try write([], to: mark, in: folder)
        let began = secondsSince1970()
        return RenderedDump(
            definition, folder, try TableDumpWriter(to: folder, table: description(of: definition), began: began), began: began)
    }

    /// Where temporary files may be made: in the unfinished dump.
    var scratch: String { folder.partialPath }

    private static func write(_ content: [UInt8], to file: String, in folder: DumpFolder) throws {
        let output = try folder.newFile(file)
        try output.write(content.span)
        try output.commit()
    }

    private static func creation(of definition: TableDefinition) -> [JSONValue.Member] {
        (definition.json.members ?? []).filter { $0.name != "Tags" }
    }

    /// The definition as a server would describe the table.
    private static func description(of definition: TableDefinition) -> JSONValue {
        var members = creation(of: definition).filter { $0.name != "BillingMode" }
        members.append(.init("TableStatus", "ACTIVE"))
        let isOnDemand = definition.billing == .onDemand
        members.append(.init("BillingModeSummary", ["BillingMode": isOnDemand ? "PAY_PER_REQUEST" : "PROVISIONED"]))
        return .object(members)
    }

    func append(_ item: Span<UInt8>) throws {
        if part == nil { part = try writer.openPart(segment: 0) }
        try part?.append(item)
    }

    func endFile() throws {
        guard var open = part.take() else { return }
        try open.endPage(scanned: open.digest.count, lastKey: nil)
        parts.append(try open.close())
    }

    /// Writes the manifests and gives the dump its name.
    func finish() throws -> DumpManifest {
        let json = JSONValue.object(Self.creation(of: definition))
        try Self.write(json.bytes + [0x0A], to: "\(definition.name)/\(Self.creationFile)", in: folder)
        var settings = TableSettings(description: json)
        settings.tags = definition.tags.map { TableSettings.Tag($0.key, $0.value) }
        let id = String(UInt64.random(in: 1 << 60 ... .max), radix: 16)
        let facts = DumpFacts(
            began: began, ended: secondsSince1970(), isConsistent: true, segments: 1, settings: settings, dumpID: id,
            tables: [definition.name])
        let manifest = try writer.finish(facts, parts: parts)
        try folder.commit()
        return manifest
    }
}
