import Foundation
import SaltmillBackup
import SaltmillBytes
import SaltmillItems
import Testing

@Suite struct RecognitionTests {
    private func table(_ content: String, _ name: String = "items.json") throws -> DumpedTable {
        let folder = try TestFolder()
        let table = try #require(try DumpReader(opening: try folder.write(content, to: name)).tables.first)
        #expect(try !Sample.read(table).isEmpty)
        return table
    }

    @Test(arguments: [
        (#"{"id":{"S":"a"}}"#, DumpFormat.jsonLines), (#"{ "Item": { "id": {"S": "a"} } }"# + "\r\n\n", .jsonLines),
        (#"{"Item":{"S":"a"}}"#, .jsonLines),
        (#"{"id":{"s":"a"},"n":{"nULLValue":true}}"#, .dataPipeline), (#"[{"id":{"S":"a"}} , {"id":{"S":"b"}}]"#, .mifi),
    ]) func aFileTellsItsFormat(content: String, format: DumpFormat) throws {
        #expect(try table(content).format == format)
    }

    @Test func oldSpellingsOfTypesAreRead() throws {
        let line =
            #"{"s":{"s":"x"},"n":{"n":"1"},"b":{"b":"AA=="},"sS":{"sS":["a"]},"nS":{"nS":["1"]},"bS":{"bS":["AA=="]},"t":{"bOOL":true},"z":{"nULL":true},"y":{"nULLValue":true},"m":{"m":{"s":{"s":"s"}}},"l":{"l":[{"n":"2"},{"m":{}}]}}"#
        let expected =
            #"{"s":{"S":"x"},"n":{"N":"1"},"b":{"B":"AA=="},"sS":{"SS":["a"]},"nS":{"NS":["1"]},"bS":{"BS":["AA=="]},"t":{"BOOL":true},"z":{"NULL":true},"y":{"NULL":true},"m":{"M":{"s":{"S":"s"}}},"l":{"L":[{"N":"2"},{"M":{}}]}}"#
        let folder = try TestFolder()
        _ = try folder.write(line + "\n", to: "0000")
        _ = try folder.write(
            "{\"name\":\"DynamoDB-export\",\"version\":3,\n\"entries\": [\n{\"url\":\"s3://b/x/0000\",\"mandatory\":true}\n]}",
            to: "manifest")
        let table = try #require(try DumpReader(opening: folder.path).tables.first)
        #expect(try table.format == .dataPipeline && Sample.read(table) == [expected])
    }

    @Test func mifisFilesAreRead() throws {
        let folder = try TestFolder()
        _ = try folder.write("{\n  \"TableName\": \"t\"\n}", to: "t.dynamoschema")
        let data = try folder.write("[\n{\"id\":{\"S\":\"a\"}}\n,\n{\"id\": {\"S\": \"b\"}}\n]\n", to: "t.dynamodata")
        for path in [folder.path, data, "\(folder.path)/t.dynamoschema"] {
            let table = try #require(try DumpReader(opening: path).tables.first)
            #expect(table.format == .mifi && table.name == "t" && table.description?["TableName"] == "t")
            #expect(try Sample.read(table) == [#"{"id":{"S":"a"}}"#, #"{"id":{"S":"b"}}"#])
        }
    }

    @Test(arguments: ["PK\u{3}\u{4}", "BZh91AY", "plain text", "", #"{"id":1}"#, #"{"id":{"S":"a"}"#, "a\u{3}b\u{2}c"])
    func whatIsNoDumpIsRefused(_ content: String) throws {
        let folder = try TestFolder()
        let path = try folder.write(content, to: "file")
        if content.isEmpty {
            #expect(try DumpReader(opening: path).tables.first?.parts.count == 1)
        } else {
            let error = #expect(throws: DumpError.self) { try DumpReader(opening: path) }
            #expect(error?.file.isEmpty == false && error?.message.isEmpty == false)
        }
    }

    @Test func mixedAndIncompleteDumpsAreRefused() throws {
        let folder = try TestFolder()
        try Sample.write([[]], to: "\(folder.path)/all/a")
        try Sample.write([[]], to: "\(folder.path)/all/b", options: DumpOptions(format: .dynamodump))
        let manager = FileManager.default
        try manager.createDirectory(atPath: "\(folder.path)/mixed", withIntermediateDirectories: false)
        try manager.moveItem(atPath: "\(folder.path)/all/a/answers", toPath: "\(folder.path)/mixed/a")
        try manager.moveItem(atPath: "\(folder.path)/all/b/answers", toPath: "\(folder.path)/mixed/b")
        #expect(throws: DumpError.self) { try DumpReader(opening: "\(folder.path)/mixed") }
        #expect(try DumpReader(opening: "\(folder.path)/mixed/a").tables.count == 1)
        _ = try folder.write(#"{"Table":{"TableName":"x"}}"#, to: "mixed/a/schema.json")
        #expect(throws: DumpError.self) { try DumpReader(opening: "\(folder.path)/mixed/a") }
        // A table of another dump, a table that is gone, a folder that was never finished.
        try Sample.write([[]], to: "\(folder.path)/lost", tables: ["answers", "others"])
        #expect(throws: DumpError.self) { try DumpReader(opening: "\(folder.path)/lost") }
        #expect(try DumpReader(opening: "\(folder.path)/lost/answers").tables.count == 1)
        _ = try DumpFolder(path: "\(folder.path)/unfinished", resume: false)
        #expect(throws: DumpError.self) { try DumpReader(opening: "\(folder.path)/unfinished.partial") }
        #expect(throws: DumpError.self) { try DumpReader(opening: "\(folder.path)/nothing") }
        _ = try folder.write(#"{"id":{"S":"a"}}"#, to: "lines/1.jsonl")
        _ = try folder.write(#"{"Item":{"id":{"S":"a"}}}"#, to: "lines/2.json")
        #expect(throws: DumpError.self) { try DumpReader(opening: "\(folder.path)/lines") }
    }

    @Test func linksAreRefused() throws {
        let folder = try TestFolder()
        try Sample.write([Sample.items], to: "\(folder.path)/dump", options: DumpOptions(format: .dynamodump))
        let data = "\(folder.path)/dump/answers/data/0001.json"
        try FileManager.default.moveItem(atPath: data, toPath: "\(folder.path)/elsewhere")
        try FileManager.default.createSymbolicLink(atPath: data, withDestinationPath: "\(folder.path)/elsewhere")
        #expect(throws: DumpError.self) { try DumpReader(opening: "\(folder.path)/dump") }
        try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/link", withDestinationPath: "\(folder.path)/dump")
        #expect(throws: DumpError.self) { try DumpReader(opening: "\(folder.path)/link") }
    }

    @Test func endlessLinesAreRefusedWithTheirPlace() throws {
        let folder = try TestFolder()
        let path = try folder.write(#"{"id":{"S":"a"}}"# + "\n" + #"{"id":{"S":""# + String(repeating: "x", count: 5 << 20), to: "x.jsonl")
        let table = try #require(try DumpReader(opening: path).tables.first)
        let error = #expect(throws: DumpError.self) { try Sample.read(table) }
        #expect(error?.offset == 17)
    }

    @Test func deepNestingIsAFaultOfTheItem() throws {
        let folder = try TestFolder()
        func nested(_ levels: Int) -> String {
            #"{"id":{"S":"a"},"l":"# + String(repeating: #"{"L":["#, count: levels) + #"{"S":"x"}"# + String(repeating: "]}", count: levels)
                + "}"
        }
        let path = try folder.write([nested(32), nested(33), nested(20_000)].joined(separator: "\n"), to: "x.jsonl")
        var reader = try #require(try DumpReader(opening: path).tables.first).open(0)
        let faults = try [reader.next(), reader.next(), reader.next()].map { $0?.fault?.kind }
        #expect(faults == [nil, .tooDeep, .tooDeep])
        let digest = reader.digest
        #expect(digest.count == 1)
    }
}
