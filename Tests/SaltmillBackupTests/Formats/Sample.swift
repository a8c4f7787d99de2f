import Foundation
import SaltmillBackup
import SaltmillBytes
import SaltmillItems

/// Tables and items for the tests of formats, and a folder that goes away with the test.
enum Sample {
    static let began = 1_604_474_914.028
    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures").standardized

    static let table: JSONValue = [
        "TableName": "answers", "TableStatus": "ACTIVE", "KeySchema": [["AttributeName": "id", "KeyType": "HASH"]],
        "AttributeDefinitions": [["AttributeType": "S", "AttributeName": "id"]],
        "TableArn": "arn:aws:dynamodb:us-east-1:123456789012:table/answers", "TableId": "12345a12-abcd-123a-ab12-1234abc12345",
        "CreationDateTime": 1517103019.926, "BillingModeSummary": ["BillingMode": "PAY_PER_REQUEST"], "ItemCount": 3, "TableSizeBytes": 100,
        "StreamSpecification": ["StreamEnabled": true, "StreamViewType": "NEW_IMAGE"], "DeletionProtectionEnabled": true,
    ]

    /// Items of every type, with numbers of 38 digits, empty texts and binaries, and characters at Unicode's edges.
    static let items: [String] = [
        #"{"id":{"S":"every"},"n":{"N":"-12.50"},"b":{"B":"AAEC/w=="},"t":{"BOOL":true},"f":{"BOOL":false},"z":{"NULL":true},"ss":{"SS":["b","a",""]},"ns":{"NS":["2","10"]},"bs":{"BS":["Ag==","AQ==",""]},"l":{"L":[{"S":"x"},{"L":[]},{"M":{"deep":{"B":"AAEC"}}}]},"m":{"M":{"z":{"N":"0"},"a":{"M":{}}}}}"#,
        #"{"id":{"S":"numbers"},"a":{"N":"12345678901234567890123456789012345678"},"b":{"N":"0.00000000000000000001"},"c":{"NS":["99999999999999999999999999999999999999","1"]}}"#,
        #"{"id":{"S":"empty"},"s":{"S":""},"b":{"B":""},"":{"S":"no name"}}"#,
        "{\"id\":{\"S\":\"unicode\"},\"\u{10FFFF}\":{\"S\":\"\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}😀e\u{301}\u{2028}\"},\"c\":{\"S\":\"\\u0000\\b\\t\\n\\f\\r\\u001f\\\"\\\\/<>&\"}}",
        #"{"id":{"S":"large"},"text":{"S":"\#(String(repeating: "0123456789abcdef", count: 25_000))"}}"#,
    ]

    static func facts(_ tables: [String] = ["answers"]) -> DumpFacts {
        var settings = TableSettings(description: table)
        settings.timeToLive = "expires"
        settings.tags = [TableSettings.Tag("team", "pairs"), TableSettings.Tag("a:b", "")]
        settings.pointInTimeRecovery = true
        settings.recoveryDays = 35
        settings.missing = ["resource_policy": "access denied"]
        return DumpFacts(
            began: began, ended: began + 60.5, isConsistent: true, segments: 2, filter: "a = :b", settings: settings, dumpID: "d-1",
            tables: tables)
    }

    static func digest(_ items: [String]) throws -> ItemDigest {
        var digester = ItemDigester()
        for item in items {
            let bytes = Array(item.utf8)
            try digester.add(bytes.span)
        }
        return digester.digest
    }

    /// Writes a dump of pages, each page a part.
    @discardableResult
    static func write(
        _ pages: [[String]], to path: String, options: DumpOptions = DumpOptions(), table: JSONValue = table, tables: [String] = ["answers"]
    ) throws -> DumpManifest {
        let folder = try DumpFolder(path: path, resume: false)
        let manifest = try write(pages, to: folder, options: options, table: table, tables: tables)
        try folder.commit()
        return manifest
    }

    static func write(
        _ pages: [[String]], to destination: any DumpDestination, options: DumpOptions = DumpOptions(), table: JSONValue = table,
        tables: [String] = ["answers"]
    ) throws -> DumpManifest {
        let writer = try TableDumpWriter(to: destination, table: table, began: began, options: options)
        var parts: [DumpPart] = []
        for (segment, page) in pages.enumerated() {
            var part = try writer.openPart(segment: segment)
            for item in page {
                let bytes = Array(item.utf8)
                try part.append(bytes.span)
            }
            let key = Array(#"{"id":{"S":"é"}}"#.utf8)
            try part.endPage(scanned: page.count + 1, lastKey: segment + 1 < pages.count ? key.span : nil)
            parts.append(try part.close())
        }
        return try writer.finish(facts(tables), parts: parts)
    }

    /// Writes an incremental export of one data file, with two changes, into the folder `p`.
    static func writeChanges(_ lines: String, to folder: TestFolder) throws {
        _ = try folder.write(lines, to: "p/AWSDynamoDB/data/x.json")
        let md5 = Data(Digests.md5(Array(lines.utf8).span)).base64EncodedString()
        _ = try folder.write(
            #"{"itemCount":2,"md5Checksum":"\#(md5)","etag":"e-1","dataFileS3Key":"p/AWSDynamoDB/data/x.json"}"#,
            to: "p/AWSDynamoDB/0-1/manifest-files.json")
        _ = try folder.write(
            #"{"version":"2023-08-01","tableArn":"arn:aws:dynamodb:x:1:table/t","exportType":"INCREMENTAL_EXPORT","outputView":"NEW_AND_OLD_IMAGES","itemCount":2,"outputFormat":"DYNAMODB_JSON"}"#,
            to: "p/AWSDynamoDB/0-1/manifest-summary.json")
    }

    /// All items of a table as texts, each part read to its end.
    static func read(_ table: DumpedTable) throws -> [String] {
        var items: [String] = []
        for part in table.parts.indices {
            var reader = try table.open(part)
            while let item = try reader.next() {
                if let fault = item.fault { throw fault }
                items.append(reader.withItem { String(decoding: $0.array, as: UTF8.self) })
            }
        }
        return items
    }
}

/// A folder of a test, removed with it.
final class TestFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "saltmill-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ content: String, to name: String) throws -> String { try write(Array(content.utf8), to: name) }

    func write(_ content: [UInt8], to name: String) throws -> String {
        let url = URL(filePath: "\(path)/\(name)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content).write(to: url)
        return url.path
    }
}
