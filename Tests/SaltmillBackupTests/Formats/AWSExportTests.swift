import Foundation
import SaltmillBackup
import SaltmillBytes
import Testing

@Suite struct AWSExportTests {
    private let id = "01604474914028-b3d9a1fc"

    private func write(_ folder: TestFolder) throws -> String {
        try Sample.write([[#"{"id":{"S":"a"}}"#, #"{"id":{"S":"b"}}"#], []], to: "\(folder.path)/dump")
        return "\(folder.path)/dump/answers/AWSDynamoDB"
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func itsFilesAreThoseOfTheService() throws {
        let folder = try TestFolder()
        let root = try write(folder)
        let names = try FileManager.default.subpathsOfDirectory(atPath: root).sorted()
        let id = try #require(names.first)
        #expect(id.wholeMatch(of: /01604474914028-[0-9a-f]{8}/) != nil)
        #expect(
            names
                == [
                    "", "/_started", "/data", "/data/0000-00000001.json.gz", "/data/0001-00000002.json.gz", "/manifest-files.json",
                    "/manifest-files.md5", "/manifest-summary.json", "/manifest-summary.md5",
                ].map { id + $0 })
        #expect(try text("\(root)/\(id)/_started").isEmpty)
        let summary = try text("\(root)/\(id)/manifest-summary.json")
        let expected =
            #"{"version":"2020-06-30","exportArn":"arn:aws:dynamodb:us-east-1:123456789012:table/answers/export/\#(id)","startTime":"2020-11-04T07:28:34.028Z","endTime":"2020-11-04T07:29:34.528Z","tableArn":"arn:aws:dynamodb:us-east-1:123456789012:table/answers","tableId":"12345a12-abcd-123a-ab12-1234abc12345","exportTime":"2020-11-04T07:28:34.028Z","s3Bucket":null,"s3Prefix":null,"s3SseAlgorithm":null,"s3SseKmsKeyId":null,"manifestFilesS3Key":"AWSDynamoDB/\#(id)/manifest-files.json","billedSizeBytes":100,"itemCount":2,"outputFormat":"DYNAMODB_JSON"}"#
        #expect(summary == expected)
        for stem in ["manifest-summary", "manifest-files"] {
            let content = Array(try text("\(root)/\(id)/\(stem).json").utf8)
            #expect(try text("\(root)/\(id)/\(stem).md5") == Data(Digests.md5(content.span)).base64EncodedString())
        }
        let lines = try text("\(root)/\(id)/manifest-files.json").split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 3 && lines[2].isEmpty)
        let data = [UInt8](try Data(contentsOf: URL(filePath: "\(root)/\(id)/data/0000-00000001.json.gz")))
        let md5 = Digests.md5(data.span)
        #expect(
            lines[0]
                == #"{"itemCount":2,"md5Checksum":"\#(Data(md5).base64EncodedString())","etag":"\#(HexText.text(Digests.md5(md5.span).span))-1","dataFileS3Key":"AWSDynamoDB/\#(id)/data/0000-00000001.json.gz"}"#
        )
        #expect(try expand(data) == "{\"Item\":{\"id\":{\"S\":\"a\"}}}\n{\"Item\":{\"id\":{\"S\":\"b\"}}}\n")
    }

    private func expand(_ bytes: [UInt8]) throws -> String {
        var decoder = GzipDecoder()
        var output = [UInt8](repeating: 0, count: 1 << 16)
        let filled = try output.withUnsafeMutableBytes { try decoder.decode(bytes.span, into: $0).filled }
        try decoder.finish()
        return String(decoding: output[..<filled], as: UTF8.self)
    }

    /// Without our manifest it is an export like any other; it may have been downloaded with or without the folder around it.
    @Test func exportsOfTheServiceAreRead() throws {
        let folder = try TestFolder()
        let root = try write(folder)
        try FileManager.default.removeItem(atPath: "\(folder.path)/dump/answers/saltmill-manifest.json")
        let id = try #require(try FileManager.default.contentsOfDirectory(atPath: root).first)
        for path in ["\(folder.path)/dump", "\(folder.path)/dump/answers", "\(root)/\(id)"] {
            let table = try #require(try DumpReader(opening: path).tables.first)
            #expect(table.format == .aws && table.name == "answers" && table.description == nil && table.expected.count == 2)
            #expect(try Sample.read(table) == [#"{"id":{"S":"a"}}"#, #"{"id":{"S":"b"}}"#])
        }
        // The guide's name of the checksum files.
        for stem in ["manifest-summary", "manifest-files"] {
            try FileManager.default.moveItem(atPath: "\(root)/\(id)/\(stem).md5", toPath: "\(root)/\(id)/\(stem).checksum")
        }
        #expect(try DumpReader(opening: folder.path + "/dump").tables.count == 1)
        _ = try folder.write("AAAA", to: "dump/answers/AWSDynamoDB/\(id)/manifest-files.checksum")
        #expect(throws: DumpError.self) { try DumpReader(opening: folder.path + "/dump") }
    }

    @Test func changesArePutOrDeleted() throws {
        let folder = try TestFolder()
        let lines = """
            {"Metadata":{"WriteTimestampMicros":{"N":"1"}},"Keys":{"id":{"S":"a"}},"OldImage":{"id":{"S":"a"}},"NewImage":{"id":{"S":"a"},"n":{"N":"2"}}}
            {"Metadata":{"WriteTimestampMicros":{"N":"2"}},"Keys":{"id":{"S":"b"}},"OldImage":{"id":{"S":"b"},"n":{"N":"1"}}}

            """
        try Sample.writeChanges(lines, to: folder)
        for path in ["\(folder.path)/p", "\(folder.path)/p/AWSDynamoDB/0-1"] {
            let table = try #require(try DumpReader(opening: path).tables.first)
            #expect(table.format == .awsIncremental)
            var reader = try table.open(0)
            let put = try #require(try reader.next())
            #expect(put.kind == .put && put.offset == 0)
            #expect(reader.withItem { String(decoding: $0.array, as: UTF8.self) } == #"{"id":{"S":"a"},"n":{"N":"2"}}"#)
            let delete = try #require(try reader.next())
            #expect(delete.kind == .delete)
            #expect(reader.withItem { String(decoding: $0.array, as: UTF8.self) } == #"{"id":{"S":"b"}}"#)
            let end = try reader.next()
            #expect(end == nil)
        }
        // Without the manifest nothing tells which of several files is the older one.
        for path in ["\(folder.path)/p/AWSDynamoDB/data", "\(folder.path)/p/AWSDynamoDB/data/x.json"] {
            #expect(#expect(throws: DumpError.self) { try DumpReader(opening: path) }?.message.contains("manifest") == true)
        }
    }

    @Test(arguments: ["AWSDynamoDB/../../etc/passwd", "/etc/passwd", "p/AWSDynamoDB/0-1/data/../../x", "x.json", "AWSDynamoDB//x"])
    func pathsOutOfTheExportAreRefused(_ key: String) throws {
        let folder = try TestFolder()
        _ = try folder.write(#"{"itemCount":0,"dataFileS3Key":"\#(key)"}"#, to: "manifest-files.json")
        _ = try folder.write(#"{"version":"2020-06-30","itemCount":0,"outputFormat":"DYNAMODB_JSON"}"#, to: "manifest-summary.json")
        #expect(throws: DumpError.self) { try DumpReader(opening: folder.path) }
    }

    @Test(arguments: ["9223372036854775807", "9007199254740992", "-1"]) func countsThatNoTableHasAreRefused(_ count: String) throws {
        let folder = try TestFolder()
        for name in ["a", "b"] { _ = try folder.write([], to: "data/\(name).json") }
        let lines = ["a", "b"].map { #"{"itemCount":\#(count),"dataFileS3Key":"AWSDynamoDB/0-1/data/\#($0).json"}"# }
        _ = try folder.write(lines.joined(separator: "\n"), to: "manifest-files.json")
        _ = try folder.write(#"{"version":"2020-06-30","itemCount":-2,"outputFormat":"DYNAMODB_JSON"}"#, to: "manifest-summary.json")
        let error = #expect(throws: DumpError.self) { try DumpReader(opening: folder.path) }
        #expect(error?.file == "manifest-files.json" && error?.message.contains("2^53") == true)
    }
}
