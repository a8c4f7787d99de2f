import Foundation
import SaltmillBackup
import SaltmillBytes
import SaltmillItems
import Testing

@Suite struct CorruptionTests {
    private func read(_ path: String) throws {
        for table in try DumpReader(opening: path).tables { _ = try Sample.read(table) }
    }

    private func dump(_ folder: TestFolder, _ format: DumpFormat) throws -> [String] {
        try Sample.write([Array(Sample.items[..<3]), [Sample.items[3]]], to: "\(folder.path)/dump", options: DumpOptions(format: format))
        try read("\(folder.path)/dump")
        return try FileManager.default.subpathsOfDirectory(atPath: "\(folder.path)/dump").map { "\(folder.path)/dump/\($0)" }
            .filter { FileManager.default.contents(atPath: $0).map { !$0.isEmpty } ?? false }
    }

    @Test(arguments: RoundTripTests.formats) func everyTruncationIsFound(_ format: DumpFormat) throws {
        let folder = try TestFolder()
        for file in try dump(folder, format) {
            let whole = [UInt8](try Data(contentsOf: URL(filePath: file)))
            // What is not text of ours has no byte too many; ours and dynamodump's schema are read leniently at their very end.
            let lengths = file.hasSuffix("saltmill-manifest.json") ? 0..<(whole.count - 1) : 0..<whole.count
            for length in lengths where length % (whole.count > 100 ? 17 : 1) == 0 || length + 12 > whole.count {
                try Data(whole[..<length]).write(to: URL(filePath: file))
                #expect(throws: (any Error).self, "\(file) cut to \(length)") { try read("\(folder.path)/dump") }
            }
            try FileManager.default.removeItem(atPath: file)
            if file.hasSuffix("md5") || file.hasSuffix("manifest.json") {
                // A checksum's file may be missing, and a dump without our manifest is one of another program.
                try read("\(folder.path)/dump")
            } else {
                #expect(throws: (any Error).self, "\(file) removed") { try read("\(folder.path)/dump") }
            }
            try Data(whole).write(to: URL(filePath: file))
            try read("\(folder.path)/dump")
        }
    }

    @Test(arguments: RoundTripTests.formats) func everyBitFlipInADataFileIsFound(_ format: DumpFormat) throws {
        let folder = try TestFolder()
        for file in try dump(folder, format) where file.contains("/data/") || file.contains("manifest-") {
            let whole = [UInt8](try Data(contentsOf: URL(filePath: file)))
            for position in stride(from: 0, to: whole.count, by: whole.count > 100 ? 19 : 1) {
                var bytes = whole
                bytes[position] ^= 1 << UInt8(position % 8)
                try Data(bytes).write(to: URL(filePath: file))
                #expect(throws: (any Error).self, "\(file), byte \(position)") { try read("\(folder.path)/dump") }
            }
            try Data(whole).write(to: URL(filePath: file))
        }
    }

    @Test func errorsNameTheFileAndThePlace() throws {
        let folder = try TestFolder()
        _ = try folder.write(#"{"Table":{"TableName":"t"}}"#, to: "t/schema.json")
        _ = try folder.write(#"{"Items": [{"id": {"S": "a"}}, {"id": {"S": "b"}, ]}"#, to: "t/data/0001.json")
        let error = #expect(throws: DumpError.self) { try read(folder.path) }
        #expect(error?.file == "t/data/0001.json" && error?.offset == 31)
        _ = try folder.write(#"{"Items": [{"id": {"S": "a"}}], "Count": 2}"#, to: "t/data/0001.json")
        #expect(#expect(throws: DumpError.self) { try read(folder.path) }?.message.contains("2") == true)
        for text in ["{\"Items\": [] } x", "{\"Items\": [], \"Items\": []}", "{}", "[]", "{\"Items\": [ , ]}", "{\"Items\": []"] {
            _ = try folder.write(text, to: "t/data/0001.json")
            #expect(throws: (any Error).self, "\(text)") { try read(folder.path) }
        }
    }

    @Test func foreignFilesAndVersionsAreRefused() throws {
        let folder = try TestFolder()
        _ = try dump(folder, .dynamodump)
        let stray = try folder.write("{\"Items\": []}", to: "dump/answers/data/0003.json")
        #expect(throws: DumpError.self) { try read("\(folder.path)/dump") }
        try FileManager.default.removeItem(atPath: stray)
        let path = "\(folder.path)/dump/answers/saltmill-manifest.json"
        let manifest = try String(contentsOfFile: path, encoding: .utf8)
        for (old, new) in [
            ("\"version\": 1", "\"version\": 2"), ("\"complete\": true", "\"complete\": false"), ("\"items\": 4", "\"items\": 5"),
            ("\"dynamodump\"", "\"aws\""), ("\"items\": 3", "\"items\": 9223372036854775807"),
        ] {
            #expect(manifest.contains(old))
            try manifest.replacingOccurrences(of: old, with: new).write(toFile: path, atomically: false, encoding: .utf8)
            #expect(throws: DumpError.self, "\(new)") { try read("\(folder.path)/dump") }
        }
        try manifest.replacingOccurrences(of: "\"program\"", with: "\"p\"").write(toFile: path, atomically: false, encoding: .utf8)
        #expect(#expect(throws: DumpError.self) { try read("\(folder.path)/dump") }?.message.hasPrefix("program must") == true)
    }

    /// A small file must not become a large one in memory.
    @Test func manifestsAreNotExpanded() throws {
        let folder = try TestFolder()
        _ = try dump(folder, .dynamodump)
        let path = "\(folder.path)/dump/answers/saltmill-manifest.json"
        let manifest = [UInt8](try Data(contentsOf: URL(filePath: path)))
        var compressed: [UInt8] = []
        var encoder = GzipEncoder(level: 1)
        encoder.append(manifest.span, to: &compressed)
        encoder.finish(to: &compressed)
        try Data(compressed).write(to: URL(filePath: path))
        #expect(throws: DumpError.self) { try read("\(folder.path)/dump") }
        try Data(manifest).write(to: URL(filePath: path))
        _ = try folder.write(
            #"{"Table":{"TableName":"answers","x":["# + String(repeating: "0,", count: 600_000) + "0]}}", to: "dump/answers/schema.json")
        #expect(#expect(throws: DumpError.self) { try read("\(folder.path)/dump") }?.message.contains("1 MB") == true)
    }

    @Test func aFileThatIsNamedGzipIsGzip() throws {
        let folder = try TestFolder()
        for content in ["", #"{"id":{"S":"a"}}"#] {
            let path = try folder.write(content, to: "x.json.gz")
            #expect(throws: DumpError.self) { try read(path) }
            #expect(throws: DumpError.self) { try read(folder.path) }
        }
    }
}
