import SaltmillBytes
import SaltmillItems

/// Names and manifests of DynamoDB's own export to S3 (Amazon DynamoDB Developer Guide, "DynamoDB table export output format").
struct AWSExport: Sendable {
    static let version = "2020-06-30"

    /// When the export was begun, in seconds since 1970.
    let began: Double
    /// Milliseconds since 1970 in 14 digits, a dash, eight hexadecimal digits.
    let id: String
    let table: JSONValue

    init(table: JSONValue, began: Double) {
        self.table = table
        self.began = began
        let milliseconds = String(Int((began * 1000).rounded()))
        let identity = (table["TableArn"]?.string ?? "") + (table["TableId"]?.string ?? "") + (table["TableName"]?.string ?? "")
        let hash = Digests.sha256(Array(identity.utf8).span).description.prefix(8)
        id = String(repeating: "0", count: max(0, 14 - milliseconds.count)) + milliseconds + "-" + hash
    }

    /// The export's folder, relative to the table's.
    var folder: String { "AWSDynamoDB/\(id)" }

    /// One line of `manifest-files.json`.
    private func line(_ part: DumpPart) -> JSONValue {
        // S3's entity tag of an object that was uploaded in one part: the MD5 of that part's MD5.
        let etag = HexText.text(Digests.md5(part.md5.span).span) + "-1"
        return [
            "itemCount": .integer(part.digest.count), "md5Checksum": .string(Self.base64(part.md5)), "etag": .string(etag),
            "dataFileS3Key": .string(part.file),
        ]
    }

    /// The content of `manifest-files.json`.
    func files(_ parts: [DumpPart]) -> [UInt8] {
        var output: [UInt8] = []
        for part in parts {
            line(part).write(to: &output)
            output.append(0x0A)
        }
        return output
    }

    /// The content of `manifest-summary.json`.
    func summary(_ parts: [DumpPart], ended: Double) -> [UInt8] {
        let tableARN = table["TableArn"]?.string ?? "arn:aws:dynamodb:::table/\(table["TableName"]?.string ?? "")"
        let json: JSONValue = [
            "version": .string(Self.version), "exportArn": .string("\(tableARN)/export/\(id)"),
            "startTime": .string(Timestamp.text(began)), "endTime": .string(Timestamp.text(ended)), "tableArn": .string(tableARN),
            "tableId": JSONValue(table["TableId"]?.string), "exportTime": .string(Timestamp.text(began)), "s3Bucket": .null,
            "s3Prefix": .null, "s3SseAlgorithm": .null, "s3SseKmsKeyId": .null,
            "manifestFilesS3Key": .string("\(folder)/manifest-files.json"),
            "billedSizeBytes": .integer(table["TableSizeBytes"]?.int ?? 0),
            "itemCount": .integer(parts.reduce(0) { $0 + $1.digest.count }), "outputFormat": "DYNAMODB_JSON",
        ]
        return json.bytes
    }

    /// The content of the checksum file beside a manifest.
    static func checksum(_ content: [UInt8]) -> [UInt8] { checksum(md5: Digests.md5(content.span)) }

    static func checksum(md5: [UInt8]) -> [UInt8] { Array(base64(md5).utf8) }

    private static func base64(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        Base64.append(encoding: bytes.span, to: &output)
        return String(decoding: output, as: UTF8.self)
    }
}
