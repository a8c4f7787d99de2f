import Foundation
import SaltmillBackup
import SaltmillBytes
import SaltmillItems
import Testing

@Suite struct InspectionTests {
    @Test(arguments: RoundTripTests.formats) func aSoundDumpIsTold(_ format: DumpFormat) throws {
        let folder = try TestFolder()
        try Sample.write([Sample.items, []], to: "\(folder.path)/dump", options: DumpOptions(format: format))
        var calls = 0
        let inspection = Inspection(path: "\(folder.path)/dump") { done, total in
            calls += 1
            #expect(done <= total)
        }
        #expect(inspection.isSound && inspection.suspicions.isEmpty && inspection.format == format && calls == 2)
        let table = try #require(inspection.tables.first)
        let digest = try Sample.digest(Sample.items)
        #expect(table.name == "answers" && table.digest == digest && table.hasManifest && table.hasSchema)
        #expect(table.when == "2020-11-04T07:28:34.028Z" && table.parts == 2 && table.bytes > 0 && table.nestedBinaries == 4)
        #expect(inspection.json["sound"] == true)
        // The dump's scan was filtered.
        #expect(table.filter == "a = :b" && table.projection == nil && !table.isSchemaOnly && inspection.isSelection)
    }

    @Test func aDumpOfTheSchemaAloneIsToldAsThat() throws {
        let folder = try TestFolder()
        let destination = try DumpFolder(path: "\(folder.path)/dump", resume: false)
        var facts = Sample.facts()
        (facts.segments, facts.filter) = (0, nil)
        let writer = try TableDumpWriter(to: destination, table: Sample.table, began: 0, options: DumpOptions(format: .dynamodump))
        _ = try writer.finish(facts, parts: [])
        try destination.commit()
        let inspection = Inspection(path: "\(folder.path)/dump")
        #expect(inspection.isSound && inspection.isSelection && inspection.tables.map(\.isSchemaOnly) == [true])
        #expect(inspection.json["tables"]?.array?.first?["schema_only"] == true)
    }

    /// Exit codes are made of this: nothing that looks like a dump is something else than a dump that is damaged.
    @Test func damageIsToldFromNothing() throws {
        let folder = try TestFolder()
        try Sample.write([Sample.items], to: "\(folder.path)/dump")
        let path = "\(folder.path)/dump/answers/saltmill-manifest.json"
        try Data("{".utf8).write(to: URL(filePath: path))
        let damaged = Inspection(path: "\(folder.path)/dump")
        #expect(!damaged.isSound && damaged.isDump && damaged.json["dump"] == true)
        _ = try DumpFolder(path: "\(folder.path)/unfinished", resume: false)
        #expect(Inspection(path: "\(folder.path)/unfinished.partial").isDump)
        for name in [try folder.write("text", to: "none/x.txt"), "\(folder.path)/none", "\(folder.path)/nowhere"] {
            #expect(!Inspection(path: name).isDump)
        }
    }

    @Test func countsIncludeItemsThatNoTableCanHold() throws {
        let folder = try TestFolder()
        let path = try folder.write(#"{"id":{"S":"a"}}"# + "\n" + #"{"id":{"B":null}}"#, to: "x.jsonl")
        var reader = try #require(try DumpReader(opening: path).tables.first).open(0)
        while try reader.next() != nil {}
        let found = (reader.count, reader.faults, reader.digest.count)
        #expect(found == (2, 1, 1))
    }

    @Test func inspectionCanBeStoppedWithinAPart() throws {
        let folder = try TestFolder()
        let path = try folder.write(String(repeating: #"{"id":{"S":"a"}}"# + "\n", count: 5000), to: "x.jsonl")
        #expect(throws: CancellationError.self) { try Inspection(path: path) { done, _ in if done == 0 { throw CancellationError() } } }
    }

    @Test func everyBadFileIsNamed() throws {
        let folder = try TestFolder()
        try Sample.write(
            [[Sample.items[0]], [Sample.items[1]], [Sample.items[2]]], to: "\(folder.path)/dump", options: DumpOptions(format: .dynamodump))
        for name in ["0001", "0003"] {
            let path = "\(folder.path)/dump/answers/data/\(name).json"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try text.replacingOccurrences(of: "\"S\"", with: "\"B\"").write(toFile: path, atomically: false, encoding: .utf8)
        }
        let inspection = Inspection(path: "\(folder.path)/dump")
        #expect(!inspection.isSound)
        #expect(Set(inspection.problems.map(\.file)) == ["answers/data/0001.json", "answers/data/0003.json"])
        #expect(inspection.tables.first?.digest.count == 1)
    }

    @Test func lostBinariesOfOldDumpsAreFound() throws {
        let folder = try TestFolder()
        _ = try folder.write(#"{"Table": {"TableName": "t"}}"#, to: "t/schema.json")
        _ = try folder.write(
            #"{"Items": [{"id": {"S": "a"}}, {"id": {"S": "b"}, "b": {"B": null}}, {"id": {"S": "c"}, "l": {"L": [{"BS": [null, "AA=="]}]}}], "Count": 3}"#,
            to: "t/data/0001.json")
        let inspection = Inspection(path: folder.path)
        #expect(inspection.problems.map(\.offset) == [31, 69] && inspection.tables.first?.faults == 2)
        #expect(inspection.problems.allSatisfy { $0.message.contains("null") })
        #expect(inspection.tables.first?.digest.count == 1)
    }

    @Test func doubledBase64IsSuspected() throws {
        let folder = try TestFolder()
        let lines = [
            #"{"id":{"S":"top"},"b":{"B":"QUFFQw=="}}"#,
            #"{"id":{"S":"nested"},"m":{"M":{"b":{"B":"QUFFQw=="}}},"l":{"L":[{"B":"AAEC"}]}}"#,
            #"{"id":{"S":"set"},"s":{"BS":["QUFFQw==","AAEC",""]}}"#,
        ]
        let inspection = Inspection(path: try folder.write(lines.joined(separator: "\n"), to: "x.jsonl"))
        #expect(inspection.isSound && inspection.suspicions.map(\.offset) == [40, 40 + UInt64(lines[1].utf8.count) + 1])
        #expect(inspection.tables.first?.nestedBinaries == 5 && inspection.tables.first?.doubledBinaries == 2)
    }

    @Test func deletionsAreCountedApart() throws {
        let folder = try TestFolder()
        let lines =
            #"{"Metadata":{},"Keys":{"id":{"S":"a"}},"NewImage":{"id":{"S":"a"}}}"# + "\n" + #"{"Metadata":{},"Keys":{"id":{"S":"b"}}}"#
        try Sample.writeChanges(lines, to: folder)
        let table = try #require(Inspection(path: "\(folder.path)/p").tables.first)
        let digest = try Sample.digest([#"{"id":{"S":"a"}}"#])
        #expect(table.deletions == 1 && table.digest == digest)
    }

    @Test func whatIsNoDumpIsAProblem() throws {
        let inspection = Inspection(path: "/nowhere")
        #expect(!inspection.isSound && inspection.format == nil && inspection.problems.first?.file == "/nowhere")
    }
}
