import Foundation
import SaltmillBackup
import SaltmillBytes
import Testing

/// The files in Fixtures/dynamodump were written by dynamodump 1.11.1; beside them are the answers that the same server gave to a plain client.
@Suite struct DynamodumpTests {
    private let fixtures = Sample.fixtures.appending(path: "dynamodump")

    private func json(_ name: String) throws -> JSONValue {
        try JSONValue(parsing: Array(Data(contentsOf: fixtures.appending(path: name))).span)
    }

    @Test func filesAreThoseOfTheToolItself() throws {
        let folder = try TestFolder()
        let table = try #require(try json("describe-table.json")["Table"])
        let items = try #require(try json("scan.json")["Items"]?.array).map { String(decoding: $0.bytes, as: UTF8.self) }
        let destination = try DumpFolder(path: "\(folder.path)/dump", resume: false)
        let writer = try TableDumpWriter(to: destination, table: table, began: 0, options: DumpOptions(format: .dynamodump))
        var part = try writer.openPart(segment: 0)
        for item in items {
            let bytes = Array(item.utf8)
            try part.append(bytes.span)
        }
        try part.endPage(scanned: items.count, lastKey: nil)
        _ = try writer.finish(Sample.facts(), parts: [try part.close()])
        try destination.commit()
        func text(_ path: String) throws -> String { try String(contentsOf: URL(filePath: path), encoding: .utf8) }
        let tool = fixtures.appending(path: "answers").path
        #expect(try text("\(folder.path)/dump/answers/data/0001.json") == text("\(tool)/data/0001.json"))
        // The tool adds the answer's metadata behind the table.
        let theirs = try text("\(tool)/schema.json")
        let end = try #require(theirs.range(of: ",\n  \"ResponseMetadata\""))
        #expect(try text("\(folder.path)/dump/answers/schema.json") == theirs[..<end.lowerBound] + "\n}")
    }

    @Test func dumpsOfTheToolAreRead() throws {
        let table = try #require(try DumpReader(opening: fixtures.appending(path: "answers").path).tables.first)
        #expect(table.format == .dynamodump && table.name == "answers" && table.manifest == nil && table.expected.count == nil)
        let items = try #require(try json("scan.json")["Items"]?.array).map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(try Sample.digest(Sample.read(table)) == Sample.digest(items))
    }

    @Test func pagesHaveTheirKeysAndCounts() throws {
        let folder = try TestFolder()
        try Sample.write([[#"{"id":{"S":"a"}}"#], []], to: "\(folder.path)/dump", options: DumpOptions(format: .dynamodump))
        let data = "\(folder.path)/dump/answers/data"
        let first = """
            {
              "Items": [
                {
                  "id": {
                    "S": "a"
                  }
                }
              ],
              "Count": 1,
              "ScannedCount": 2,
              "LastEvaluatedKey": {
                "id": {
                  "S": "\\u00e9"
                }
              }
            }
            """
        #expect(try String(contentsOfFile: "\(data)/0001.json", encoding: .utf8) == first)
        #expect(
            try String(contentsOfFile: "\(data)/0002.json", encoding: .utf8)
                == "{\n  \"Items\": [],\n  \"Count\": 0,\n  \"ScannedCount\": 1\n}")
    }

    @Test func oldDumpsAreReadWithTheirBlanksAndOrder() throws {
        let folder = try TestFolder()
        _ = try folder.write(#"{"Table": {"TableName": "old", "CreationDateTime": 1416328312.0}}"#, to: "old/schema.json")
        _ = try folder.write(
            "{\"Count\": 1, \n\"ScannedCount\": 1, \n\"Items\": [{\"id\": {\"S\": \"a b\"}, \n\"n\": {\"N\": \"1\"}}]}",
            to: "old/data/0001.json")
        let table = try #require(try DumpReader(opening: folder.path).tables.first)
        #expect(try Sample.read(table) == [#"{"id":{"S":"a b"},"n":{"N":"1"}}"#])
    }

    @Test func theTenThousandthPageComesLast() throws {
        let folder = try TestFolder()
        _ = try folder.write(#"{"Table": {"TableName": "t"}}"#, to: "t/schema.json")
        for number in 1...10_000 { _ = try folder.write([], to: "t/data/\(String(format: "%04d", number)).json") }
        let parts = try #require(try DumpReader(opening: folder.path).tables.first).parts
        #expect(parts.map(\.file).suffix(2) == ["t/data/9999.json", "t/data/10000.json"])
    }

    @Test(arguments: [[], ["0002"], ["0001", "0003"], ["0000", "0001"], ["0001", "00002"]]) func noPageMayBeMissing(_ names: [String])
        throws
    {
        let folder = try TestFolder()
        _ = try folder.write(#"{"Table": {"TableName": "t"}}"#, to: "t/schema.json")
        for name in names { _ = try folder.write(#"{"Items": []}"#, to: "t/data/\(name).json") }
        let error = #expect(throws: DumpError.self) { try DumpReader(opening: folder.path) }
        #expect(error?.file == (names.first == "0001" ? "t/data/0002.json" : "t/data/0001.json"))
    }

    @Test func theLastPageSaysThatItIsTheLast() throws {
        let folder = try TestFolder()
        _ = try folder.write(#"{"Table": {"TableName": "t"}}"#, to: "t/schema.json")
        let more = #"{"LastEvaluatedKey": {"id": {"S": "a"}}, "Items": [{"id": {"S": "a"}}], "Count": 1}"#
        _ = try folder.write(more, to: "t/data/0001.json")
        #expect(!Inspection(path: folder.path).isSound)
        _ = try folder.write(#"{"Items": [], "LastEvaluatedKey": {"id": {"S": "a"}}}"#, to: "t/data/0001.json")
        #expect(!Inspection(path: folder.path).isSound)
        _ = try folder.write(more, to: "t/data/0001.json")
        _ = try folder.write(#"{"Items": []}"#, to: "t/data/0002.json")
        #expect(Inspection(path: folder.path).isSound)
    }
}
