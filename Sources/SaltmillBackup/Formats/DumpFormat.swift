/// The shapes that a table's items and schema have on disk.
package enum DumpFormat: String, Sendable, CaseIterable {
    /// DynamoDB's own full export to S3 in DynamoDB JSON.
    case aws
    /// bchew/dynamodump.
    case dynamodump
    /// DynamoDB's own incremental export to S3: changes, not items.
    case awsIncremental = "aws-incremental"
    /// What AWS Data Pipeline and the EMR connector's export tool wrote.
    case dataPipeline = "data-pipeline"
    /// mifi/dynamodump.
    case mifi
    /// One item in DynamoDB JSON on each line, bare or as `{"Item":…}`.
    case jsonLines = "json-lines"

    /// The others can only be read.
    package var isWritable: Bool { self == .aws || self == .dynamodump }
}

/// How a dump is written.
package struct DumpOptions: Sendable {
    package var format = DumpFormat.aws
    /// gzip level, 0 to 9.
    package var level: Int
    /// Length in bytes of items' JSON after which a part is full.
    package var partBytes = 32 << 20

    package init(format: DumpFormat = .aws, level: Int = 1) {
        self.format = format
        self.level = level
    }
}
