import Foundation
import SaltmillBackup
import SaltmillBytes
import Testing

@Suite struct UnfinishedDumpTests {
    /// Begins a dump, finishes a table of it and a part of another.
    private func begin(_ folder: TestFolder, _ format: DumpFormat) throws -> DumpFolder {
        let destination = try DumpFolder(path: "\(folder.path)/dump", resume: false)
        let options = DumpOptions(format: format)
        _ = try Sample.write([[#"{"id":{"S":"a"}}"#]], to: destination, options: options, tables: ["answers", "big"])
        guard case .object(var members) = Sample.table else { return destination }
        members[0].value = "big"
        let writer = try TableDumpWriter(to: destination, table: .object(members), began: Sample.began, options: options)
        var part = try writer.openPart(segment: 0)
        let item = Array(#"{"id":{"S":"a"}}"#.utf8)
        try part.append(item.span)
        try part.endPage(scanned: 1, lastKey: nil)
        _ = try part.close()
        return destination
    }

    @Test(arguments: RoundTripTests.formats) func nothingWithinItIsADump(_ format: DumpFormat) throws {
        let folder = try TestFolder()
        let partial = try begin(folder, format).partialPath
        let manager = FileManager.default
        var places = [""]
        for path in try manager.subpathsOfDirectory(atPath: partial) where path.hasPrefix("big") { places.append("/" + path) }
        #expect(places.contains { $0.hasSuffix(".json") || $0.hasSuffix(".json.gz") })
        for place in places { #expect(throws: DumpError.self, "\(place)") { try DumpReader(opening: partial + place) } }
        // It stays what it is under another name, as long as the record of what is done is in it.
        try manager.moveItem(atPath: partial, toPath: "\(folder.path)/moved")
        _ = try folder.write("", to: "moved/.saltmill-journal")
        for place in places { #expect(throws: DumpError.self, "\(place)") { try DumpReader(opening: "\(folder.path)/moved" + place) } }
        // And a table without its end is none anywhere.
        try manager.moveItem(atPath: "\(folder.path)/moved/big", toPath: "\(folder.path)/big")
        #expect(throws: DumpError.self) { try DumpReader(opening: "\(folder.path)/big") }
    }

    @Test(
        arguments: [
            "manifest", "schema.json", "AWSDynamoDB", "data", "x.dynamodata", "x.dynamoschema", "tmp.partial", "saltmill-manifest.json",
            "manifest-summary.json", "manifest-files.json", "x.json",
        ], RoundTripTests.formats) func aTableMayHaveAnyName(_ name: String, _ format: DumpFormat) throws
    {
        let folder = try TestFolder()
        let destination = try DumpFolder(path: "\(folder.path)/dump", resume: false)
        guard case .object(var members) = Sample.table else { return }
        for table in ["answers", name] {
            members[0].value = .string(table)
            let item = #"{"id":{"S":"\#(table)"}}"#
            _ = try Sample.write(
                [[item]], to: destination, options: DumpOptions(format: format), table: .object(members), tables: ["answers", name])
        }
        try destination.commit()
        let dump = try DumpReader(opening: "\(folder.path)/dump")
        #expect(Set(dump.tables.map(\.name)) == ["answers", name] && Inspection(path: "\(folder.path)/dump").isSound)
        #expect(try DumpReader(opening: "\(folder.path)/dump/\(name)").tables.map(\.name) == [name])
        // Without manifests of ours, dynamodump's tables are still found.
        guard format == .dynamodump else { return }
        for table in ["answers", name] { try FileManager.default.removeItem(atPath: "\(folder.path)/dump/\(table)/saltmill-manifest.json") }
        #expect(try Set(DumpReader(opening: "\(folder.path)/dump").tables.map(\.name)) == ["answers", name])
    }

    @Test(arguments: RoundTripTests.formats) func foldersThatAreLinksAreRefused(_ format: DumpFormat) throws {
        let folder = try TestFolder()
        try Sample.write([Sample.items], to: "\(folder.path)/dump", options: DumpOptions(format: format))
        let manager = FileManager.default
        let data = try #require(manager.subpathsOfDirectory(atPath: "\(folder.path)/dump").first { $0.hasSuffix("/data") })
        try manager.moveItem(atPath: "\(folder.path)/dump/\(data)", toPath: "\(folder.path)/elsewhere")
        try manager.createSymbolicLink(atPath: "\(folder.path)/dump/\(data)", withDestinationPath: "\(folder.path)/elsewhere")
        #expect(throws: DumpError.self) { try DumpReader(opening: "\(folder.path)/dump") }
    }
}
